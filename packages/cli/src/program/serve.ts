import type { Command } from 'commander'
import { command, type CommandContext, type CommonOptions, configOption } from './command.ts'

export interface ServeOptions extends CommonOptions {
  readonly config: string
}

export function serveCommand(context: CommandContext): Command {
  return command({
    name: 'serve',
    summary: 'run the server',
    description:
      'Runs the server until SIGTERM or SIGINT, which let requests under way finish. SIGHUP reads the configuration anew. ' +
      'With --json, one line on standard output says where it listens once it does.',
    examples: [
      ['holdfast serve', 'run with ./holdfast.yaml'],
      ['holdfast serve --config /etc/holdfast.yaml', 'run with another file'],
    ],
  })
    .addOption(configOption())
    .action((options: ServeOptions) =>
      context.run(options, async (terminal) => (await import('../serve/serve.ts')).serve(options, terminal)),
    )
}
