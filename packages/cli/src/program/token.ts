import { type Command, Option } from 'commander'
import { command, type CommandContext, type CommonOptions } from './command.ts'

export interface TokenOptions extends CommonOptions {
  readonly clientId: string
  readonly cert?: string
  readonly key?: string
  readonly cacert?: string
  readonly scope?: string
  readonly resource?: string
  readonly assertionKey?: string
  readonly secretFile?: string
  readonly binding: 'required' | 'off'
}

export function tokenCommand(context: CommandContext): Command {
  return command({
    name: 'token',
    summary: 'get a token with a certificate',
    description:
      'Reads the server\u2019s metadata, follows its mtls_endpoint_aliases (RFC 8705 §5), and asks for a token with the ' +
      'client_credentials grant. The token goes to standard output, what is known about it to standard error.',
    examples: [
      ['holdfast token https://login.example.com --client-id acme --cert acme.pem --key acme.key', 'print a token'],
      ['TOKEN=$(holdfast token … --quiet)', 'keep it in a variable'],
      ['holdfast token … --json', 'the whole answer, with the facts'],
    ],
  })
    .argument('<issuer>', 'the issuer: an https URL')
    .requiredOption('--client-id <id>', 'who asks')
    .option('--cert <file>', 'certificate of the client, PEM, chain allowed')
    .option('--key <file>', 'its private key, PEM')
    .option('--cacert <file>', 'CA of the server (default: what the system trusts)')
    .option('--scope <scope>', 'scopes, separated by blanks')
    .option('--resource <uri>', 'the API that the token is for (RFC 8707)')
    .option('--assertion-key <file>', 'private key for private_key_jwt, PEM')
    .option('--secret-file <file>', 'client secret for client_secret_basic')
    .addOption(
      new Option(
        '--binding <rule>',
        'what to do with a token that is not bound to the certificate: refuse it, or take it',
      )
        .choices(['required', 'off'])
        .default('required'),
    )
    .action((issuer: string, options: TokenOptions) =>
      context.run(options, async (terminal) => (await import('../token/token.ts')).token(issuer, options, terminal)),
    )
}
