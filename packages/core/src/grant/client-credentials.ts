import { ok, type Result } from '@holdfast/x509'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { GrantFailure } from '../protocol-error/failure.ts'
import type { AuthorizedGrant } from './authorized-grant.ts'
import { grantedAudience } from './granted-audience.ts'
import { grantedScope } from './granted-scope.ts'
import { psd2Scope } from './psd2-scope.ts'

/**
 * Decides a client credentials request (RFC 6749 §4.4): the client acts for itself, within what it registered.
 *
 * That the client may use the grant was decided by grant-type.ts.
 */
export function clientCredentials(
  form: ReadonlyMap<string, string>,
  authenticated: AuthenticatedClient,
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
  return ok({
    grantType: 'client_credentials',
    authenticated,
    subject: client.clientId,
    scope: scope.value,
    audience: audience.value,
  } as AuthorizedGrant)
}
