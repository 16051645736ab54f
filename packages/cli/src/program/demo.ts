import { type Command, InvalidArgumentError, Option } from 'commander'
import { command, type CommandContext, type CommonOptions } from './command.ts'

export interface DemoOptions extends CommonOptions {
  readonly port: number
  readonly style: 'subdomain' | 'port'
  readonly dir?: string
  readonly once?: boolean
}

export function demoCommand(context: CommandContext): Command {
  return command({
    name: 'demo',
    summary: 'the whole story in one terminal: a token is stolen and refused',
    description:
      'Makes a throw-away CA and certificates, starts the server and a small API behind the guard, and lets real clients ' +
      'get tokens over real TLS connections. Then a token is stolen and replayed, and you see the refusal and its reason. ' +
      'Keeps running so that you can try it yourself. Writes only into its own folder.',
    examples: [
      ['holdfast demo', 'the story, then keep running until Ctrl-C'],
      ['holdfast demo --once', 'the story only; exit 0 when every step went as told'],
      ['holdfast demo --json', 'where everything is, as one line of JSON, and keep running'],
      ['holdfast demo --style port', 'for clients that cannot resolve names below localhost'],
    ],
  })
    .option('--port <number>', 'port of the server; 0 takes a free one', portNumber, 8443)
    .addOption(
      new Option('--style <style>', 'how the host that asks for certificates is told apart')
        .choices(['subdomain', 'port'])
        .default('subdomain'),
    )
    .option('--dir <folder>', 'put all files there and keep them (default: a temporary folder, removed at the end)')
    .option('--once', 'end after the story')
    .action((options: DemoOptions) =>
      context.run(options, async (terminal) => (await import('../demo/demo.ts')).demo(options, terminal)),
    )
}

export function portNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535)
    throw new InvalidArgumentError('a port is a number from 0 to 65535')
  return Number(text)
}
