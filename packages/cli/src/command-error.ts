import type { ExitCode } from './terminal.ts'

/**
 * Ends a command with a fact for people and, where there is a way out, a hint.
 *
 * `kind` decides the exit code: `no` 1 (the answer is no), `wrong_use` 2, `unknown` 3 (could not find out).
 */
export class CommandError extends Error {
  readonly kind: 'no' | 'wrong_use' | 'unknown'
  readonly hint: string | undefined

  constructor(
    kind: CommandError['kind'],
    fact: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(fact, { cause: options.cause })
    this.name = 'CommandError'
    this.kind = kind
    this.hint = options.hint
  }

  get exitCode(): ExitCode {
    return exitCodes[this.kind]
  }
}

const exitCodes = { no: 1, wrong_use: 2, unknown: 3 } as const satisfies Record<CommandError['kind'], ExitCode>
