import { ok, type Result } from '@holdfast/x509'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { GrantType } from '../client-registration/registered-client.ts'
import type { GrantFailure } from '../protocol-error/failure.ts'
import { type AuthorizedGrant, authorizedGrant } from './authorized-grant.ts'
import { grantedAudience } from './granted-audience.ts'
import { grantedScope } from './granted-scope.ts'
import { psd2Scope } from './psd2-scope.ts'

/**
 * Gives a client what it asks for of what it registered, in the name of `subject`: all of it, or the part that the request names.
 *
 * RFC 6749 §3.3, RFC 8707 §2. What a person allowed is given by within-authorization.ts.
 */
export function withinRegistration(
  form: ReadonlyMap<string, string>,
  grantType: GrantType,
  authenticated: AuthenticatedClient,
  subject: string,
  defaultAudience: readonly string[],
): Result<AuthorizedGrant, GrantFailure> {
  const { client } = authenticated
  const requested = form.get('scope')
  const registered = grantedScope(requested, client.scope)
  if (!registered.ok) return registered
  const scope = psd2Scope(registered.value, requested === undefined ? 'for-the-default' : 'for-this', authenticated)
  if (!scope.ok) return scope
  const audience = grantedAudience(form.get('resource'), client.resource, defaultAudience)
  if (!audience.ok) return audience
  return ok(authorizedGrant({ grantType, authenticated, subject, scope: scope.value, audience: audience.value }))
}
