import type { Command } from 'commander'
import { command, type CommandContext, type CommonOptions } from './command.ts'

export interface InitOptions extends CommonOptions {
  readonly dir: string
}

export function initCommand(context: CommandContext): Command {
  return command({
    name: 'init',
    summary: 'write a commented holdfast.yaml, keys and a development CA',
    description:
      'Writes a complete, commented holdfast.yaml that runs as it is on localhost, with the master key, a development CA, ' +
      'a server certificate and a first client with its certificate. Never overwrites a file.',
    examples: [
      ['holdfast init', 'into the current folder'],
      ['holdfast init --dir ./holdfast', 'into a new folder'],
    ],
  })
    .option('--dir <folder>', 'where to write', '.')
    .action((options: InitOptions) =>
      context.run(options, async (terminal) => (await import('../init/init.ts')).init(options, terminal)),
    )
}
