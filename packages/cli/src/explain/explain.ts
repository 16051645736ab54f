import { type AuditEvent, ok, type PresentedCertificate, type TokenRequestExplanation } from '@holdfast/core'
import { type Configuration } from '@holdfast/server'
import { type Explainer, openExplainer } from '@holdfast/server/operate'
import { explainPath, type PathTrace } from '@holdfast/x509'
import { existsSync } from 'node:fs'
import { instantText } from '../cert/instant.ts'
import { CommandError } from '../command-error.ts'
import { readConfiguration } from '../config/read-configuration.ts'
import type { ExplainOptions } from '../program/explain.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { started } from '../serve/serve.ts'
import { findAuditEvent } from './audit-file.ts'
import { failureText } from './failure-text.ts'
import { pathTree } from './path-tree.ts'
import { type Arrived, arrivedByHeader, arrivedFromFile } from './arrived-certificate.ts'
import { recognizedText } from './recognized-text.ts'
import { shortThumbprint } from './short-thumbprint.ts'
import { stepText } from './step-text.ts'

/** `holdfast explain`: what the server decides about what arrived, step by step; or why it decided so then. */
export async function explain(
  correlationId: string | undefined,
  options: ExplainOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const configuration = readConfiguration(options.config, terminal)
  if (correlationId !== undefined) {
    if (options.clientId !== undefined || options.cert !== undefined || options.header !== undefined)
      throw new CommandError('wrong_use', 'a reference is looked up; it takes no client and no certificate')
    return lookUp(correlationId, configuration, terminal)
  }
  if (options.clientId === undefined)
    throw new CommandError('wrong_use', '--client-id is missing: who asks?', {
      hint: 'or name the reference of a refusal: holdfast explain REFERENCE',
    })
  if (options.cert !== undefined && options.header !== undefined)
    throw new CommandError('wrong_use', '--cert and --header are two ways to say the same', { hint: 'choose one' })
  const arrived =
    options.cert !== undefined
      ? arrivedFromFile(options.cert, terminal)
      : options.header !== undefined
        ? arrivedByHeader(options.header, configuration)
        : { certificate: undefined, refusal: undefined, from: 'no certificate' }
  return decide(options.clientId, arrived, configuration, options, terminal)
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
  const parameters = [
    ['grant_type', 'client_credentials'],
    ['client_id', clientId],
  ] as const
  const explanation = await explainer.explain({
    form: ok(new Map(parameters)),
    certificate: arrived.certificate,
    certificateRefusal: arrived.refusal,
    role: 'mtls',
  })
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
    if (outcome.failure.reason === 'client_credentials_missing')
      terminal.note('explain is told of certificates only: whether an assertion or a secret is good, it cannot say')
  }
}

async function lookUp(reference: string, configuration: Configuration, terminal: Terminal): Promise<ExitCode> {
  const { destination } = configuration.audit
  if (destination?.kind !== 'file')
    throw new CommandError('unknown', 'this configuration keeps no audit file to look in', {
      hint: 'audit: { destination: ./audit.jsonl }',
    })
  const event = existsSync(destination.path) ? await findAuditEvent(destination.path, reference) : undefined
  if (event === undefined)
    throw new CommandError('unknown', `there is no ${reference} in ${destination.path}`, {
      hint: 'the reference stands in error_description of the refusal',
    })
  if (terminal.json) terminal.printJson(event)
  else tellEvent(event, terminal)
  return event.event === 'request_refused' ? 1 : 0
}

function tellEvent(event: AuditEvent, terminal: Terminal): void {
  const rows: (readonly [string, string])[] = [
    ['when', instantText(event.at)],
    ['who asked', event.clientId ?? 'nobody that could be told'],
    ['certificate', event.certificateThumbprint ?? 'none'],
  ]
  switch (event.event) {
    case 'request_refused':
      rows.push(
        ['endpoint', event.endpoint],
        ['refused', event.failure.reason],
        ['because', failureText(event.failure)],
      )
      break
    case 'token_issued':
      rows.push(['issued', `${event.format} token, by ${event.method}`], ['bound to', event.boundTo ?? 'nothing'])
      if (event.recognizedBy !== undefined) rows.push(['because', recognizedText(event.recognizedBy, event.psd2)])
      break
    case 'authorization_granted':
      rows.push(['authorized', `by ${event.subject}, for ${event.audience.join(' ')}`])
      break
    case 'would_have_refused':
      rows.push(
        ['endpoint', event.endpoint],
        ['would refuse', event.failure.reason],
        ['because', failureText(event.failure)],
      )
      break
    case 'userinfo_told':
      rows.push(['told', `${event.claims.join(', ')} about ${event.subject}`])
      break
    case 'decoupled_authorization_requested':
      rows.push(['waits for', event.subject ?? 'whoever enters the code'])
      break
    case 'client_registered':
    case 'client_updated':
      rows.push(['registered', `${event.method}, ${event.scope || 'no scope'}`])
      break
    case 'client_removed':
      rows.push(['removed', 'the registration'])
      break
    case 'token_introspected':
      rows.push(['introspected', event.active ? 'the token is active' : `not active: ${event.why ?? 'unknown'}`])
      break
    case 'unknown_revocation_accepted':
      rows.push(['accepted', `by the trust “${event.trust}”, though nobody can tell whether it is revoked`])
      break
    case 'person_logged_in':
      rows.push(['logged in', `${event.subject} by ${event.way}, from ${event.address}`])
      break
    case 'login_refused':
      rows.push(
        ['login', `${event.subject ?? 'nobody known'} by ${event.way}, from ${event.address}`],
        ['refused', event.failure.reason],
      )
      break
    case 'person_logged_out':
      rows.push(['logged out', `${event.subject} by ${event.by}; ${event.clientsTold} clients are told`])
      break
    case 'logout_told':
      rows.push(['logout', event.outcome])
      break
    case 'authorization_refused':
      rows.push(['refused', `by ${event.subject}`])
      break
    case 'authorization_revoked':
      rows.push(['taken back', `by ${event.subject}`])
      break
    case 'person_changed':
      rows.push(['changed', `${event.change} of ${event.subject}`])
      break
    case 'person_change_refused':
      rows.push(['not changed', `${event.change} of ${event.subject}`], ['refused', event.failure.reason])
      break
    case 'token_revoked':
      rows.push(['revoked', event.outcome])
      break
  }
  for (const [label, text] of rows) terminal.print(`${terminal.paint('dim', label.padEnd(12))}  ${text}`)
}

function errorCode(body: string): string {
  const { error } = JSON.parse(body) as { readonly error?: string }
  return error ?? ''
}
