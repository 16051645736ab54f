import { closeSync, openSync } from 'node:fs'
import type { EdgeEvent, RefusedExchange } from '@holdfast/edge'
import type { AuditEvent } from '@holdfast/core'
import sonicBoom from 'sonic-boom'
import type { Configuration, LogDestination } from '../config/configuration.ts'
import type { FailedFacts, LoadedFacts } from '../revocation/crl-source.ts'
import type { BundleFailedFacts, BundleLoadedFacts } from '../spiffe/bundle-source.ts'
import type { RegisteredNameRead } from '../registered-names.ts'
import { plainFacts } from './plain-facts.ts'

/** Every event that the server writes to its log, one function each. No field is ever a secret. */
export interface Log {
  serverStarted(facts: {
    readonly issuer: string
    readonly addresses: readonly string[]
    readonly milliseconds: number
  }): void
  serverStopped(): void
  safetyLowered(facts: { readonly setting: string }): void
  configurationReloaded(facts: { readonly clients: number; readonly trust: number }): void
  configurationRefused(facts: { readonly problems: readonly string[] }): void
  /** The core decided, or the rim refused: issued, refused, introspected, revoked. */
  decided(event: AuditEvent): void
  edge(event: EdgeEvent): void
  requestAnswered(facts: RequestFacts): void
  /** A bug of ours, or a machine that fails. */
  unexpected(facts: {
    readonly correlationId: string | undefined
    readonly where: string
    readonly cause: unknown
  }): void
  keysRefreshFailed(facts: { readonly cause: unknown }): void
  materialWarning(facts: { readonly path: string; readonly warning: string; readonly hint?: string }): void
  /** How names were understood that clients are registered by; `more`: how many are not in the list. */
  registeredNamesRead(facts: { readonly names: readonly RegisteredNameRead[]; readonly more: number }): void
  /** The edge would not let a request through; `correlationId` is what the peer was told. */
  edgeRefused(facts: Omit<RefusedExchange, 'request' | 'response' | 'tls'> & { readonly correlationId: string }): void
  workerLost(facts: { readonly pid: number | undefined; readonly code: number; readonly signal: string }): void
  /** A client that waits for a person by CIBA was told that there is a decision, or wants to hear nothing. */
  /** A client of the store that is refused as unknown: the configuration allows its record no more. */
  storedClientUnfit(facts: { readonly clientId: string; readonly problems: readonly string[] }): void
  clientPinged(facts: { readonly clientId: string; readonly outcome: 'delivered' | 'failed' | 'not_wanted' }): void
  signingKeysResealed(facts: { readonly count: number }): void
  /** A CRL was loaded, or a responder answered. */
  revocationLoaded(facts: LoadedFacts): void
  /** Revocation information cannot be had, or is of no use; what was there before is kept. */
  revocationFailed(facts: FailedFacts): void
  /** A proxy is believed although nobody can tell whether its certificate is revoked, as the mode `soft` has it. */
  proxyRevocationUnknown(facts: { readonly trust: string }): void
  /** The bundle of a SPIFFE trust domain has changed. */
  spiffeBundleLoaded(facts: BundleLoadedFacts): void
  /** A bundle cannot be had, or is of no use; the one before counts until its end. */
  spiffeBundleFailed(facts: BundleFailedFacts): void
  /** Opens a log file anew, after it was moved away. */
  reopen(): void
  /** Fulfilled when everything is written. */
  close(): Promise<void>
}

export interface RequestFacts {
  readonly correlationId: string
  readonly endpoint: string
  readonly status: number
  readonly milliseconds: number
}

/** Makes the log: JSON lines with level, time and event. Writing never blocks a request. */
export function createLog(settings: Configuration['log']): Log {
  const sink = new sonicBoom.SonicBoom({ ...sinkOf(settings.destination), sync: false, maxLength: maximumWaiting })
  let reader: 'there' | 'gone' = 'there'
  // A full disk must not end the server; what it keeps from the log is on standard error.
  sink.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') reader = 'gone'
    else process.stderr.write(`holdfast: cannot write the log: ${error.message}\n`)
  })
  const writeRest = (): void => {
    try {
      sink.flushSync()
    } catch {
      // The process ends, and the log can be written no more.
    }
  }
  process.once('exit', writeRest)
  const lowest = levels.indexOf(settings.level)
  const write = (level: Level, event: string, facts: object): void => {
    if (levels.indexOf(level) < lowest || reader === 'gone') return
    const time = new Date().toISOString()
    sink.write(`${JSON.stringify({ level, time, pid: process.pid, event, ...facts }, plainFacts)}\n`)
  }
  return {
    serverStarted: (facts) => write('info', 'server_started', facts),
    serverStopped: () => write('info', 'server_stopped', {}),
    safetyLowered: (facts) => write('warn', 'safety_lowered', facts),
    configurationReloaded: (facts) => write('info', 'configuration_reloaded', facts),
    configurationRefused: (facts) => write('error', 'configuration_refused', facts),
    decided: (event) => write(levelOf(event), event.event, event),
    edge: (event) => write(event.event === 'trust_lowered' ? 'warn' : 'info', event.event, event),
    requestAnswered: (facts) => write('debug', 'request_answered', facts),
    unexpected: ({ cause, ...facts }) => {
      const stack = cause instanceof Error ? { stack: cause.stack } : {}
      write('error', 'unexpected', { ...facts, cause, ...stack })
    },
    keysRefreshFailed: (facts) => write('error', 'keys_refresh_failed', facts),
    registeredNamesRead: (facts) => write('info', 'registered_names_read', facts),
    materialWarning: (facts) => write('warn', 'material_warning', facts),
    edgeRefused: (facts) => write('info', 'edge_refused', facts),
    workerLost: (facts) => write('error', 'worker_lost', facts),
    storedClientUnfit: (facts) => write('warn', 'stored_client_unfit', facts),
    clientPinged: (facts) => {
      if (facts.outcome !== 'not_wanted') write(facts.outcome === 'failed' ? 'warn' : 'info', 'client_pinged', facts)
    },
    signingKeysResealed: (facts) => write('info', 'signing_keys_resealed', facts),
    revocationLoaded: (facts) => write(facts.kind === 'crl' ? 'info' : 'debug', 'revocation_loaded', facts),
    revocationFailed: (facts) => write('error', 'revocation_failed', facts),
    proxyRevocationUnknown: (facts) => write('warn', 'proxy_revocation_unknown_accepted', facts),
    spiffeBundleLoaded: (facts) => write('info', 'spiffe_bundle_loaded', facts),
    spiffeBundleFailed: (facts) => write('error', 'spiffe_bundle_failed', facts),
    reopen: () => {
      if (settings.destination.kind === 'file') sink.reopen()
    },
    close: () =>
      new Promise((resolve) => {
        process.removeListener('exit', writeRest)
        sink.once('close', resolve)
        sink.end()
      }),
  }
}

/** Throws when the file cannot be opened: a server that cannot say what it does must not start. */
function sinkOf(to: LogDestination): { readonly dest: number | string } {
  if (to.kind !== 'file') return { dest: to.kind === 'stdout' ? 1 : 2 }
  closeSync(openSync(to.path, 'a', 0o640))
  return { dest: to.path }
}

/** Refusals are news; what went as it should is for those who look for it, and for the audit. */
function levelOf(event: AuditEvent): Level {
  switch (event.event) {
    case 'unknown_revocation_accepted':
    case 'would_have_refused':
    case 'login_refused':
    case 'person_change_refused':
      return 'warn'
    case 'logout_told':
      return event.outcome === 'failed' ? 'warn' : 'info'
    case 'person_logged_in':
    case 'person_logged_out':
    case 'person_changed':
    case 'authorization_refused':
    case 'authorization_revoked':
      return 'info'
    case 'request_refused':
      return outages.has(event.failure.reason) ? 'error' : 'info'
    default:
      return 'debug'
  }
}

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const

type Level = Exclude<(typeof levels)[number], 'silent'>

const outages: ReadonlySet<string> = new Set([
  'trust_unavailable',
  'spiffe_bundle_missing',
  'spiffe_bundle_stale',
  'store_unavailable',
  'replay_memory_full',
  'signing_unavailable',
  'token_keys_unavailable',
  'unexpected',
])

/** Bytes. A disk that cannot keep up loses lines, not the server its memory. */
const maximumWaiting = 16_777_216
