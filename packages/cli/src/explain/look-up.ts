import type { AuditEvent } from '@holdfast/core'
import type { Configuration } from '@holdfast/server'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { instantText } from '../cert/instant.ts'
import { CommandError } from '../command-error.ts'
import { readConfiguration } from '../config/read-configuration.ts'
import type { ExplainOptions } from '../program/explain.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { findAuditEvent } from './audit-file.ts'
import { edgeRefusalText } from './edge-refusal-text.ts'
import { failureText } from './failure-text.ts'
import { findLogRecord, logRecord, type LogRecord, referenceIn } from './log-record.ts'
import { printRows } from './print-rows.ts'
import { recognizedText } from './recognized-text.ts'

/** Looks a reference up in the audit, and where it is not there in the log: what was decided then, and why. */
export async function lookUp(text: string, options: ExplainOptions, terminal: Terminal): Promise<ExitCode> {
  const reference = referenceIn(text)
  const pasted = logRecord(text)
  const configured = existsSync(resolve(terminal.folder, options.config)) || options.log === undefined
  const configuration =
    pasted !== undefined && !configured
      ? undefined
      : configured
        ? readConfiguration(options.config, terminal)
        : undefined
  const audit = configuration?.audit.destination
  const log = configuration?.log.destination
  const event =
    audit?.kind === 'file' && existsSync(audit.path) ? await findAuditEvent(audit.path, reference) : undefined
  if (event !== undefined) {
    if (terminal.json) terminal.printJson(event)
    else tellEvent(event, terminal)
    return event.event === 'request_refused' ? 1 : 0
  }
  const logs = [
    ...(options.log === undefined ? [] : [options.log === '-' ? '-' : resolve(terminal.folder, options.log)]),
    ...(log?.kind === 'file' ? [log.path] : []),
  ]
  let record: LogRecord | undefined = pasted
  for (const path of logs) if (path === '-' || existsSync(path)) record ??= await findLogRecord(path, reference)
  if (record === undefined)
    throw new CommandError('unknown', `there is no ${reference} in ${places(audit, logs)}`, {
      hint:
        audit?.kind === 'file'
          ? 'the reference stands in error_description; refusals of the edge (400 and 421) stand in the log alone: --log FILE, --log - reads standard input'
          : 'audit: { destination: ./audit.jsonl } keeps them; --log FILE, or --log - for standard input, looks into a log',
    })
  if (terminal.json) terminal.printJson(record)
  else tellRecord(record, terminal)
  return record.event === 'request_refused' || record.event === 'edge_refused' ? 1 : 0
}

function places(audit: Configuration['audit']['destination'] | undefined, logs: readonly string[]): string {
  const files = [
    ...(audit?.kind === 'file' ? [audit.path] : []),
    ...logs.map((path) => (path === '-' ? 'standard input' : path)),
  ]
  return files.length === 0 ? 'any file: this configuration keeps neither audit nor log in one' : files.join(' and ')
}

/** A line of the log: what the edge refused, before anybody was asked who he is, and what an audit would have. */
function tellRecord(record: LogRecord, terminal: Terminal): void {
  const { event, time, ...facts } = record
  if (event !== 'edge_refused') {
    // The log has the same decisions as the audit, beside the time of its own.
    if ('at' in facts) tellEvent(record as unknown as AuditEvent, terminal)
    else printRows([['when', time ?? 'unknown'], ['event', event.replaceAll('_', ' ')], ...Object.entries(facts).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const)], terminal) // prettier-ignore
    return
  }
  const refusal = (facts['refusal'] ?? {}) as Readonly<Record<string, unknown>>
  const { because, mend } = edgeRefusalText(refusal)
  printRows(
    [
      ['when', time ?? 'unknown'],
      [
        'who asked',
        `not looked at: the request was refused before, from ${typeof facts['remoteAddress'] === 'string' ? facts['remoteAddress'] : 'the proxy'}`,
      ],
      ['listener', String(facts['listener'])],
      ['refused', `${String(refusal['reason'])}, with status ${String(facts['status'])}`],
      ['because', because],
      ...(mend === undefined ? [] : [['mend', mend] as const]),
    ],
    terminal,
  )
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
  printRows(rows, terminal)
}
