import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthorizationHeaderProblem, RequestFailure, ResourceRequestFailure } from '../protocol-error/failure.ts'

/**
 * Takes the access token out of the `Authorization` headers of a request.
 *
 * RFC 6750 §2.1: exactly one header of scheme Bearer, in any case. Tokens in the query or in a form are not looked for
 * (RFC 9700 §4.3.2). Another scheme counts as no token: it is not ours to judge.
 */
export function bearerToken(
  authorization: string | readonly string[] | undefined,
): Result<string, ResourceRequestFailure | RequestFailure> {
  const header = typeof authorization === 'object' ? authorization[0] : authorization
  if (header === undefined) return fail({ reason: 'token_missing' })
  if (typeof authorization === 'object' && authorization.length > 1) return malformed('repeated')
  if (header.length < 7 || header.charCodeAt(6) !== space || header.slice(0, 6).toLowerCase() !== 'bearer') {
    return header.toLowerCase() === 'bearer' ? malformed('not_a_token') : fail({ reason: 'token_missing' })
  }
  const token = header.slice(7).trimStart()
  if (token.length > maximumLength)
    return fail({ reason: 'token_too_long', length: token.length, limit: maximumLength })
  return b64token.test(token) ? ok(token) : malformed('not_a_token')
}

/**
 * Takes the access token out of an `Authorization` header of scheme DPoP (RFC 9449 §7.1); `undefined` for other schemes.
 *
 * Several headers are not looked at: {@link bearerToken} refuses them.
 */
export function dpopToken(
  authorization: string | readonly string[] | undefined,
): Result<string, ResourceRequestFailure | RequestFailure> | undefined {
  const header = typeof authorization === 'object' && authorization.length === 1 ? authorization[0] : authorization
  if (typeof header !== 'string' || header.slice(0, 5).toLowerCase() !== 'dpop ') return undefined
  const token = header.slice(5).trimStart()
  if (token.length > maximumLength)
    return fail({ reason: 'token_too_long', length: token.length, limit: maximumLength })
  return b64token.test(token) ? ok(token) : malformed('not_a_token')
}

function malformed(problem: AuthorizationHeaderProblem): Result<never, RequestFailure> {
  return fail({ reason: 'authorization_header_malformed', problem })
}

const space = 0x20
const b64token = /^[A-Za-z0-9._~+/-]+=*$/

/** As long as a JWT may be. */
const maximumLength = 16_384
