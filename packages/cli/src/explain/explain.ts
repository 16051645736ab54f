import type { PresentedCertificate, TokenRequestExplanation } from '@holdfast/core'
import { type Configuration } from '@holdfast/server'
import { type Explainer, openExplainer } from '@holdfast/server/operate'
import { explainPath, type PathTrace } from '@holdfast/x509'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { instantText } from '../cert/instant.ts'
import { CommandError } from '../command-error.ts'
import { readConfiguration } from '../config/read-configuration.ts'
import type { ExplainOptions } from '../program/explain.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { started } from '../serve/serve.ts'
import { arrivedByHeader } from './captured-header.ts'
import { failureText } from './failure-text.ts'
import { forWhom } from './for-whom.ts'
import { lookUp } from './look-up.ts'
import { pathTree } from './path-tree.ts'
import { type Arrived, arrivedFromFile } from './arrived-certificate.ts'
import { question } from './question.ts'
import { shortThumbprint } from './short-thumbprint.ts'
import { stepText } from './step-text.ts'

/** `holdfast explain`: what the server decides about what arrived, step by step; or why it decided so then. */
export async function explain(
  correlationId: string | undefined,
  options: ExplainOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { clientId, cert, header, from } = options
  if (correlationId !== undefined) {
    if (clientId !== undefined || cert !== undefined || header !== undefined)
      throw new CommandError('wrong_use', 'a reference is looked up; it takes no client and no certificate')
    return lookUp(correlationId, options, terminal)
  }
  if (cert !== undefined && header !== undefined)
    throw new CommandError('wrong_use', '--cert and --header are two ways to say the same', { hint: 'choose one' })
  if (clientId === undefined && cert === undefined && header === undefined)
    throw new CommandError('wrong_use', 'what is to be explained?', {
      hint: '--cert FILE or --header LINE, with --client-id; or the reference of a refusal: holdfast explain REFERENCE',
    })
  // A certificate says something by itself, where nobody has a configuration.
  const alone = clientId === undefined && !existsSync(resolve(terminal.folder, options.config))
  const configuration = alone ? undefined : readConfiguration(options.config, terminal)
  const arrived =
    cert !== undefined
      ? arrivedFromFile(cert, terminal)
      : header !== undefined
        ? arrivedByHeader(header, configuration, from, terminal)
        : { certificate: undefined, refusal: undefined, from: 'no certificate' }
  if (clientId !== undefined && configuration !== undefined)
    return decide(clientId, arrived, configuration, options, terminal)
  return forWhom(arrived, configuration, options, terminal)
}

async function decide(
  clientId: string,
  arrived: Arrived,
  configuration: Configuration,
  options: ExplainOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const now = options.at ?? Math.floor(Date.now() / 1000)
  const explainer = await started(() => openExplainer(configuration, { now: () => now }), options.config)
  const explanation = await explainer.explain(question(clientId, arrived))
  const path = tracedPath(explanation, arrived.certificate, explainer, now)
  if (terminal.json) terminal.printJson({ ...json(explanation), ...(path === undefined ? {} : { path }) })
  else tell(clientId, arrived, explanation, path, terminal)
  return explanation.outcome.kind === 'issue' ? 0 : 1
}

/** The search for a path, when there was one. */
function tracedPath(
  explanation: TokenRequestExplanation,
  presented: PresentedCertificate | undefined,
  explainer: Explainer,
  now: number,
): PathTrace | undefined {
  const step = explanation.steps.find((candidate) => candidate.step === 'trust')
  const trust = step?.facts['trust']
  const anchors = typeof trust === 'string' ? explainer.anchors.find(trust) : undefined
  const leaf = presented && explainer.certificates.leaf(presented)
  if (presented === undefined || anchors === undefined || leaf?.ok !== true) return undefined
  return explainPath(leaf.value, explainer.certificates.chain(presented), anchors.anchors, { now }).trace
}

function json({ steps, outcome }: TokenRequestExplanation): Readonly<Record<string, unknown>> {
  if (outcome.kind === 'depends_on_grant') return { outcome: outcome.kind, grant_type: outcome.grantType, steps }
  return outcome.kind === 'issue'
    ? { outcome: 'issue', format: outcome.format, claims: outcome.claims, steps }
    : {
        outcome: 'refuse',
        reason: outcome.failure.reason,
        text: failureText(outcome.failure),
        status: outcome.answer.status,
        steps,
      }
}

function tell(
  clientId: string,
  arrived: Arrived,
  { steps, outcome }: TokenRequestExplanation,
  path: PathTrace | undefined,
  terminal: Terminal,
): void {
  const { paint } = terminal
  terminal.print(paint('bold', `${clientId} asks for a token, with ${arrived.from}`))
  terminal.print()
  const rows = steps.map((step) => ({ ...stepText(step, arrived.from), step }))
  const width = Math.max(...rows.map((row) => row.label.length))
  for (const { label, text, step } of rows) {
    const mark = step.outcome === 'refused' ? paint('red', '✗') : paint('green', '✓')
    terminal.print(`${mark} ${label.padEnd(width)}  ${text}`)
    if (step.step === 'trust' && path !== undefined)
      for (const line of pathTree(path, paint)) terminal.print(`  ${' '.repeat(width)}  ${line}`)
  }
  terminal.print()
  if (outcome.kind === 'issue') {
    const bound = outcome.claims.cnf?.['x5t#S256'] ?? outcome.claims.cnf?.jkt
    const until = `until ${instantText(outcome.claims.exp)}`
    terminal.print(
      `${paint('green', 'let in')}: a token ${until}, ${bound === undefined ? 'bound to nothing' : `good only with the ${outcome.claims.cnf?.jkt === undefined ? 'certificate' : 'key'} ${shortThumbprint(bound)}`}`,
    )
  } else if (outcome.kind === 'depends_on_grant') {
    terminal.print(
      `${paint('green', 'let in')}, when its ${outcome.grantType} is good: only the running server knows that`,
    )
  } else {
    terminal.print(`${paint('red', 'refused')}: ${outcome.failure.reason}`)
    terminal.print(`the client is told: ${outcome.answer.status} ${errorCode(outcome.answer.body)}`)
    if (arrived.hint !== undefined) terminal.print(`mend: ${arrived.hint}`)
    if (outcome.failure.reason === 'client_credentials_missing')
      terminal.note('explain is told of certificates only: whether an assertion or a secret is good, it cannot say')
  }
}

function errorCode(body: string): string {
  const { error } = JSON.parse(body) as { readonly error?: string }
  return error ?? ''
}
