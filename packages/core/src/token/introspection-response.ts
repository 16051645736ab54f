import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { Answer } from '../protocol-error/answer.ts'
import type { AccessToken } from './access-token.ts'

/** What is known about a presented token: what it says, or why it is not active. */
export type IntrospectedToken =
  { readonly active: true; readonly token: AccessToken; readonly jti: string | undefined } | InactiveToken

/** `why` is for the operator; the caller learns only that the token is not active. */
export interface InactiveToken {
  readonly active: false
  readonly why:
    | 'unknown'
    | 'expired'
    | 'revoked'
    | 'client_gone'
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

/**
 * The answer of the introspection endpoint (RFC 7662 §2.2), with `cnf` at top level (RFC 8705 §3.2).
 *
 * Of an inactive token it says nothing but that.
 */
export function introspectionResponse(introspected: IntrospectedToken, issuer: string): Answer {
  if (!introspected.active) return { status: 200, headers: neverCached, body: '{"active":false}' }
  const { token, jti } = introspected
  const body = {
    active: true,
    iss: issuer,
    client_id: token.clientId,
    sub: token.subject,
    aud: token.audience.length === 1 ? token.audience[0] : token.audience,
    scope: token.scope.length === 0 ? undefined : token.scope.join(' '),
    token_type: 'Bearer',
    iat: token.issuedAt,
    exp: token.expiresAt,
    jti,
    cnf: token.confirmation,
  }
  return { status: 200, headers: neverCached, body: JSON.stringify(body) }
}

const neverCached: Answer['headers'] = Object.freeze({
  'content-type': 'application/json',
  'cache-control': 'no-store',
  pragma: 'no-cache',
})
