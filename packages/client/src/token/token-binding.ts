import { fail, ok } from '@holdfast/core'
import type { Result } from '@holdfast/core'

export type TokenBindingFailure =
  | { readonly reason: 'token_not_bound' }
  | { readonly reason: 'token_bound_to_other_certificate'; readonly expected: string; readonly presented: string }

/**
 * Looks whether the issued token is bound to our certificate.
 *
 * A JWT says so in `cnf`; it came straight from the authorization server over TLS, so its signature is not for us to check.
 * An opaque token says nothing: `unknown`. RFC 8705 §3.1.
 *
 * @param thumbprint of the certificate that was presented when the token was issued
 */
export function tokenBinding(
  accessToken: string,
  thumbprint: string,
): Result<'bound' | 'unknown', TokenBindingFailure> {
  const claims = jwtClaims(accessToken)
  if (claims === undefined) return ok('unknown')
  const confirmation = claims['cnf']
  const presented =
    typeof confirmation === 'object' && confirmation !== null
      ? (confirmation as Readonly<Record<string, unknown>>)['x5t#S256']
      : undefined
  if (typeof presented !== 'string') return fail({ reason: 'token_not_bound' })
  return presented === thumbprint
    ? ok('bound')
    : fail({ reason: 'token_bound_to_other_certificate', expected: thumbprint, presented })
}

/** When a JWT says that it ends, in epoch seconds. */
export function jwtExpiry(accessToken: string): number | undefined {
  const exp = jwtClaims(accessToken)?.['exp']
  return typeof exp === 'number' ? exp : undefined
}

function jwtClaims(token: string): Readonly<Record<string, unknown>> | undefined {
  const parts = token.split('.')
  if (parts.length !== 3 || jsonObject(parts[0]) === undefined) return undefined
  return jsonObject(parts[1])
}

function jsonObject(part: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}
