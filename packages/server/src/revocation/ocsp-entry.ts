import { parseOcspResponse } from '@holdfast/x509'
import type { OcspResponse } from '@holdfast/x509'
import type { AddressFilter } from '../jwks-uri/public-address.ts'
import type { RevocationEvents } from './crl-source.ts'
import type { FetchOctets } from './fetch-octets.ts'
import type { HostBackOff } from './host-back-off.ts'
import { nextLook, retryDelay } from './next-look.ts'
import type { RevocationCache } from './revocation-cache.ts'

/** What responders say about one certificate. */
export interface OcspEntry {
  readonly origin: string
  readonly response: OcspResponse | undefined
  readonly problem: string | undefined
  /** As `CrlSource.look`. */
  look(now: number): Promise<void> | undefined
}

export interface OcspParts {
  readonly trust: string
  readonly fetch: FetchOctets
  readonly mayConnect: AddressFilter
  readonly cache: RevocationCache
  readonly now: () => number
  /** Seconds: the longest time between two questions. */
  readonly refresh: number
  readonly events: RevocationEvents
  readonly signal: AbortSignal
  /** Shared by all questions, so that a responder that is down makes nobody wait twice. */
  readonly hosts: HostBackOff
  /** Takes one of the places for requests under way; `undefined` when all are taken. */
  readonly takePlace: () => (() => void) | undefined
}

/** What a responder's answer is worth for the certificate that was asked about. */
export type JudgeOcsp = (
  response: OcspResponse,
) => { readonly usable: true; readonly until: number } | { readonly usable: false; readonly problem: string }

/**
 * Asks responders about one certificate, one after the other until one gives a usable answer.
 *
 * Only an answer that is signed, of now and about this certificate takes the place of the one before, and it never goes back
 * in time. `request` is the encoded OCSPRequest, without nonce: answers may come out of caches.
 */
export function ocspEntry(
  request: Uint8Array,
  responders: readonly string[],
  judge: JudgeOcsp,
  parts: OcspParts,
): OcspEntry {
  const { trust, cache, now, events } = parts
  const key = `ocsp ${Buffer.from(request).toString('base64')} ${responders.join(' ')}`
  const origin = responders[0] ?? ''
  let response: OcspResponse | undefined
  let until = 0
  let problem: string | undefined
  let inFlight: Promise<void> | undefined
  let nextAt = 0
  let failures = 0
  let cacheState: 'unread' | 'read' = 'unread'

  function settle(octets: Uint8Array, from: string): string | undefined {
    const parsed = parseOcspResponse(octets)
    if (!parsed.ok) {
      const { failure } = parsed
      const detail = 'status' in failure ? failure.status : 'detail' in failure ? failure.detail : 'too long'
      return `no answer: ${failure.reason.replaceAll('_', ' ')} (${detail})`
    }
    const next = { ...parsed.value, origin: from }
    const worth = judge(next)
    if (!worth.usable) return worth.problem
    if (response !== undefined && thisUpdateOf(next) < thisUpdateOf(response)) return 'older than the answer at hand'
    if (response !== undefined && Buffer.compare(next.signature, response.signature) === 0) return undefined
    response = next
    until = worth.until
    return undefined
  }

  async function ask(): Promise<void> {
    const free = parts.takePlace()
    if (free === undefined) {
      problem = 'too many questions under way'
      nextAt = now() + 1
      return
    }
    let maxAge: number | undefined
    let restsUntil = Infinity
    try {
      for (const url of responders) {
        const until = parts.hosts.restsUntil(url, now())
        if (until !== undefined) {
          problem = `${url} did not answer a while ago and is left alone`
          restsUntil = Math.min(restsUntil, until)
          continue
        }
        restsUntil = 0
        const fetched = await parts.fetch({
          url,
          body: request,
          headers: { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' },
          maximumOctets,
          patience: patienceMilliseconds,
          deadline: patienceMilliseconds,
          mayConnect: parts.mayConnect,
          signal: parts.signal,
        })
        if (fetched.ok || fetched.failure.host === 'answered') parts.hosts.answered(url)
        else if (!parts.signal.aborted) parts.hosts.failed(url, now())
        if (!fetched.ok) problem = fetched.failure.problem
        else if (fetched.value.kind === 'not_modified') problem = 'status 304 to no condition'
        else {
          problem = settle(fetched.value.octets, url)
          maxAge = fetched.value.maxAge
          if (problem === undefined) await cache.write(key, fetched.value.octets).catch(() => undefined)
        }
        if (problem === undefined || parts.signal.aborted) break
        events.failed({ trust, kind: 'ocsp', origin: url, problem, kept: response === undefined ? 'no' : 'yes' })
      }
    } finally {
      free()
    }
    const time = now()
    if (problem === undefined) {
      failures = 0
      nextAt = nextLook(time, until, parts.refresh, maxAge)
      events.loaded({ trust, kind: 'ocsp', origin: response?.origin ?? origin })
    } else if (restsUntil > 0 && restsUntil < Infinity) nextAt = restsUntil
    else nextAt = time + retryDelay(failures++, parts.refresh)
  }

  async function begin(time: number): Promise<void> {
    const kept = await cache.read(key, maximumOctets)
    if (kept !== undefined) settle(kept, origin)
    const asking = start()
    if (until < time) await asking
  }

  function start(): Promise<void> {
    inFlight ??= ask().finally(() => (inFlight = undefined))
    return inFlight
  }

  let beginning: Promise<void> | undefined
  return {
    origin,
    get response() {
      return response
    },
    get problem() {
      return problem
    },
    look: (time) => {
      if (cacheState === 'unread') {
        cacheState = 'read'
        beginning = begin(time).finally(() => (beginning = undefined))
      }
      if (beginning !== undefined) return beginning
      if (inFlight === undefined && time >= nextAt) void start()
      return inFlight === undefined || until >= time ? undefined : inFlight
    },
  }
}

function thisUpdateOf({ responses }: OcspResponse): number {
  return Math.max(...responses.map(({ thisUpdate }) => thisUpdate))
}

const maximumOctets = 524_288

/** Milliseconds; a responder that takes longer is not up to its task. */
const patienceMilliseconds = 5_000
