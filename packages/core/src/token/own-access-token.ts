import type { AccessToken } from './access-token.ts'
import { confirmationMatches } from './confirmation.ts'
import type { VerifiedToken } from './verified-token.ts'

/** A JWT access token of ours that came back. */
export interface OwnAccessToken {
  readonly token: AccessToken
  readonly jti: string
}

/**
 * Reads a token that our own key signed; `undefined` when it is something else that our key signed, or of another issuer.
 *
 * Strict: whatever access-token.ts does not write is not an access token of ours.
 */
export function ownAccessToken(verified: VerifiedToken, issuer: string): OwnAccessToken | undefined {
  if (verified.kind !== 'jwt' || verified.typ !== 'at+jwt') return undefined
  const { iss, exp, aud, sub, client_id, iat, jti, scope, cnf } = verified.claims as Readonly<
    Partial<Record<string, unknown>>
  >
  if (iss !== issuer || typeof exp !== 'number' || typeof iat !== 'number') return undefined
  if (typeof sub !== 'string' || typeof client_id !== 'string' || typeof jti !== 'string') return undefined
  const audience: unknown = typeof aud === 'string' ? [aud] : aud
  if (!isTextList(audience) || (scope !== undefined && typeof scope !== 'string')) return undefined
  const token = {
    clientId: client_id,
    subject: sub,
    scope: scope === undefined ? [] : scope.split(' '),
    audience,
    issuedAt: iat,
    expiresAt: exp,
  }
  if (cnf === undefined) return { token, jti }
  const thumbprint = boundTo(cnf)
  return thumbprint === undefined ? undefined : { token: { ...token, confirmation: { 'x5t#S256': thumbprint } }, jti }
}

function boundTo(cnf: unknown): string | undefined {
  if (typeof cnf !== 'object' || cnf === null) return undefined
  const confirmation = cnf as Readonly<Record<string, unknown>>
  const thumbprint = confirmation['x5t#S256']
  return typeof thumbprint === 'string' && confirmationMatches(confirmation, thumbprint).ok ? thumbprint : undefined
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string')
}
