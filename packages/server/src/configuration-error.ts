import type { ConfigurationProblem } from './config/configuration-problem.ts'

/** The server cannot start with this configuration. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly code = 'configuration_invalid'
  readonly problems: readonly ConfigurationProblem[]

  constructor(problems: readonly ConfigurationProblem[]) {
    const first = problems[0]
    super(first === undefined ? 'the configuration is invalid' : `${first.path}: ${first.problem}`)
    this.problems = problems
  }
}
