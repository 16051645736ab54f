import type { AuthorizedGrant } from '../grant/authorized-grant.ts'
import type { ActorClaim } from '../grant/delegation.ts'
import type { AuthorizationDetail } from '../port/authorization-store.ts'
import type { Confirmation } from './confirmation.ts'
import type { TokenBinding } from './token-binding.ts'

/** What an access token says, whichever form it takes. Times in epoch seconds. */
export interface AccessToken {
  readonly clientId: string
  readonly subject: string
  readonly scope: readonly string[]
  readonly audience: readonly string[]
  readonly issuedAt: number
  readonly expiresAt: number
  readonly confirmation?: Confirmation
  /** The authorization of a person that it was issued from, and with which it ends. */
  readonly authorizationId?: string
  /** RFC 9396, as granted. */
  readonly authorizationDetails?: readonly AuthorizationDetail[]
  /** RFC 8693 §4.1. */
  readonly actor?: ActorClaim
}

/** Makes the token that a grant earns. `lifetime` in seconds; what a person allowed ends with the authorization at the latest. */
export function accessToken(grant: AuthorizedGrant, binding: TokenBinding, lifetime: number, now: number): AccessToken {
  const token = {
    clientId: grant.authenticated.client.clientId,
    subject: grant.subject,
    scope: grant.scope,
    audience: grant.audience,
    issuedAt: now,
    expiresAt: now + lifetime,
  }
  const bound = binding.confirmation === undefined ? token : { ...token, confirmation: binding.confirmation }
  const { delegation } = grant
  if (delegation === undefined) return bound
  const { authorizationId, authorizationDetails, actor, expiresAt } = delegation
  return {
    ...bound,
    expiresAt: expiresAt === undefined ? bound.expiresAt : Math.min(bound.expiresAt, expiresAt),
    ...(authorizationId === undefined ? undefined : { authorizationId }),
    ...(authorizationDetails === undefined ? undefined : { authorizationDetails }),
    ...(actor === undefined ? undefined : { actor }),
  }
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
  /** Ours: the authorization behind the token; says nothing to anybody else. */
  readonly authorization_id?: string
  readonly authorization_details?: readonly AuthorizationDetail[]
  readonly act?: ActorClaim
}

/** Puts an access token into the claims of RFC 9068 §2.2. */
export function accessTokenClaims(token: AccessToken, issuer: string, jti: string): AccessTokenClaims {
  const { audience, scope, confirmation } = token
  const claims: { -readonly [Name in keyof AccessTokenClaims]: AccessTokenClaims[Name] } = {
    iss: issuer,
    exp: token.expiresAt,
    aud: audience.length === 1 ? audience[0]! : audience,
    sub: token.subject,
    client_id: token.clientId,
    iat: token.issuedAt,
    jti,
  }
  if (scope.length > 0) claims.scope = scope.join(' ')
  if (confirmation !== undefined) claims.cnf = confirmation
  const { authorizationId, authorizationDetails, actor } = token
  if (authorizationId === undefined && actor === undefined) return claims
  return {
    ...claims,
    ...(authorizationId === undefined ? undefined : { authorization_id: authorizationId }),
    ...(authorizationDetails === undefined ? undefined : { authorization_details: authorizationDetails }),
    ...(actor === undefined ? undefined : { act: actor }),
  }
}
