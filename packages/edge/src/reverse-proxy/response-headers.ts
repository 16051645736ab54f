import type { OutgoingHttpHeaders } from 'node:http'
import { connectionNames, withoutNamed } from './request-headers.ts'

/** The lines of an upstream's answer that go on to the client: name, value, …; for HTTP/1.1. */
export function responseHeaders(rawHeaders: readonly string[]): string[] {
  const lines: string[] = []
  let connection: string | undefined
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    const value = rawHeaders[index + 1] ?? ''
    const lower = name.toLowerCase()
    if (lower === 'connection') connection = connection === undefined ? value : `${connection},${value}`
    else if (lower !== 'transfer-encoding' && (!connectionNames.has(lower) || lower === 'proxy-authenticate')) {
      lines.push(name, value)
    }
  }
  return connection === undefined ? lines : withoutNamed(lines, connection)
}

/** The same for HTTP/2, which knows lower-case names only (RFC 9113 §8.2). */
export function http2ResponseHeaders(rawHeaders: readonly string[]): OutgoingHttpHeaders {
  const lines = responseHeaders(rawHeaders)
  const headers: { [name: string]: string | string[] } = Object.create(null) as { [name: string]: string | string[] }
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const name = (lines[index] ?? '').toLowerCase()
    const value = lines[index + 1] ?? ''
    const before = headers[name]
    if (before === undefined) headers[name] = value
    else if (typeof before === 'string') headers[name] = [before, value]
    else before.push(value)
  }
  return headers
}
