import type { Answer } from '../protocol-error/answer.ts'
import type { AccessToken } from './access-token.ts'

/** The successful answer of the token endpoint (RFC 6749 §5.1). A token bound to a certificate is of type Bearer too (RFC 8705 §3), one bound to a key of type DPoP (RFC 9449 §5). */
export function tokenResponse(
  tokenText: string,
  token: AccessToken,
  members?: Readonly<Record<string, unknown>>,
): Answer {
  const scope = token.scope.length === 0 ? '' : `,"scope":${JSON.stringify(token.scope.join(' '))}`
  const type = token.confirmation?.jkt === undefined ? 'Bearer' : 'DPoP'
  const further = members === undefined ? '' : JSON.stringify(members).slice(1, -1)
  const body = `{"access_token":"${tokenText}","token_type":"${type}","expires_in":${token.expiresAt - token.issuedAt}${scope}${further === '' ? '' : `,${further}`}}`
  return { status: 200, headers: neverCached, body }
}

const neverCached: Answer['headers'] = Object.freeze({
  'content-type': 'application/json',
  'cache-control': 'no-store',
  pragma: 'no-cache',
})
