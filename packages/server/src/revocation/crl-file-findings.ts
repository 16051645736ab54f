import { formatDistinguishedName } from '@holdfast/x509'
import type { CertificateRevocationList } from '@holdfast/x509'
import { formatPath } from '../config/configuration-problem.ts'
import type { UnplacedProblem } from '../config/resolution.ts'
import type { MaterialWarning } from '../material/load-material.ts'
import type { CrlSource } from './crl-source.ts'

/** Why a file that the configuration names is of no use, as a problem of the configuration. */
export function crlFileProblem(trust: string, index: number, { origin, problem }: CrlSource): UnplacedProblem {
  const at = ['trust', trust, 'revocation', 'crl', index]
  const text = `${origin}: ${problem ?? 'cannot be used'}`
  return { at, path: formatPath(at), line: undefined, problem: text, expected: undefined, hint: undefined }
}

/** Why lists of a file that can be read may still tell nothing. `now` in epoch seconds. */
export function crlFileWarnings(
  trust: string,
  index: number,
  { origin, crls }: CrlSource,
  now: number,
): readonly MaterialWarning[] {
  const path = formatPath(['trust', trust, 'revocation', 'crl', index])
  return crls.flatMap((crl) => flawsOf(crl, now).map((flaw) => ({ path, warning: `${origin}: ${flaw}` })))
}

function flawsOf({ nextUpdate, tbs, issuer }: CertificateRevocationList, now: number): readonly string[] {
  const signer = `signed by a key of ${formatDistinguishedName(issuer)} that is neither anchor nor intermediate here`
  const ended = nextUpdate === undefined ? undefined : new Date(nextUpdate * 1000).toISOString()
  return [
    ...(ended === undefined ? ['has no end (nextUpdate), so it tells nothing'] : []),
    ...(nextUpdate !== undefined && nextUpdate < now ? [`ended at ${ended}, so it tells nothing any more`] : []),
    ...(tbs === undefined ? [] : [`${signer}, so it tells something only of paths that have it`]),
  ]
}
