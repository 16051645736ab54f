import type { ActorClaim } from '../grant/delegation.ts'
import type { AuthorizationDetail } from '../port/authorization-store.ts'
import type { AccessToken } from './access-token.ts'
import { type Confirmation, confirmationMatches } from './confirmation.ts'
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
  const { iss, exp, aud, sub, client_id, iat, jti, scope, cnf, authorization_id, authorization_details, act } =
    verified.claims as Readonly<Partial<Record<string, unknown>>>
  if (iss !== issuer || typeof exp !== 'number' || typeof iat !== 'number') return undefined
  if (typeof sub !== 'string' || typeof client_id !== 'string' || typeof jti !== 'string') return undefined
  const audience: unknown = typeof aud === 'string' ? [aud] : aud
  if (!isTextList(audience) || (scope !== undefined && typeof scope !== 'string')) return undefined
  if (authorization_id !== undefined && typeof authorization_id !== 'string') return undefined
  const token = {
    clientId: client_id,
    subject: sub,
    scope: scope === undefined ? [] : scope.split(' '),
    audience,
    issuedAt: iat,
    expiresAt: exp,
    ...(authorization_id === undefined ? undefined : { authorizationId: authorization_id }),
    ...(authorization_details === undefined
      ? undefined
      : { authorizationDetails: authorization_details as readonly AuthorizationDetail[] }),
    ...(act === undefined ? undefined : { actor: act as ActorClaim }),
  }
  if (cnf === undefined) return { token, jti }
  const confirmation = boundTo(cnf)
  return confirmation === undefined ? undefined : { token: { ...token, confirmation }, jti }
}

function boundTo(cnf: unknown): Confirmation | undefined {
  if (typeof cnf !== 'object' || cnf === null) return undefined
  const { 'x5t#S256': certificate, jkt } = cnf as Readonly<Partial<Record<'x5t#S256' | 'jkt', unknown>>>
  const [known] = [certificate, jkt].filter((one) => typeof one === 'string')
  return confirmationMatches(cnf as Readonly<Record<string, unknown>>, known, known).ok
    ? (cnf as Confirmation)
    : undefined
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string')
}
