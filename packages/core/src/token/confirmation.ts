import { fail, ok, type Result } from '@holdfast/x509'
import type { ResourceRequestFailure } from '../protocol-error/failure.ts'

/** How possession of a token's key is proven: `cnf` (RFC 7800 §3.1, RFC 8705 §3.1). */
export interface Confirmation {
  /** SHA-256 over the certificate's DER, base64url without padding. */
  readonly 'x5t#S256': string
}

/**
 * Decides whether the holder of `presented` may use a token with this `cnf`.
 *
 * RFC 8705 §3: the certificate must be the very one, and a bound token is refused without it. Whoever is bound by a member
 * that is not known here is refused too: a constraint that cannot be checked is not met.
 */
export function confirmationMatches(
  confirmation: Readonly<Record<string, unknown>>,
  presented: string | undefined,
): Result<'bound_to_this_certificate', ResourceRequestFailure> {
  const members = Object.keys(confirmation)
  const expected = confirmation['x5t#S256']
  if (members.length !== 1 || !Object.hasOwn(confirmation, 'x5t#S256')) {
    return fail({ reason: 'token_confirmation_unsupported', members: members.slice(0, maximumShown) })
  }
  if (typeof expected !== 'string' || !thumbprint.test(expected))
    return fail({ reason: 'token_claim_malformed', claim: 'cnf' })
  if (presented === undefined) return fail({ reason: 'token_certificate_missing', expected })
  return presented === expected
    ? ok('bound_to_this_certificate')
    : fail({ reason: 'token_certificate_mismatch', expected, presented })
}

/** 32 octets in base64url: no padding, line break or blank. RFC 8705 §3.1. */
const thumbprint = /^[A-Za-z0-9_-]{43}$/

const maximumShown = 10
