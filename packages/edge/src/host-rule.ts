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

/** Of what a stranger wrote, so much goes into the log. */
const longestQuote = 300
