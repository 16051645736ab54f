import { type Command, CommanderError } from 'commander'
import { CommandError } from './command-error.ts'
import { holdfastProgram } from './program/program.ts'
import { createPaint, createTerminal, type ExitCode, type Terminal, type TerminalHost, textWidth } from './terminal.ts'

/**
 * Runs one command line and answers the exit code. Nothing is thrown, nothing ends the process.
 *
 * `words` is what stands after the program's name.
 */
export async function run(words: readonly string[], host: TerminalHost): Promise<ExitCode> {
  let exitCode: ExitCode = 0
  let terminal: Terminal = createTerminal(host, { json: false, quiet: false })
  const program = await holdfastProgram(
    {
      run: async (options, work) => {
        terminal = createTerminal(host, { json: options.json === true, quiet: options.quiet === true })
        exitCode = await work(terminal)
      },
    },
    createPaint(host.stdout, host.environment),
    words[0],
  )
  program.configureOutput({
    writeOut: (text) => void host.stdout.write(text),
    writeErr: (text) => void host.stderr.write(text),
    getOutHelpWidth: () => textWidth(host.stdout),
    getErrHelpWidth: () => textWidth(host.stderr),
    getOutHasColors: () => true,
    getErrHasColors: () => true,
  })
  inherit(program, () => terminal)
  try {
    await program.parseAsync(upToUnknownCommand(words, program), { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return complainAbout(error, terminal)
  }
}

/** `--help` behind a command that is not there must not be answered as if it were there: commander would look for it first. */
function upToUnknownCommand(words: readonly string[], program: Command): string[] {
  let command = program
  for (const [index, word] of words.entries()) {
    if (word.startsWith('-') || command.commands.length === 0) break
    const child = command.commands.find((candidate) => candidate.name() === word)
    if (child === undefined) return words.slice(0, index + 1)
    command = child
  }
  return [...words]
}

/** Says what ended a command, and answers its exit code. */
export function complainAbout(error: unknown, terminal: Terminal): ExitCode {
  const debug = (terminal.environment['HOLDFAST_DEBUG'] ?? '') !== ''
  if (error instanceof CommandError) {
    terminal.complain(error.message, error.hint)
    if (debug) terminal.complain(trace(error))
    return error.exitCode
  }
  terminal.complain(
    `a fault in holdfast itself: ${error instanceof Error ? error.message : String(error)}`,
    debug ? undefined : 'HOLDFAST_DEBUG=1 shows where; please report it',
  )
  if (debug) terminal.complain(trace(error))
  return 3
}

function trace(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const stack = error.stack ?? error.message
  return error.cause === undefined ? stack : `${stack}\ncaused by ${trace(error.cause)}`
}

/** Commander's own words for wrong use, in ours. */
function complainAboutUse(text: string, command: Command, terminal: Terminal): void {
  const [first = '', second = ''] = text.trim().split('\n')
  const fact = first
    .replace(/^error: /, '')
    .replace(/^option '([^ ,]+)[^']*' argument '(.*)' is invalid\. /, '$1 $2: ')
    .replace(/^too many arguments.*$/, 'too many arguments')
    .replace(/\bAllowed choices are\b/, 'allowed is')
    .replace(/\.$/, '')
  const nearest = /^\(Did you mean (?:one of )?(.*)\?\)$/.exec(second)?.[1]
  terminal.complain(fact, nearest === undefined ? `see ${commandPath(command)} --help` : `did you mean ${nearest}?`)
}

function commandPath(command: Command): string {
  return command.parent === null ? command.name() : `${commandPath(command.parent)} ${command.name()}`
}

/** What the program has configured holds for every command below it. */
function inherit(command: Command, terminal: () => Terminal): void {
  command.exitOverride()
  command.configureOutput({
    outputError: (text) => {
      complainAboutUse(text, command, terminal())
    },
  })
  for (const child of command.commands) {
    child.copyInheritedSettings(command)
    inherit(child, terminal)
  }
}
