import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { Answer } from '../protocol-error/answer.ts'
import type { AccessToken } from './access-token.ts'

/** What is known about a presented token: what it says, or why it is not active. */
export type IntrospectedToken =
  | {
      readonly active: true
      readonly kind: 'access_token' | 'refresh_token'
      readonly token: AccessToken
      readonly jti: string | undefined
    }
  | InactiveToken

/** `why` is for the operator; the caller learns only that the token is not active. */
export interface InactiveToken {
  readonly active: false
  readonly why:
    | 'unknown'
    | 'expired'
    | 'revoked'
    | 'client_gone'
    | 'authorization_ended'
    | 'person_gone'
    | 'not_for_the_caller'
    | 'certificate_revoked'
    | 'certificate_untrusted'
    | 'certificate_not_registered'
}

/** Whether the caller may know about a token: its own, or one for an audience it answers for (RFC 7662 §2.2, §4). */
export function mayIntrospect(caller: AuthenticatedClient, token: AccessToken): boolean {
  const { clientId, introspectionAudience } = caller.client
  return (
    token.clientId === clientId ||
    introspectionAudience.includes('*') ||
    token.audience.some((audience) => audience === clientId || introspectionAudience.includes(audience))
  )
}

/** The answer of the introspection endpoint (RFC 7662 §2.2). */
export function introspectionResponse(introspected: IntrospectedToken, issuer: string): Answer {
  if (!introspected.active) return { status: 200, headers: neverCached, body: '{"active":false}' }
  return { status: 200, headers: neverCached, body: JSON.stringify(introspectionMembers(introspected, issuer)) }
}

/**
 * What is said of a token, with `cnf` at top level (RFC 7662 §2.2, RFC 8705 §3.2, RFC 9449 §6.2).
 *
 * Of an inactive token it says nothing but that.
 */
export function introspectionMembers(
  introspected: IntrospectedToken,
  issuer: string,
): Readonly<Record<string, unknown>> {
  if (!introspected.active) return { active: false }
  const { kind, token, jti } = introspected
  return {
    active: true,
    iss: issuer,
    client_id: token.clientId,
    sub: token.subject,
    aud: token.audience.length === 1 ? token.audience[0] : token.audience,
    scope: token.scope.length === 0 ? undefined : token.scope.join(' '),
    token_type: kind === 'refresh_token' ? undefined : token.confirmation?.jkt === undefined ? 'Bearer' : 'DPoP',
    iat: token.issuedAt,
    exp: token.expiresAt,
    jti,
    cnf: token.confirmation,
    authorization_details: token.authorizationDetails,
    act: token.actor,
  }
}

/**
 * The claims of a signed answer: everything about the token is one member, so that it cannot be taken for the token itself.
 *
 * RFC 9701 §5. The caller is the audience; there is no `sub` and no `exp` at top level.
 */
export function introspectionClaims(
  introspected: IntrospectedToken,
  issuer: string,
  caller: string,
  now: number,
): Readonly<Record<string, unknown>> {
  return { iss: issuer, aud: caller, iat: now, token_introspection: introspectionMembers(introspected, issuer) }
}

/** The signed answer (RFC 9701 §4). */
export function signedIntrospectionResponse(jwt: string): Answer {
  return { status: 200, headers: { ...neverCached, 'content-type': signedIntrospection }, body: jwt }
}

/** Whether the caller asks for a signed answer by its `Accept` header (RFC 9701 §4). */
export function asksForSignedIntrospection(accept: string | undefined): boolean {
  return (
    accept?.split(',').some((range) => range.split(';', 1)[0]?.trim().toLowerCase() === signedIntrospection) ?? false
  )
}

const signedIntrospection = 'application/token-introspection+jwt'

const neverCached: Answer['headers'] = Object.freeze({
  'content-type': 'application/json',
  'cache-control': 'no-store',
  pragma: 'no-cache',
})
