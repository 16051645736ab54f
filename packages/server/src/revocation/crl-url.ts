import { formatDistinguishedName } from '@holdfast/x509'
import type { CertificateRevocationList } from '@holdfast/x509'
import type { AddressFilter } from '../jwks-uri/public-address.ts'
import { acceptCrls } from './accept-crls.ts'
import type { CrlAnswer } from './create-crl-parser.ts'
import type { CrlSource, CrlSourceParts } from './crl-source.ts'
import type { FetchOctets } from './fetch-octets.ts'
import type { HostBackOff } from './host-back-off.ts'
import { nextLook, retryDelay } from './next-look.ts'
import type { RevocationCache } from './revocation-cache.ts'

export interface CrlUrlParts extends CrlSourceParts {
  readonly fetch: FetchOctets
  readonly mayConnect: AddressFilter
  readonly cache: RevocationCache
  readonly now: () => number
  /** Seconds: the longest time between two looks. */
  readonly refresh: number
  /** Seconds past nextUpdate in which a list still counts. */
  readonly grace: number
  /** `by_itself` looks when it is time to; `when_asked` only then. */
  readonly looks: 'by_itself' | 'when_asked'
  /** Shared by all lists, so that a host that is down makes nobody wait twice. */
  readonly hosts: HostBackOff
}

/**
 * A CRL behind a URL: kept on disk, asked for again at half its life or sooner, served stale while that goes on. One request at
 * a time; after a failure a pause that grows, in which nobody waits.
 */
export function crlUrl(url: string, parts: CrlUrlParts): CrlSource {
  const { trust, parser, candidates, maximumOctets, events, cache, now, grace } = parts
  let crls: readonly CertificateRevocationList[] = []
  let problem: string | undefined
  let inFlight: Promise<void> | undefined
  let nextAt = 0
  let failures = 0
  let cacheState: 'unread' | 'read' = 'unread'
  let condition: Readonly<Record<string, string>> = {}
  let timer: NodeJS.Timeout | undefined
  const closing = new AbortController()

  function settle({ parsed }: CrlAnswer): boolean {
    const accepted = parsed.ok ? acceptCrls(crls, parsed.value, url) : parsed
    if (!accepted.ok) {
      problem = accepted.failure.problem
      return false
    }
    problem = undefined
    if (accepted.value !== crls) {
      crls = accepted.value
      for (const crl of crls) {
        const { thisUpdate, nextUpdate, revoked } = crl
        const issuer = formatDistinguishedName(crl.issuer)
        events.loaded({ trust, kind: 'crl', origin: url, issuer, entries: revoked.count, thisUpdate, nextUpdate })
      }
    }
    return true
  }

  async function readCache(): Promise<void> {
    cacheState = 'read'
    const octets = await cache.read(url, maximumOctets)
    if (octets !== undefined) settle(await parser.parse(octets, candidates()))
  }

  async function fetchNewer(): Promise<void> {
    const restsUntil = parts.hosts.restsUntil(url, now())
    if (restsUntil !== undefined) {
      problem = 'its host did not answer a while ago and is left alone'
      nextAt = restsUntil
      return
    }
    const headers = { accept: 'application/pkix-crl', ...(crls.length > 0 ? condition : {}) }
    const fetched = await parts.fetch({
      url,
      headers,
      maximumOctets,
      patience: patienceMilliseconds,
      deadline: deadlineMilliseconds,
      mayConnect: parts.mayConnect,
      signal: closing.signal,
    })
    if (fetched.ok || fetched.failure.host === 'answered') parts.hosts.answered(url)
    else if (!closing.signal.aborted) parts.hosts.failed(url, now())
    let maxAge: number | undefined
    if (!fetched.ok) problem = fetched.failure.problem
    else {
      maxAge = fetched.value.maxAge
      if (fetched.value.kind === 'not_modified') problem = undefined
      else {
        const { octets, entityTag, lastModified } = fetched.value
        const answer = await parser.parse(octets, candidates())
        if (settle(answer)) {
          condition = {
            ...(entityTag === undefined ? {} : { 'if-none-match': entityTag }),
            ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }),
          }
          await cache.write(url, answer.octets).catch((error: unknown) => cannotKeep(error))
        }
      }
    }
    if (closing.signal.aborted) return
    const time = now()
    if (problem === undefined) {
      failures = 0
      nextAt = nextLook(time, earliestEnd(crls), parts.refresh, maxAge)
      return
    }
    nextAt = time + retryDelay(failures++, parts.refresh)
    events.failed({ trust, kind: 'crl', origin: url, problem, kept: crls.length > 0 ? 'yes' : 'no' })
  }

  function cannotKeep(error: unknown): void {
    const text = `cannot be kept on disk: ${error instanceof Error ? error.message : String(error)}`
    events.failed({ trust, kind: 'crl', origin: url, problem: text, kept: 'yes' })
  }

  function start(): Promise<void> {
    if (inFlight !== undefined) return inFlight
    inFlight = fetchNewer().finally(() => {
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

  function isUsable(time: number): boolean {
    return crls.some(({ nextUpdate }) => nextUpdate !== undefined && nextUpdate + grace >= time)
  }

  /** The disk first: after a restart nobody waits for the network. */
  async function begin(time: number): Promise<void> {
    await readCache()
    const fetching = start()
    if (!isUsable(time)) await fetching
  }

  let beginning: Promise<void> | undefined
  return {
    origin: url,
    get crls() {
      return crls
    },
    get problem() {
      return problem
    },
    look: (time) => {
      if (cacheState === 'unread') beginning = begin(time).finally(() => (beginning = undefined))
      if (beginning !== undefined) return beginning
      if (inFlight === undefined && time >= nextAt) void start()
      return inFlight === undefined || isUsable(time) ? undefined : inFlight
    },
    load: start,
    close: () => {
      closing.abort()
      clearTimeout(timer)
    },
  }
}

function earliestEnd(crls: readonly CertificateRevocationList[]): number | undefined {
  const ends = crls.flatMap(({ nextUpdate }) => (nextUpdate === undefined ? [] : [nextUpdate]))
  return ends.length === 0 ? undefined : Math.min(...ends)
}

/** Milliseconds without a byte. */
const patienceMilliseconds = 5_000

/** 20 MB in a minute is what a slow line can do. */
const deadlineMilliseconds = 60_000

/** Timers of Node count to 24 days. */
const maximumTimerSeconds = 86_400
