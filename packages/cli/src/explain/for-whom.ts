import type { Configuration } from '@holdfast/server'
import { openExplainer } from '@holdfast/server/operate'
import { parseCertificate } from '@holdfast/x509'
import { certificateFacts } from '../cert/certificate-facts.ts'
import { visible } from '../cert/visible.ts'
import type { ExplainOptions } from '../program/explain.ts'
import { started } from '../serve/serve.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import type { Arrived } from './arrived-certificate.ts'
import { certificateRefusalText } from './certificate-refusal-text.ts'
import { failureText } from './failure-text.ts'
import { printRows } from './print-rows.ts'
import { question } from './question.ts'

/** Without a client: what the certificate says, and which of the configured clients could be whoever shows it. */
export async function forWhom(
  arrived: Arrived,
  configuration: Configuration | undefined,
  options: ExplainOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { paint } = terminal
  const now = options.at ?? Math.floor(Date.now() / 1000)
  const { certificate, refusal, hint } = arrived
  const parsed = certificate === undefined ? undefined : parseCertificate(certificate.der)
  const facts = parsed?.ok === true ? visible(certificateFacts(parsed.value, now)) : undefined
  const verdicts =
    certificate === undefined || configuration === undefined
      ? []
      : await eachClient(arrived, configuration, options, now)
  const doing = verdicts.filter(({ refused }) => refused === undefined)
  const code = certificate === undefined || (configuration !== undefined && doing.length === 0) ? 1 : 0
  if (terminal.json) {
    terminal.printJson({
      from: arrived.from,
      certificate: facts ?? null,
      chain: certificate?.chain.length ?? 0,
      refusal: refusal ?? null,
      hint: hint ?? null,
      clients: verdicts.map(({ clientId, refused }) => ({ client_id: clientId, refused: refused ?? null })),
    })
    return code
  }
  terminal.print(paint('bold', arrived.from))
  terminal.print()
  if (certificate === undefined) {
    const why = refusal === undefined ? 'it says that there was no certificate' : certificateRefusalText(refusal)
    printRows(
      [['certificate', 'none'], ['because', why], ...(hint === undefined ? [] : [['mend', hint] as const])],
      terminal,
    )
    return code
  }
  if (facts === undefined) printRows([['certificate', `${certificate.thumbprint}, which cannot be read`]], terminal)
  else
    printRows(
      [
        ['subject', facts.subject],
        ['issuer', facts.selfIssued ? 'itself' : facts.issuer],
        ['valid', `${facts.notBefore} to ${facts.notAfter} (${facts.validity.replaceAll('_', ' ')})`],
        ...facts.subjectAltNames.map(({ kind, value }) => [kind, value] as const),
        ['x5t#S256', facts['x5t#S256']],
        ['chain', certificate.chain.length === 0 ? 'none came along' : `${certificate.chain.length} more came along`],
      ],
      terminal,
    )
  if (configuration === undefined) {
    terminal.note(`no ${options.config} here: whom it lets in cannot be said (--config FILE)`)
    return code
  }
  terminal.print()
  const width = Math.max(0, ...verdicts.map(({ clientId }) => clientId.length))
  for (const { clientId, refused } of verdicts)
    terminal.print(
      refused === undefined
        ? `${paint('green', '✓')} ${clientId.padEnd(width)}  would be let in`
        : `${paint('red', '✗')} ${clientId.padEnd(width)}  ${refused}`,
    )
  if (verdicts.length === 0) terminal.print('there are no clients in the configuration')
  else terminal.print(`\n--client-id NAME tells each step`)
  return code
}

async function eachClient(
  arrived: Arrived,
  configuration: Configuration,
  options: ExplainOptions,
  now: number,
): Promise<readonly { readonly clientId: string; readonly refused: string | undefined }[]> {
  const explainer = await started(() => openExplainer(configuration, { now: () => now }), options.config)
  const verdicts: { readonly clientId: string; readonly refused: string | undefined }[] = []
  for (const { clientId } of configuration.clients) {
    if (verdicts.length === mostClients) break
    const { outcome } = await explainer.explain(question(clientId, arrived))
    verdicts.push({ clientId, refused: outcome.kind === 'refuse' ? failureText(outcome.failure) : undefined })
  }
  // Those that it would do for come first.
  return verdicts.toSorted((a, b) => Number(a.refused !== undefined) - Number(b.refused !== undefined))
}

/** More than anybody reads. */
const mostClients = 200
