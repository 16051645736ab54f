import type { Exchange } from '../exchange.ts'
import { headerSkeleton, sensitiveHeader } from '../header/sensitive-header.ts'

/** What a request says, in a form that can be sent on. */
export interface RequestHeaders {
  /** Name, value, …: without framing, `Host` and everything that belongs to one connection or to us. */
  readonly lines: string[]
  /** `Host` as it was asked for. */
  readonly host: string
  readonly contentLength: string | undefined
  readonly chunked: 'yes' | 'no'
  /** Names that a stranger may not send. */
  readonly stripped: readonly string[]
}

/**
 * Makes the reader of the headers that come from clients.
 *
 * Left out are the headers of one connection and those that `Connection` names (RFC 9110 §7.6.1), everything by which some
 * application takes a certificate, an address or a host from a proxy, and `own`: all of them in any spelling, because
 * many servers cannot tell `_` from `-`.
 */
export function requestHeaders(own: readonly string[]): (exchange: Exchange) => RequestHeaders {
  const ours = new Set([...forwardedNames, ...own].map(headerSkeleton))
  const kinds = new Map<string, Kind>()

  function kindOf(name: string): Kind {
    const known = kinds.get(name)
    if (known !== undefined) return known
    const kind = classify(name.toLowerCase())
    if (kinds.size < mostSpellings && name.length <= longestSpelling) kinds.set(name, kind)
    return kind
  }

  function classify(name: string): Kind {
    if (name === 'host' || name === ':authority') return 'host'
    if (name === 'content-length' || name === 'transfer-encoding' || name === 'connection' || name === 'cookie')
      return name
    if (name.startsWith(':') || connectionNames.has(name)) return 'connection-only'
    const skeleton = headerSkeleton(name)
    return framing.has(skeleton) || ours.has(skeleton) || sensitiveHeader(skeleton) ? 'strange' : 'other'
  }

  return ({ request, host: served }) => {
    const { rawHeaders } = request
    const lines: string[] = []
    let host: string | undefined
    let contentLength: string | undefined
    let chunked: RequestHeaders['chunked'] = 'no'
    let connection: string | undefined
    let cookie: string | undefined
    let stripped: string[] | undefined
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] ?? ''
      const value = rawHeaders[index + 1] ?? ''
      switch (kindOf(name)) {
        case 'other':
          lines.push(name, value)
          break
        case 'host':
          host ??= value
          break
        case 'content-length':
          contentLength = value
          break
        case 'transfer-encoding':
          chunked = 'yes'
          break
        case 'connection':
          connection = connection === undefined ? value : `${connection},${value}`
          break
        case 'cookie':
          // RFC 9113 §8.2.3: HTTP/2 may split it, HTTP/1.1 may not.
          cookie = cookie === undefined ? value : `${cookie}; ${value}`
          break
        case 'strange':
          stripped ??= []
          stripped.push(name)
          break
        case 'connection-only':
          break
      }
    }
    if (cookie !== undefined) lines.push('Cookie', cookie)
    return {
      lines: connection === undefined ? lines : withoutNamed(lines, connection),
      host: host ?? served,
      contentLength,
      chunked,
      stripped: stripped ?? [],
    }
  }
}

/** Takes out the lines that a `Connection` value names. What frames a message or is written by us is never among them. */
export function withoutNamed(lines: string[], connection: string): string[] {
  if (connection === 'keep-alive' || connection === 'close') return lines
  const named = new Set(connection.split(',').map((name) => name.trim().toLowerCase()))
  return lines.filter((_, index) => !named.has((lines[index & ~1] ?? '').toLowerCase()))
}

/** RFC 9110 §7.6.1, RFC 9112 §7; and what only means something between us and the client. */
export const connectionNames: ReadonlySet<string> = new Set([
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'upgrade',
  'http2-settings',
  'expect',
])

type Kind =
  'host' | 'content-length' | 'transfer-encoding' | 'connection' | 'cookie' | 'connection-only' | 'strange' | 'other'

/** `Transfer_Encoding` is not what it looks like here, and may be so behind. */
const framing: ReadonlySet<string> = new Set(
  ['host', 'connection', 'content-length', 'transfer-encoding', ...connectionNames].map(headerSkeleton),
)

/** By which applications learn who asks, and for what, from a proxy that they believe. */
const forwardedNames = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-protocol',
  'x-forwarded-scheme',
  'x-forwarded-ssl',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-server',
  'x-forwarded-by',
  'x-forwarded-prefix',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'x-url-scheme',
  'front-end-https',
]
/** Spellings of header names that are classified once; a client that invents more makes its own requests slower. */
const mostSpellings = 512
const longestSpelling = 64
