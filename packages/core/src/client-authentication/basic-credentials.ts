import { fail, ok, type Result } from '@holdfast/x509'
import { decodeBase64url } from '../jose/base64url.ts'
import type { AuthorizationHeaderProblem, ClientFailure, RequestFailure } from '../protocol-error/failure.ts'
import { formDecode } from './form-decode.ts'

/**
 * Reads client id and secret from an `Authorization` header of scheme Basic.
 *
 * RFC 6749 §2.3.1: both are form-encoded before they are joined, so that any character can be in them. RFC 7617 §2: what
 * follows the first colon is the secret.
 */
export function basicCredentials(
  authorization: string,
): Result<{ readonly clientId: string; readonly secret: string }, RequestFailure | ClientFailure> {
  if (authorization.length > maximumLength) return malformed('too_long')
  const match = schemeAndRest.exec(authorization)
  if (match === null) return malformed('not_base64')
  const [, scheme = '', encoded = ''] = match
  if (scheme.toLowerCase() !== 'basic') {
    return fail({ reason: 'authorization_scheme_unsupported', scheme: scheme.slice(0, maximumSchemeShown) })
  }
  const bytes = plainBase64.test(encoded)
    ? decodeBase64url(
        encoded
          .replace(/={1,2}$/, '')
          .replaceAll('+', '-')
          .replaceAll('/', '_'),
      )
    : undefined
  const decoded = bytes === undefined ? undefined : utf8(bytes)
  if (decoded === undefined) return malformed('not_base64')
  const colon = decoded.indexOf(':')
  if (colon === -1) return malformed('no_colon')
  const clientId = formDecode(decoded.slice(0, colon))
  const secret = formDecode(decoded.slice(colon + 1))
  if (clientId === undefined || secret === undefined) return malformed('not_form_encoded')
  return ok({ clientId, secret })
}

function malformed(problem: AuthorizationHeaderProblem): Result<never, RequestFailure> {
  return fail({ reason: 'authorization_header_malformed', problem })
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const schemeAndRest = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+) +([^ ]+)$/
const plainBase64 = /^[A-Za-z0-9+/]+={0,2}$/

/** Id and secret, form-encoded, have a few hundred characters. */
const maximumLength = 4_096
const maximumSchemeShown = 32
