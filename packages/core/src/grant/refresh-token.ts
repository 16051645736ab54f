import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import type { ProvenKey } from '../dpop/proven-key.ts'
import type { RefreshTokenRecord } from '../port/refresh-token-store.ts'
import type { DelegatedGrantFailure, DpopFailure } from '../protocol-error/delegated-grant-failure.ts'

/**
 * Decides whether this request may use a refresh token.
 *
 * RFC 6749 §6, RFC 8705 §4, RFC 9449 §5. One of a confidential client is bound to the client, whose certificate may change;
 * one of a public client to the certificate or key that it was issued with.
 */
export function refreshToken(
  { clientId }: Pick<RegisteredClient, 'clientId'>,
  record: RefreshTokenRecord,
  certificate: string | undefined,
  key: ProvenKey | undefined,
  now: number,
): Result<void, DelegatedGrantFailure | DpopFailure> {
  if (record.clientId !== clientId) return fail({ reason: 'refresh_token_of_another_client', owner: record.clientId })
  if (record.expiresAt <= now) return fail({ reason: 'refresh_token_expired', expiredAt: record.expiresAt, now })
  const { jkt, 'x5t#S256': bound } = record.confirmation ?? {}
  if (jkt !== undefined && jkt !== key?.thumbprint) {
    return fail({ reason: 'dpop_key_mismatch', expected: jkt, presented: key?.thumbprint })
  }
  return bound === undefined || bound === certificate
    ? ok(undefined)
    : fail({ reason: 'refresh_token_certificate_mismatch', expected: bound, presented: certificate })
}

/**
 * Whether a refresh token goes with a grant: the client registered for them, and where it may ask for `offline_access` the
 * person was asked for it (OpenID Connect Core §11).
 */
export function refreshTokenIsDue(
  client: Pick<RegisteredClient, 'grantTypes' | 'scope'>,
  scope: readonly string[],
): boolean {
  if (!client.grantTypes.includes('refresh_token')) return false
  return scope.includes('offline_access') || !scope.includes('openid') || !client.scope.includes('offline_access')
}

/**
 * How a refresh token is kept from being of use to a thief. RFC 9700 §4.14.2: `rotated` for public clients. Confidential ones
 * keep theirs, since only they can use it (FAPI 2.0 §5.3.2.1).
 */
export function refreshTokenRotation({ method }: Pick<AuthenticatedClient, 'method'>): 'rotated' | 'kept' {
  return method === 'none' ? 'rotated' : 'kept'
}
