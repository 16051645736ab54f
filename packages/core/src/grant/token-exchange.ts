import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import { parseScope } from '../client-registration/scope.ts'
import type { AuthorizationDetail } from '../port/authorization-store.ts'
import type { DelegatedGrantFailure } from '../protocol-error/delegated-grant-failure.ts'
import type { GrantFailure, RequestFailure } from '../protocol-error/failure.ts'
import { type AuthorizedGrant, authorizedGrant } from './authorized-grant.ts'
import type { ActorClaim } from './delegation.ts'
import { grantedAudience } from './granted-audience.ts'
import { psd2Scope } from './psd2-scope.ts'

/** A token that stands, brought to be exchanged. */
export interface ExchangedToken {
  readonly clientId: string
  /** As the caller may know the person. */
  readonly subject: string
  readonly scope: readonly string[]
  readonly audience: readonly string[]
  readonly expiresAt: number
  readonly bound: 'by_what_came_along' | 'by_something_else' | 'not_at_all'
  readonly authorizationId: string | undefined
  readonly authorizationDetails: readonly AuthorizationDetail[] | undefined
  readonly actor: ActorClaim | undefined
}

/** What of a token exchange request is looked at before any token. */
export interface TokenExchangeRequest {
  readonly subjectToken: string
  readonly actorToken: string | undefined
}

/** Reads a token exchange request (RFC 8693 §2.1): access tokens of ours against access tokens of ours. */
export function tokenExchangeRequest(
  form: ReadonlyMap<string, string>,
): Result<TokenExchangeRequest, DelegatedGrantFailure | RequestFailure> {
  for (const parameter of ['subject_token', 'subject_token_type']) {
    if (!form.has(parameter)) return fail({ reason: 'parameter_missing', parameter })
  }
  const actorToken = form.get('actor_token')
  if ((actorToken === undefined) !== !form.has('actor_token_type')) {
    const parameter = actorToken === undefined ? 'actor_token' : 'actor_token_type'
    return fail({ reason: 'parameter_missing', parameter })
  }
  for (const parameter of ['subject_token_type', 'actor_token_type', 'requested_token_type']) {
    const presented = form.get(parameter)
    if (presented !== undefined && presented !== accessTokenType) {
      return fail({ reason: 'token_type_unsupported', parameter, presented: presented.slice(0, maximumShown) })
    }
  }
  return ok({ subjectToken: form.get('subject_token') ?? '', actorToken })
}

/**
 * Decides what a token is exchanged for.
 *
 * RFC 8693 §2.1, §4.1. Only the client that a token was issued to may exchange it, or a resource that it is for and that
 * answers for this audience by name. A bound token needs its certificate or proof, unless such a resource brings it, which has
 * checked that itself. The new token never says more than the old one, nor lives longer; who acts stands in `act`.
 */
export function tokenExchange(
  form: ReadonlyMap<string, string>,
  authenticated: AuthenticatedClient,
  subject: ExchangedToken,
  actor: ExchangedToken | undefined,
  defaultAudience: readonly string[],
): Result<AuthorizedGrant, DelegatedGrantFailure | GrantFailure> {
  const { client } = authenticated
  const addressed = subject.audience.some(
    (audience) => audience === client.clientId || client.introspectionAudience.includes(audience),
  )
  if (subject.clientId !== client.clientId && !addressed) {
    return fail({ reason: 'exchange_not_allowed', problem: 'not_addressed' })
  }
  if (subject.bound === 'by_something_else' && !addressed) {
    return fail({ reason: 'subject_token_refused', parameter: 'subject_token', problem: 'bound_and_without_its_proof' })
  }
  if (actor !== undefined && (actor.clientId !== client.clientId || actor.bound === 'by_something_else')) {
    return fail({ reason: 'subject_token_refused', parameter: 'actor_token', problem: 'not_of_the_caller' })
  }
  const target = form.get('resource') ?? form.get('audience')
  const audience = grantedAudience(target, client.resource, defaultAudience)
  if (!audience.ok) return audience
  const requested = form.get('scope')
  const exchanged = exchangedScope(requested, subject.scope, client.scope)
  if (!exchanged.ok) return exchanged
  const scope = psd2Scope(exchanged.value, requested === undefined ? 'for-the-default' : 'for-this', authenticated)
  if (!scope.ok) return scope
  const { authorizationId, authorizationDetails, expiresAt } = subject
  const acts = actingParty(authenticated, subject, actor)
  return ok(
    authorizedGrant({
      grantType: 'urn:ietf:params:oauth:grant-type:token-exchange',
      authenticated,
      subject: subject.subject,
      scope: scope.value,
      audience: audience.value,
      delegation: {
        expiresAt,
        ...(authorizationId === undefined ? undefined : { authorizationId }),
        ...(authorizationDetails === undefined ? undefined : { authorizationDetails }),
        ...(acts === undefined ? undefined : { actor: acts }),
      },
    }),
  )
}

/** Nobody acts where a client exchanges its own token; else the caller does, or the actor that it shows. */
function actingParty(
  { client }: AuthenticatedClient,
  subject: ExchangedToken,
  actor: ExchangedToken | undefined,
): ActorClaim | undefined {
  const before = subject.actor === undefined ? undefined : { act: subject.actor }
  if (actor !== undefined) return { sub: actor.subject, client_id: client.clientId, ...before }
  return subject.clientId === client.clientId ? subject.actor : { sub: client.clientId, ...before }
}

function exchangedScope(
  requested: string | undefined,
  of: readonly string[],
  registered: readonly string[],
): Result<readonly string[], DelegatedGrantFailure | GrantFailure> {
  const most = of.filter((value) => registered.includes(value))
  if (requested === undefined) return ok(most)
  const scope = parseScope(requested)
  if (!scope.ok) return scope
  const refused = scope.value.filter((value) => !most.includes(value)).slice(0, maximumListed)
  return refused.length === 0 ? scope : fail({ reason: 'scope_exceeds_grant', refused, granted: most })
}

/** RFC 8693 §3. */
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'

/** Facts of a refusal go into every log record. */
const maximumShown = 100
const maximumListed = 20
