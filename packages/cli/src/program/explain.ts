import type { Command } from 'commander'
import { instant } from '../cert/instant.ts'
import { command, type CommandContext, type CommonOptions, configOption } from './command.ts'

export interface ExplainOptions extends CommonOptions {
  readonly config: string
  readonly clientId?: string
  readonly cert?: string
  readonly header?: readonly string[]
  readonly from?: string
  readonly log?: string
  readonly at?: number
}

export function explainCommand(context: CommandContext): Command {
  return command({
    name: 'explain',
    summary: 'say what the server decides about a certificate, and why',
    description:
      'Runs the decisions of the server on what arrived: a certificate file, or the header that a proxy sent, and a client; ' +
      'without a client it says for which of them the certificate would do. Or looks up a refusal by its correlation id, which ' +
      'stands in error_description as “reference”, in the audit and the log. Sends nothing. Exit 0 when the client would be ' +
      'let in, 1 when it would be refused, 3 when there is nothing of the kind.',
    examples: [
      ['holdfast explain --client-id acme --cert acme.pem', 'would this certificate do?'],
      ["holdfast explain --client-id acme --header 'X-SSL-CERT: -----BEGIN%20…'", 'as the proxy sends it'],
      ['holdfast explain --from envoy --header @captured.txt', 'a header that was captured somewhere, whose is it?'],
      ['holdfast explain 4f1c2a9e', 'why was the request with this correlation id refused?'],
      ['journalctl -u holdfast | holdfast explain 4f1c2a9e --log -', 'the same, where the log is elsewhere'],
    ],
  })
    .argument('[correlation-id]', 'of a refusal: itself, the error_description that has it, or the line of the log')
    .addOption(configOption())
    .option('--client-id <id>', 'the client that asks')
    .option('--cert <file>', 'the certificate that it presents, PEM or DER, chain allowed')
    .option(
      '--header <line>',
      'the header line that the proxy sends, `Name: value`, or @FILE with it; chain and verdict too, repeatable',
      collect,
    )
    .option('--from <preset>', 'read the header as this terminator writes it, whatever the listeners take')
    .option('--log <file>', 'where to look for a correlation id beside the audit; - reads standard input')
    .option('--at <time>', 'decide as of this time, ISO 8601 (default: now)', instant)
    .action((correlationId: string | undefined, options: ExplainOptions) =>
      context.run(options, async (terminal) =>
        (await import('../explain/explain.ts')).explain(correlationId, options, terminal),
      ),
    )
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
