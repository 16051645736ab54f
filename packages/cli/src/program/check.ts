import type { Command } from 'commander'
import { command, type CommandContext, type CommonOptions, configOption } from './command.ts'

export interface CheckOptions extends CommonOptions {
  readonly config: string
}

export function checkCommand(context: CommandContext): Command {
  return command({
    name: 'check',
    summary: 'validate the configuration: all problems at once',
    description:
      'Reads the configuration as `holdfast serve` would, with the environment, loads every file that it names, and says ' +
      'for each client what will be checked. Exit 1 when the server would not start.',
    examples: [
      ['holdfast check', 'check ./holdfast.yaml'],
      ['holdfast check --config /etc/holdfast.yaml', 'check another file'],
      ['holdfast check --json', 'the problems as JSON'],
    ],
  })
    .addOption(configOption())
    .action((options: CheckOptions) =>
      context.run(options, async (terminal) => (await import('../check/check.ts')).check(options, terminal)),
    )
}
