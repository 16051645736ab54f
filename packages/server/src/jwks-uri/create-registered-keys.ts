import { hash } from 'node:crypto'
import { parseJsonWebKeySet } from '@holdfast/core'
import type {
  CertificateThumbprint,
  ClientKeys,
  Clock,
  EpochSeconds,
  RegisteredKeys,
  RegisteredKeysFailure,
} from '@holdfast/core'
import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import { twoGenerationMap } from '../cache/two-generation-map.ts'
import type { FetchJson } from './fetch-json.ts'

type Answer = Result<ClientKeys, RegisteredKeysFailure>

/**
 * {@link RegisteredKeys} over https: kept for as long as the answer says (a minute to an hour), used for at most an hour more
 * when the client's server is away, a failure remembered for half a minute, one request in flight per URL.
 */
export function createRegisteredKeys(fetchJson: FetchJson, clock: Clock): RegisteredKeys {
  const known = twoGenerationMap<Entry>(maximumEntries)
  const inFlight = new Map<string, Promise<Answer>>()

  function fetchOnce(uri: string): Promise<Answer> {
    const running = inFlight.get(uri)
    if (running !== undefined) return running
    const started = fetchKeys(uri).finally(() => inFlight.delete(uri))
    inFlight.set(uri, started)
    return started
  }

  async function fetchKeys(uri: string): Promise<Answer> {
    const fetched = await fetchJson(uri)
    const now = clock.now()
    const before = known.get(uri)
    if (!fetched.ok) {
      known.set(uri, { ...before, triedAt: now, failedUntil: now + negativeSeconds, failure: fetched.failure })
      return usable(before, now) ?? fetched
    }
    const { keys, problems } = parseJsonWebKeySet(fetched.value.value, thumbprintOf)
    if (keys.keys.length === 0 && keys.encryptionKeys === undefined) {
      const first = problems[0]
      const failure = { problem: first === undefined ? 'no usable key in the set' : `${first.path}: ${first.problem}` }
      known.set(uri, { ...before, triedAt: now, failedUntil: now + negativeSeconds, failure })
      return fail(failure)
    }
    const lifetime = Math.min(Math.max(fetched.value.maxAge ?? defaultLifetime, minimumLifetime), maximumLifetime)
    known.set(uri, { keys, freshUntil: now + lifetime, triedAt: now })
    return ok(keys)
  }

  return {
    keys: (uri) => {
      const now = clock.now()
      const entry = known.get(uri)
      if (entry?.keys !== undefined && now < (entry.freshUntil ?? 0)) return ok(entry.keys)
      if (entry?.failure !== undefined && now < (entry.failedUntil ?? 0))
        return usable(entry, now) ?? fail(entry.failure)
      return fetchOnce(uri)
    },
    keysAfresh: (uri) => {
      const now = clock.now()
      const entry = known.get(uri)
      if (entry === undefined || now - entry.triedAt >= refetchSeconds || now < entry.triedAt) return fetchOnce(uri)
      return inFlight.get(uri) ?? usable(entry, now) ?? fail(entry.failure ?? { problem: 'no usable key in the set' })
    },
  }
}

interface Entry {
  readonly keys?: ClientKeys
  readonly freshUntil?: EpochSeconds
  /** When the last request ended, well or not. */
  readonly triedAt: EpochSeconds
  readonly failedUntil?: EpochSeconds
  readonly failure?: RegisteredKeysFailure
}

/** What may still be used when no newer set can be had. */
function usable(entry: Entry | undefined, now: EpochSeconds): Answer | undefined {
  if (entry?.keys === undefined || now >= (entry.freshUntil ?? 0) + staleSeconds) return undefined
  return ok(entry.keys)
}

function thumbprintOf(der: Uint8Array): CertificateThumbprint {
  return hash('sha256', der, 'base64url') as CertificateThumbprint
}

const maximumEntries = 10_000
const defaultLifetime = 600
const minimumLifetime = 60
const maximumLifetime = 3_600

/** A removed key must not live for ever because the server that says so is kept away from us. */
const staleSeconds = 3_600
const negativeSeconds = 30

/** A new key works at the latest after this; a stranger's guesses cause no more requests than this allows. */
const refetchSeconds = 10
