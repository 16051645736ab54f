import type { Clock, SigningKeyRecord } from '@holdfast/core'
import type { Result } from '@holdfast/x509'
import type { Configuration } from './config/configuration.ts'
import type { ConfigurationProblem } from './config/configuration-problem.ts'
import type { FurtherHost } from './edge-listeners.ts'
import { serveInProcess } from './serve-in-process.ts'

export interface StartOptions {
  /** Default: the machine's clock. */
  readonly clock?: Clock
  /** PEM of the CAs that vouch for servers behind a `jwks_uri`; default: those of Node. */
  readonly jwksUriCa?: string
  /** `yes` in a process of several: metrics are handed to the first one. */
  readonly worker?: 'yes'
  /** Names that are served beside the configured ones, on every TLS listener. */
  readonly furtherHosts?: readonly FurtherHost[]
}

/** A server that is serving. */
export interface RunningServer {
  readonly issuer: string
  /** What is listened on: `127.0.0.1:8443`, `unix:/path`; in the order of the configuration. */
  readonly addresses: readonly string[]
  /** The same for health and metrics; `undefined` when switched off. */
  readonly management: string | undefined
  readonly keys: RunningServerKeys
  /**
   * Reads the configuration and all files again and takes over clients, trust, certificates and token settings, or, when
   * anything is wrong, keeps what it has and answers the problems. Listeners and hosts need a restart.
   */
  reload(): Promise<Result<void, readonly ConfigurationProblem[]>>
  /** Takes no more connections, lets running requests end, commits, closes. */
  close(): Promise<void>
}

export interface RunningServerKeys {
  list(): readonly SigningKeyRecord[]
  /** See `KeyRing.rotate`. */
  rotate(publishBefore?: number): Promise<'rotated' | 'superseded'>
}

/**
 * Starts the authorization server: in this process, or, with `limits.workers` above 1, in that many processes that share
 * its listeners.
 *
 * Throws {@link ConfigurationError} with all problems when a file that the configuration names is not what it should be,
 * `StoreSchemaError` for a store of a newer version, and what the system says when an address cannot be taken.
 */
export async function startServer(configuration: Configuration, options: StartOptions = {}): Promise<RunningServer> {
  if (configuration.limits.workers === 1) return serveInProcess(configuration, options)
  const { startWorkers } = await import('./workers/start-workers.ts')
  return startWorkers(configuration, options)
}
