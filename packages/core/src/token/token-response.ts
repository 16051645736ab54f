import type { Answer } from '../protocol-error/answer.ts'
import type { AccessToken } from './access-token.ts'

/** The successful answer of the token endpoint (RFC 6749 §5.1). A bound token is of type Bearer too (RFC 8705 §3). */
export function tokenResponse(tokenText: string, token: AccessToken): Answer {
  const scope = token.scope.length === 0 ? '' : `,"scope":${JSON.stringify(token.scope.join(' '))}`
  const body = `{"access_token":"${tokenText}","token_type":"Bearer","expires_in":${token.expiresAt - token.issuedAt}${scope}}`
  return { status: 200, headers: neverCached, body }
}

const neverCached: Answer['headers'] = Object.freeze({
  'content-type': 'application/json',
  'cache-control': 'no-store',
  pragma: 'no-cache',
})
