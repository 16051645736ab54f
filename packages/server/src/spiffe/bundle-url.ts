import type { FetchOctets } from '../revocation/fetch-octets.ts'
import { nextLook, retryDelay } from '../revocation/next-look.ts'
import type { RevocationCache } from '../revocation/revocation-cache.ts'
import { acceptBundle, isSameBundle } from './accept-bundle.ts'
import type { BundleSource, BundleSourceParts, LoadedBundle } from './bundle-source.ts'

export interface BundleUrlParts extends BundleSourceParts {
  readonly fetch: FetchOctets
  /** PEM of the CAs that vouch for the server; `undefined`: those of Node. */
  readonly ca: string | undefined
  /** Seconds after which a bundle counts no more. */
  readonly maximumAge: number
  readonly cache: RevocationCache
  /** `by_itself` looks when it is time to; `when_asked` only then. */
  readonly looks: 'by_itself' | 'when_asked'
}

/**
 * A bundle behind an https URL, the profile `https_web` of SPIFFE Federation §5.2.1: kept on disk with the time at which it came,
 * asked for again before its refresh hint is over. One request at a time; after a failure a pause that grows.
 */
export function bundleUrl(url: string, parts: BundleUrlParts): BundleSource {
  const { trust, trustDomain, events, cache, now } = parts
  const key = `spiffe ${trustDomain} ${url}`
  let loaded: LoadedBundle | undefined
  let problem: string | undefined
  let inFlight: Promise<void> | undefined
  let nextAt = 0
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  const closing = new AbortController()

  function settle(text: string, fetchedAt: number): boolean {
    const accepted = acceptBundle(loaded?.bundle, text)
    if (!accepted.ok) {
      problem = accepted.failure.problem
      return false
    }
    problem = undefined
    const before = loaded
    const bundle = accepted.value
    const isNew = before === undefined || !isSameBundle(before.bundle, bundle)
    loaded = { bundle: isNew ? bundle : before.bundle, fetchedAt }
    const { anchors, sequence, ignored } = bundle
    if (isNew) events.loaded({ trust, trustDomain, origin: url, anchors: anchors.length, sequence, ignored })
    return true
  }

  async function readCache(): Promise<void> {
    const octets = await cache.read(key, maximumOctets + timeOctets)
    if (octets === undefined || loaded !== undefined) return
    const kept = Buffer.from(octets).toString('utf8')
    const line = kept.indexOf('\n')
    const fetchedAt = Number(kept.slice(0, Math.max(line, 0)))
    // A clock that was wrong must not make a bundle last.
    if (line > 0 && Number.isSafeInteger(fetchedAt) && fetchedAt <= now()) settle(kept.slice(line + 1), fetchedAt)
  }

  async function fetchNewer(): Promise<void> {
    const fetched = await parts.fetch({
      url,
      headers: { accept: 'application/json' },
      maximumOctets,
      patience: patienceMilliseconds,
      deadline: patienceMilliseconds,
      mayConnect: () => true,
      https: 'only',
      ca: parts.ca,
      signal: closing.signal,
    })
    if (closing.signal.aborted) return
    const time = now()
    let maxAge: number | undefined
    if (!fetched.ok) problem = fetched.failure.problem
    else if (fetched.value.kind === 'not_modified') problem = 'status 304 to no condition'
    else {
      const text = Buffer.from(fetched.value.octets).toString('utf8')
      maxAge = fetched.value.maxAge
      if (settle(text, time)) {
        await cache.write(key, Buffer.from(`${time}\n${text}`)).catch((error: unknown) => cannotKeep(error))
      }
    }
    if (problem === undefined) {
      failures = 0
      const hint = loaded?.bundle.refreshHint ?? 0
      const early = Math.min(hint, parts.maximumAge / 2) * earliness
      nextAt = nextLook(time, undefined, early, maxAge)
      return
    }
    nextAt = time + retryDelay(failures++, parts.maximumAge / 2)
    events.failed({ trust, trustDomain, origin: url, problem, kept: loaded === undefined ? 'no' : 'yes' })
  }

  function cannotKeep(error: unknown): void {
    const text = `cannot be kept on disk: ${error instanceof Error ? error.message : String(error)}`
    events.failed({ trust, trustDomain, origin: url, problem: text, kept: 'yes' })
  }

  function start(): Promise<void> {
    inFlight ??= fetchNewer().finally(() => {
      inFlight = undefined
      schedule()
    })
    return inFlight
  }

  function schedule(): void {
    clearTimeout(timer)
    if (closing.signal.aborted || parts.looks !== 'by_itself') return
    const seconds = Math.min(Math.max(1, nextAt - now()), maximumTimerSeconds)
    timer = setTimeout(() => void (now() >= nextAt ? start() : schedule()), seconds * 1000).unref()
  }

  /** The disk first: after a restart nobody waits for the network, unless what is there is stale. */
  async function begin(): Promise<void> {
    await readCache()
    const fetching = start()
    if (!isUsable()) await fetching
  }

  function isUsable(): boolean {
    return loaded !== undefined && loaded.fetchedAt + parts.maximumAge >= now()
  }

  let beginning: Promise<void> | 'over' | undefined
  return {
    origin: url,
    get loaded() {
      return loaded
    },
    get problem() {
      return problem
    },
    look: (time) => {
      beginning ??= begin().finally(() => (beginning = 'over'))
      if (beginning !== 'over') return beginning
      if (inFlight === undefined && time >= nextAt) void start()
      return inFlight === undefined || isUsable() ? undefined : inFlight
    },
    load: start,
    close: () => {
      closing.abort()
      clearTimeout(timer)
    },
  }
}

/** A hundred CAs have a third of this. */
const maximumOctets = 524_288

/** A line with the time at which a bundle came stands before it on disk. */
const timeOctets = 32

/** Milliseconds, for the whole. */
const patienceMilliseconds = 5_000

/** A tenth before the hint is over, so that one late answer makes nobody wait. */
const earliness = 0.9

/** Timers of Node count to 24 days. */
const maximumTimerSeconds = 86_400
