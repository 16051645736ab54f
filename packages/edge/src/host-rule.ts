import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import type { HostRole, RequestRefusal } from './exchange.ts'
import { hostAuthority } from './host-authority.ts'

/** A host that a listener or a TLS name serves. */
export interface ServedHost {
  readonly host: string
  readonly role: HostRole
  /** The port that a request must name; `undefined`: any. */
  readonly port: number | undefined
  readonly certificate: 'taken' | 'refused'
  /** In path style: what is below a path of this host; the host itself is then what is not, if anything here is. */
  readonly below: ServedPath | undefined
}

/** A path of a host, and what holds below it. */
export interface ServedPath {
  /** Begins with a slash, ends without. */
  readonly path: string
  readonly host: ServedHost
  /** Whether this listener serves the rest of the host too. */
  readonly rest: 'served' | 'elsewhere'
}

/**
 * Finds what is served at a request target, as it is written: `/mtls` and what begins with `/mtls/`, nothing that some decoding
 * would make of it. `undefined`: another listener serves that.
 */
export function servedPlace(host: ServedHost, target: string): ServedHost | undefined {
  const { below } = host
  if (below === undefined) return host
  if (target.startsWith(below.path)) {
    const next = target.charCodeAt(below.path.length)
    if (Number.isNaN(next) || next === slash || next === questionMark) return below.host
  }
  return below.rest === 'served' ? host : undefined
}

/** What a request says about where it wants to go. */
export interface AskedHost {
  /** Value and number of `Host` lines. */
  readonly host: string | undefined
  readonly hosts: number
  /** `:authority` of HTTP/2, or the authority of a request target in absolute form. */
  readonly authority: string | undefined
}

/**
 * Finds the served host that a request asks for (RFC 9110 §7.2 and §15.5.20, RFC 9113 §8.3.1).
 *
 * `defaultPort` is the one that a `Host` without port means.
 */
export function hostRule(
  asked: AskedHost,
  served: ReadonlyMap<string, ServedHost>,
  defaultPort: number,
): Result<ServedHost, RequestRefusal> {
  if (asked.hosts > 1) return fail({ reason: 'host_repeated' })
  const value = asked.authority ?? asked.host
  if (value === undefined || value === '') return fail({ reason: 'host_missing' })
  // Nearly always it stands there as it is served: then it is right without being taken apart.
  const exact = asked.authority === undefined || asked.host === undefined ? served.get(value) : undefined
  if (exact !== undefined && (exact.port === undefined || exact.port === defaultPort)) return ok(exact)
  const authority = hostAuthority(value)
  if (!authority.ok) return fail({ reason: authority.failure.reason, host: value.slice(0, longestQuote) })
  if (asked.authority !== undefined && asked.host !== undefined && asked.host !== asked.authority) {
    const host = hostAuthority(asked.host)
    if (!host.ok || host.value.host !== authority.value.host || host.value.port !== authority.value.port) {
      return fail({
        reason: 'host_contradicts_authority',
        host: asked.host.slice(0, longestQuote),
        authority: value.slice(0, longestQuote),
      })
    }
  }
  const found = served.get(authority.value.host)
  if (found === undefined || (found.port !== undefined && (authority.value.port ?? defaultPort) !== found.port)) {
    return fail({
      reason: 'host_misdirected',
      host: value.slice(0, longestQuote),
      expected: [...served.values()].map(written),
    })
  }
  return ok(found)
}

function written(served: ServedHost): string {
  return served.port === undefined ? served.host : `${served.host}:${served.port}`
}

const slash = 0x2f
const questionMark = 0x3f
/** Of what a stranger wrote, so much goes into the log. */
const longestQuote = 300
