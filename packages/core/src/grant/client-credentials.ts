import type { Result } from '@holdfast/x509'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { GrantFailure } from '../protocol-error/failure.ts'
import type { AuthorizedGrant } from './authorized-grant.ts'
import { withinRegistration } from './within-registration.ts'

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
  return withinRegistration(form, 'client_credentials', authenticated, authenticated.client.clientId, defaultAudience)
}
