import type { Command } from 'commander'
import { instant } from '../cert/instant.ts'
import { command, type CommandContext, type CommonOptions, configOption } from './command.ts'

export interface ExplainOptions extends CommonOptions {
  readonly config: string
  readonly clientId?: string
  readonly cert?: string
  readonly header?: string
  readonly at?: number
}

export function explainCommand(context: CommandContext): Command {
  return command({
    name: 'explain',
    summary: 'say what the server decides about a certificate, and why',
    description:
      'Runs the decisions of the server on what arrived: a certificate file, or the header that a proxy sent, and a client. ' +
      'Or looks up the correlation id of a refusal in the audit log. Sends nothing. Exit 0 when the client would be let in, ' +
      '1 when it would be refused.',
    examples: [
      ['holdfast explain --client-id acme --cert acme.pem', 'would this certificate do?'],
      ["holdfast explain --client-id acme --header 'X-SSL-CERT: -----BEGIN%20…'", 'as the proxy sends it'],
      ['holdfast explain 4f1c2a9e', 'why was the request with this correlation id refused?'],
    ],
  })
    .argument('[correlation-id]', 'of a refusal in the audit log')
    .addOption(configOption())
    .option('--client-id <id>', 'the client that asks')
    .option('--cert <file>', 'the certificate that it presents, PEM or DER, chain allowed')
    .option('--header <line>', 'the header line that the proxy sends, `Name: value`')
    .option('--at <time>', 'decide as of this time, ISO 8601 (default: now)', instant)
    .action((correlationId: string | undefined, options: ExplainOptions) =>
      context.run(options, async (terminal) =>
        (await import('../explain/explain.ts')).explain(correlationId, options, terminal),
      ),
    )
}
