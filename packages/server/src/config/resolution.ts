import { resolve } from 'node:path'
import { formatPath } from './configuration-problem.ts'
import type { ConfigurationProblem } from './configuration-problem.ts'

/** A problem by its path in the file, its line not yet looked up. */
export interface UnplacedProblem extends ConfigurationProblem {
  readonly at?: readonly PropertyKey[]
}

export type Report = (at: readonly PropertyKey[], problem: string, hint?: string) => undefined

/** What the steps of resolving share: where paths start, and what was found. */
export interface Resolution {
  readonly path: (path: string) => string
  /** The text of a named secret; `undefined` when it cannot be read. */
  readonly readFile: (path: string) => string | undefined
  readonly report: Report
  readonly problems: readonly UnplacedProblem[]
  /** Paths of settings that lower safety. */
  readonly dangers: string[]
  /** What is right as far as it can be read, and probably not meant so. */
  readonly advice: Advice[]
}

export interface Advice {
  readonly path: string
  /** Lower case, no full stop. */
  readonly warning: string
  readonly hint?: string
}

export function createResolution(directory: string, readFile: (path: string) => string | undefined): Resolution {
  const problems: UnplacedProblem[] = []
  return {
    path: (path) => resolve(directory, path),
    readFile,
    report: (at, problem, hint) => {
      problems.push({ at, path: formatPath(at), line: undefined, problem, expected: undefined, hint })
      return undefined
    },
    problems,
    dangers: [],
    advice: [],
  }
}
