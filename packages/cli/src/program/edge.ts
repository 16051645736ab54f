import { type Command, Option } from 'commander'
import { command, type CommandContext, type CommonOptions } from './command.ts'

export interface EdgeOptions extends CommonOptions {
  readonly config?: string
  readonly listen?: readonly string[]
  readonly main?: string
  readonly mtls?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly upstream?: string
  readonly header?: string
  readonly secretFile?: string
  readonly check?: boolean
}

export function edgeCommand(context: CommandContext): Command {
  return command({
    name: 'edge',
    summary: 'end TLS in front of any application',
    description:
      'Ends TLS on one port for two names: one for people, which never asks for a certificate, and one for programs, which does. ' +
      'The application behind learns of a certificate in a header that no client can write. ' +
      'SIGHUP, or a change of the files, renews certificates; SIGTERM and SIGINT let requests under way finish.',
    examples: [
      [
        'holdfast edge --main login.example.com --mtls mtls.login.example.com --tls-cert server.pem --tls-key server.key --upstream http://127.0.0.1:3000',
        'in front of an application on port 3000',
      ],
      ['holdfast edge --config edge.yaml', 'with everything in a file'],
      ['holdfast edge --config edge.yaml --check', 'only say whether the file is right'],
    ],
  })
    .option('--config <file>', 'everything in a file, in place of the other options')
    .option('--listen <address...>', 'HOST:PORT or :PORT (default: ":443")')
    .option('--main <name>', 'the name for people')
    .option('--mtls <name>', 'the name for programs with certificates')
    .option('--tls-cert <file>', 'certificate with its intermediates, PEM, for both names')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--upstream <url>', 'the application: http://HOST:PORT, https://HOST:PORT or unix:/path')
    .addOption(
      new Option('--header <format>', 'how the application learns of a certificate').choices(['rfc9440', 'nginx']),
    )
    .option('--secret-file <file>', 'a secret that is sent to the application with every request')
    .option('--check', 'check the configuration and end')
    .action((options: EdgeOptions) =>
      context.run(options, async (terminal) => (await import('../edge/edge.ts')).edge(options, terminal)),
    )
}
