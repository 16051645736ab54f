import { fail, ok, type Result } from '@holdfast/x509'
import type { DelegatedGrantFailure } from '../protocol-error/delegated-grant-failure.ts'

/**
 * Checks that a code is redeemed by whoever asked for it.
 *
 * RFC 7636 §4.6, method S256. RFC 9700 §2.1.1: a verifier for a code that was asked for without challenge is refused too,
 * since somebody has taken the challenge out of the request. `sha256` answers base64url.
 */
export function codeVerifier(
  presented: string | undefined,
  challenge: string | undefined,
  sha256: (text: string) => string,
): Result<void, DelegatedGrantFailure> {
  if (challenge === undefined) return presented === undefined ? ok(undefined) : refused('not_expected')
  if (presented === undefined) return refused('missing')
  if (!verifierForm.test(presented)) return refused('malformed')
  return sha256(presented) === challenge ? ok(undefined) : refused('wrong')
}

function refused(problem: 'missing' | 'not_expected' | 'malformed' | 'wrong'): Result<never, DelegatedGrantFailure> {
  return fail({ reason: 'code_verifier_refused', problem })
}

/** RFC 7636 §4.1. */
const verifierForm = /^[A-Za-z0-9._~-]{43,128}$/
