import type { AuthorizedGrant } from '../grant/authorized-grant.ts'
import type { TokenBinding } from './certificate-bound-access-token.ts'
import type { Confirmation } from './confirmation.ts'

/** What an access token says, whichever form it takes. Times in epoch seconds. */
export interface AccessToken {
  readonly clientId: string
  readonly subject: string
  readonly scope: readonly string[]
  readonly audience: readonly string[]
  readonly issuedAt: number
  readonly expiresAt: number
  readonly confirmation?: Confirmation
}

/** Makes the token that a grant earns. `lifetime` in seconds. */
export function accessToken(grant: AuthorizedGrant, binding: TokenBinding, lifetime: number, now: number): AccessToken {
  const token = {
    clientId: grant.authenticated.client.clientId,
    subject: grant.subject,
    scope: grant.scope,
    audience: grant.audience,
    issuedAt: now,
    expiresAt: now + lifetime,
  }
  return binding.confirmation === undefined ? token : { ...token, confirmation: binding.confirmation }
}

/** The claims of a JWT access token (RFC 9068 §2.2, RFC 8705 §3.1). */
export interface AccessTokenClaims {
  readonly iss: string
  readonly exp: number
  readonly aud: string | readonly string[]
  readonly sub: string
  readonly client_id: string
  readonly iat: number
  readonly jti: string
  readonly scope?: string
  readonly cnf?: Confirmation
}

/** Puts an access token into the claims of RFC 9068 §2.2. */
export function accessTokenClaims(token: AccessToken, issuer: string, jti: string): AccessTokenClaims {
  return {
    iss: issuer,
    exp: token.expiresAt,
    aud: token.audience.length === 1 ? token.audience[0]! : token.audience,
    sub: token.subject,
    client_id: token.clientId,
    iat: token.issuedAt,
    jti,
    ...(token.scope.length === 0 ? undefined : { scope: token.scope.join(' ') }),
    ...(token.confirmation === undefined ? undefined : { cnf: token.confirmation }),
  }
}
