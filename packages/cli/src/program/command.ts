import { Command, Option } from 'commander'
import { type ExitCode, type Terminal } from '../terminal.ts'

/** What every command is given by the program: a way to run its work with the terminal that its options ask for. */
export interface CommandContext {
  /**
   * Runs the work of a command and keeps its exit code. Pass the options as commander parsed them:
   * `.action((options: MyOptions) => context.run(options, (terminal) => my(options, terminal)))`.
   */
  run(options: CommonOptions, work: (terminal: Terminal) => ExitCode | Promise<ExitCode>): Promise<void>
}

/** The options that every command has. */
export interface CommonOptions {
  readonly json?: boolean
  readonly quiet?: boolean
}

export interface CommandText {
  readonly name: string
  /** One line for the list of commands: lower case, no full stop. */
  readonly summary: string
  /** What the command does, in whole sentences, for its own help. */
  readonly description?: string
  /** What to type, and what that does. */
  readonly examples: readonly (readonly [commandLine: string, effect: string])[]
}

/** A command with what all have in common: `--json`, `--quiet`, and a help that ends in examples. */
export function command(text: CommandText): Command {
  return commandGroup(text)
    .option('--json', 'print JSON on standard output instead of text')
    .option('--quiet', 'print nothing on standard error but errors')
}

/** A command that only holds sub-commands, such as `holdfast keys`. */
export function commandGroup(text: CommandText): Command {
  const width = Math.max(0, ...text.examples.map(([line]) => line.length))
  const aligned = width <= widestAlignedExample
  const examples = text.examples.map(([line, effect]) =>
    aligned ? `  $ ${line.padEnd(width)}   ${effect}` : `  # ${effect}\n  $ ${line}`,
  )
  const described = new Command(text.name)
    .summary(text.summary)
    .description(text.description ?? `${text.summary.charAt(0).toUpperCase()}${text.summary.slice(1)}.`)
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
  return examples.length === 0 ? described : described.addHelpText('after', `\nExamples:\n${examples.join('\n')}`)
}

/** `--config FILE`, the same everywhere. */
export function configOption(): Option {
  return new Option('--config <file>', 'the configuration').default('holdfast.yaml')
}

const widestAlignedExample = 48
