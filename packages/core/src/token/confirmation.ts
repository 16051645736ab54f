import { fail, ok, type Result } from '@holdfast/x509'
import type { ResourceRequestFailure } from '../protocol-error/failure.ts'

/** How possession of a token's key is proven: `cnf` (RFC 7800 §3.1), by exactly one member. */
export type Confirmation =
  /** SHA-256 over the certificate's DER, base64url without padding (RFC 8705 §3.1). */
  | { readonly 'x5t#S256': string; readonly jkt?: never }
  /** SHA-256 thumbprint of the DPoP key (RFC 9449 §6.1, RFC 7638), base64url without padding. */
  | { readonly jkt: string; readonly 'x5t#S256'?: never }

/**
 * Decides whether the holder of `certificate`, or of the key that a DPoP proof has proven, may use a token with this `cnf`.
 *
 * RFC 8705 §3, RFC 9449 §7.1: certificate or key must be the very one, and a bound token is refused without it. Whoever is
 * bound by a member that is not known here, or by two, is refused too: a constraint that cannot be checked is not met.
 */
export function confirmationMatches(
  confirmation: Readonly<Record<string, unknown>>,
  certificate: string | undefined,
  provenKey?: string,
): Result<'bound_to_this_certificate' | 'bound_to_this_key', ResourceRequestFailure> {
  const members = Object.keys(confirmation)
  if (members.length === 1 && Object.hasOwn(confirmation, 'jkt')) return keyMatches(confirmation['jkt'], provenKey)
  const expected = confirmation['x5t#S256']
  if (members.length !== 1 || !Object.hasOwn(confirmation, 'x5t#S256')) {
    return fail({ reason: 'token_confirmation_unsupported', members: members.slice(0, maximumShown) })
  }
  if (typeof expected !== 'string' || !thumbprint.test(expected))
    return fail({ reason: 'token_claim_malformed', claim: 'cnf' })
  if (certificate === undefined) return fail({ reason: 'token_certificate_missing', expected })
  return certificate === expected
    ? ok('bound_to_this_certificate')
    : fail({ reason: 'token_certificate_mismatch', expected, presented: certificate })
}

function keyMatches(
  expected: unknown,
  proven: string | undefined,
): Result<'bound_to_this_key', ResourceRequestFailure> {
  if (typeof expected !== 'string' || !thumbprint.test(expected))
    return fail({ reason: 'token_claim_malformed', claim: 'cnf' })
  if (proven === undefined) return fail({ reason: 'token_proof_missing', expected })
  return proven === expected
    ? ok('bound_to_this_key')
    : fail({ reason: 'token_key_mismatch', expected, presented: proven })
}

/** 32 octets in base64url: no padding, line break or blank. RFC 8705 §3.1, RFC 9449 §6.1. */
const thumbprint = /^[A-Za-z0-9_-]{43}$/

const maximumShown = 10
