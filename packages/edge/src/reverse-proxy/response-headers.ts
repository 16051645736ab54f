import type { OutgoingHttpHeaders } from 'node:http'
import { connectionNames, withoutNamed } from './request-headers.ts'

/** The lines of an upstream's answer that go on to the client: name, value, …; for HTTP/1.1. */
export function responseHeaders(status: number, rawHeaders: readonly string[]): string[] {
  const lines: string[] = []
  let connection: string | undefined
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    const value = rawHeaders[index + 1] ?? ''
    const lower = name.toLowerCase()
    if (lower === 'connection') connection = connection === undefined ? value : `${connection},${value}`
    else if (lower === 'content-length' && withoutContent.has(status)) continue
    else if (lower !== 'transfer-encoding' && (!connectionNames.has(lower) || lower === 'proxy-authenticate')) {
      lines.push(name, value)
    }
  }
  return connection === undefined ? lines : withoutNamed(lines, connection)
}

/**
 * The same for HTTP/2, which knows lower-case names only (RFC 9113 §8.2).
 *
 * Lines of one name become one (RFC 9110 §5.3): of some names `node:http2` takes one only, and throws at a second, even an equal one.
 */
export function http2ResponseHeaders(status: number, rawHeaders: readonly string[]): OutgoingHttpHeaders {
  const lines = responseHeaders(status, rawHeaders)
  const headers: { [name: string]: string | string[] } = Object.create(null) as { [name: string]: string | string[] }
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const name = (lines[index] ?? '').toLowerCase()
    const value = lines[index + 1] ?? ''
    const before = headers[name]
    if (before === undefined) headers[name] = value
    else if (typeof before !== 'string') before.push(value)
    else if (apart.has(name)) headers[name] = [before, value]
    else if (before !== value) headers[name] = `${before}, ${value}`
  }
  return headers
}

/** Nothing follows, whatever length the application names (RFC 9110 §8.6, §15.3.6): clients of HTTP/2 take it for a fault. */
const withoutContent: ReadonlySet<number> = new Set([204, 205])
/** A cookie may contain a comma, and many clients read one challenge in a line. */
const apart: ReadonlySet<string> = new Set(['set-cookie', 'www-authenticate', 'proxy-authenticate'])
