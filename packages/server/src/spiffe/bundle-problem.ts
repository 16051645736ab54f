import { formatPath } from '../config/configuration-problem.ts'
import type { UnplacedProblem } from '../config/resolution.ts'

/** What is wrong with a key of `trust.NAME.spiffe`, as a problem of the configuration. */
export function bundleProblem(trust: string, key: 'ca' | 'bundle', problem: string): UnplacedProblem {
  const at = ['trust', trust, 'spiffe', key]
  return { at, path: formatPath(at), line: undefined, problem, expected: undefined, hint: undefined }
}
