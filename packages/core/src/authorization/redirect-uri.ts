import { fail, ok, type Result } from '@holdfast/x509'
import type { AuthorizationRegistration } from '../client-registration/authorization-registration.ts'
import type { AuthorizationFailure } from '../protocol-error/authorization-failure.ts'
import type { AuthorizationRules } from './authorization-rules.ts'

/**
 * Decides where the answer goes: only to an address that the client registered, compared character by character.
 *
 * RFC 6749 §3.1.2, RFC 9700 §2.1, RFC 9126 §2.4 (nothing unregistered, pushed or not). A client that registered exactly one
 * may leave it out. For native clients the port of `127.0.0.1` and `[::1]` is free (RFC 8252 §7.3).
 */
export function redirectUri(
  presented: string | undefined,
  registration: Pick<AuthorizationRegistration, 'applicationType' | 'redirectUris'>,
  rules: Pick<AuthorizationRules, 'redirectUris' | 'clauses'>,
): Result<string, AuthorizationFailure> {
  const { redirectUris, applicationType } = registration
  if (presented === undefined) {
    const only = redirectUris.length === 1 ? redirectUris[0] : undefined
    if (only !== undefined && rules.redirectUris === 'may_be_left_out') return ok(only)
    const clause = rules.clauses.redirectUris
    return fail({
      reason: 'redirect_uri_missing',
      registered: redirectUris.length,
      ...(clause === undefined ? {} : { clause }),
    })
  }
  if (redirectUris.includes(presented)) return ok(presented)
  if (applicationType === 'native') {
    const wanted = withoutPort(presented)
    if (wanted !== undefined && redirectUris.some((one) => withoutPort(one) === wanted)) return ok(presented)
  }
  return fail({ reason: 'redirect_uri_not_registered', presented: presented.slice(0, maximumShown) })
}

/** Of an address of the loopback interface: everything but its port. */
function withoutPort(uri: string): string | undefined {
  const match = loopback.exec(uri)
  if (match === null || Number(match[2] ?? 0) > 65_535) return undefined
  return `${match[1]} ${match[3]}`
}

/** By address only: `localhost` may be another machine's name (RFC 8252 §8.3). */
const loopback = /^http:\/\/(127\.0\.0\.1|\[::1\])(?::([0-9]{1,5}))?((?:\/[\x21\x22\x24-\x7e]*)?)$/

/** Facts of a refusal go into every log record. */
const maximumShown = 200
