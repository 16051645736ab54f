import type { Agent } from 'undici'

import { ClientError } from '../client-error.ts'
import type { AccessToken } from '../token/access-token.ts'
import { createTokenCache } from '../token/token-cache.ts'
import type { TokenCache } from '../token/token-cache.ts'
import { filesVersion, readCertificateFiles } from './certificate-files.ts'
import type { CertificateFiles } from './certificate-files.ts'
import type { ClientCertificate } from './client-certificate.ts'

/** One certificate and all that must not outlive it: its connections and the tokens that are bound to it. */
export interface Identity {
  readonly certificate: ClientCertificate | undefined
  readonly agent: Agent
  readonly tokens: TokenCache<AccessToken>
}

/** The identity of the moment. */
export interface CurrentIdentity {
  /** Does the work with one identity throughout, even when a new certificate arrives meanwhile. */
  use<Value>(work: (identity: Identity) => Promise<Value>): Promise<Value>
  /** Ends all connections, at once. */
  close(): Promise<void>
}

/**
 * Keeps one identity and replaces it as a whole when the certificate files have changed: a token never meets another
 * certificate than its own (RFC 8705 §3, §6.3).
 *
 * Files are looked at when something is asked for, at most once a second: no timer, no watcher. A pair that does not fit,
 * because it is half-written, leaves the old one in use, is reported, and is looked at again.
 *
 * @param now milliseconds since the epoch
 */
export function createCurrentIdentity(
  first: ClientCertificate | undefined,
  files: CertificateFiles | undefined,
  makeAgent: (certificate: ClientCertificate | undefined) => Agent,
  onProblem: (problem: ClientError) => void,
  now: () => number,
): CurrentIdentity {
  const made = (certificate: ClientCertificate | undefined): Held => ({
    identity: { certificate, agent: makeAgent(certificate), tokens: createTokenCache(now) },
    uses: 0,
    retired: false,
  })
  let held = made(first)
  let closed = false
  let looking: Promise<void> | undefined
  let lookedAt = Number.NEGATIVE_INFINITY
  let readVersion: string | undefined
  let reportedVersion: string | undefined

  const report = (version: string, detail: string): void => {
    if (reportedVersion === version) return
    reportedVersion = version
    onProblem(new ClientError('certificate_unusable', { detail, inUse: held.identity.certificate?.thumbprint }))
  }

  const look = async (watched: CertificateFiles): Promise<void> => {
    let version: string
    try {
      version = await filesVersion(watched)
    } catch (error) {
      report('missing', error instanceof Error ? error.message : String(error))
      return
    }
    if (version === readVersion) return
    const renewed = await readCertificateFiles(watched)
    if (!renewed.ok) {
      report(version, renewed.failure.detail)
      return
    }
    readVersion = version
    reportedVersion = undefined
    if (closed || renewed.value.thumbprint === held.identity.certificate?.thumbprint) return
    const before = held
    held = made(renewed.value)
    retire(before)
  }

  return {
    async use(work) {
      if (closed) throw new ClientError('client_closed')
      if (files !== undefined && (looking !== undefined || Math.abs(now() - lookedAt) >= LOOK_MILLISECONDS)) {
        lookedAt = now()
        looking ??= look(files).finally(() => (looking = undefined))
        await looking
      }
      const mine = held
      mine.uses += 1
      try {
        return await work(mine.identity)
      } finally {
        mine.uses -= 1
        if (mine.retired) retire(mine)
      }
    },
    async close() {
      closed = true
      await held.identity.agent.destroy()
    },
  }
}

interface Held {
  readonly identity: Identity
  uses: number
  retired: boolean
}

// Closing waits for answers that are still being read.
function retire(held: Held): void {
  held.retired = true
  if (held.uses === 0 && !held.identity.agent.closed) void held.identity.agent.close()
}

const LOOK_MILLISECONDS = 1000
