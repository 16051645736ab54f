import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import { isResourceIdentifier } from '../client-registration/resource-identifier.ts'
import type { GrantType } from '../client-registration/registered-client.ts'
import { parseScope } from '../client-registration/scope.ts'
import type { AuthorizationRecord } from '../port/authorization-store.ts'
import type { AuthorizationFailure } from '../protocol-error/authorization-failure.ts'
import type { DelegatedGrantFailure } from '../protocol-error/delegated-grant-failure.ts'
import type { GrantFailure } from '../protocol-error/failure.ts'
import { type AuthorizedGrant, authorizedGrant } from './authorized-grant.ts'
import { grantedDetails } from './granted-details.ts'
import { psd2Scope } from './psd2-scope.ts'

/** The authorization that a grant is made from, as it stands now. */
export interface LiveAuthorization {
  readonly id: string
  readonly record: AuthorizationRecord
  /** The person as this client knows them (OpenID Connect Core §8). */
  readonly subject: string
  /** What may be given at most: the scope of the authorization, or of the refresh token. */
  readonly scope: readonly string[]
}

/**
 * Gives a client what it asks for of what a person allowed: all of it, or the part that the request names.
 *
 * RFC 6749 §6, RFC 8707 §2.2, RFC 9396 §6. More than was allowed is refused, never left out in silence.
 */
export function withinAuthorization(
  form: ReadonlyMap<string, string>,
  grantType: GrantType,
  authenticated: AuthenticatedClient,
  authorization: LiveAuthorization,
): Result<AuthorizedGrant, DelegatedGrantFailure | AuthorizationFailure | GrantFailure> {
  const { id, record } = authorization
  const requested = grantType === 'refresh_token' ? form.get('scope') : undefined
  const narrowed = narrowedScope(requested, authorization.scope)
  if (!narrowed.ok) return narrowed
  const scope = psd2Scope(narrowed.value, requested === undefined ? 'for-the-default' : 'for-this', authenticated)
  if (!scope.ok) return scope
  const audience = narrowedAudience(form.get('resource'), record.audience)
  if (!audience.ok) return audience
  const details = grantedDetails(form.get('authorization_details'), record.authorizationDetails)
  if (!details.ok) return details
  return ok(
    authorizedGrant({
      grantType,
      authenticated,
      subject: authorization.subject,
      scope: scope.value,
      audience: audience.value,
      delegation: {
        authorizationId: id,
        expiresAt: record.expiresAt,
        ...(details.value === undefined ? undefined : { authorizationDetails: details.value }),
      },
    }),
  )
}

function narrowedScope(
  requested: string | undefined,
  granted: readonly string[],
): Result<readonly string[], DelegatedGrantFailure | GrantFailure> {
  if (requested === undefined) return ok(granted)
  const scope = parseScope(requested)
  if (!scope.ok) return scope
  const refused = scope.value.filter((value) => !granted.includes(value)).slice(0, maximumListed)
  return refused.length === 0 ? scope : fail({ reason: 'scope_exceeds_grant', refused, granted })
}

function narrowedAudience(
  requested: string | undefined,
  granted: readonly string[],
): Result<readonly string[], DelegatedGrantFailure | GrantFailure> {
  if (requested === undefined) return ok(granted)
  const presented = requested.slice(0, maximumShown)
  if (!isResourceIdentifier(requested)) return fail({ reason: 'resource_malformed', presented })
  return granted.includes(requested) ? ok([requested]) : fail({ reason: 'resource_exceeds_grant', presented, granted })
}

/** Facts of a refusal go into every log record. */
const maximumShown = 200
const maximumListed = 20
