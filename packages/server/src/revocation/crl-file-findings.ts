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

/** What a file holds that ended before `now`, epoch seconds. */
export function expiredCrls(trust: string, index: number, source: CrlSource, now: number): readonly MaterialWarning[] {
  const path = formatPath(['trust', trust, 'revocation', 'crl', index])
  return source.crls.flatMap(({ nextUpdate }) => {
    if (nextUpdate === undefined)
      return [{ path, warning: `${source.origin}: has no end (nextUpdate), so it tells nothing` }]
    if (nextUpdate >= now) return []
    const ended = new Date(nextUpdate * 1000).toISOString()
    return [{ path, warning: `${source.origin}: ended at ${ended}, so it tells nothing any more` }]
  })
}
