import type { IncomingHttpHeaders } from 'node:http'

/**
 * Seconds for which an answer may be kept, as it says itself; `undefined` when it says nothing. RFC 9111 §4.2.1, §5.2.2.
 */
export function freshness(headers: IncomingHttpHeaders): number | undefined {
  const directives = (headers['cache-control'] ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => part.trim())
  if (directives.includes('no-store') || directives.includes('no-cache')) return 0
  const maxAge = directives.find((part) => /^max-age=\d{1,10}$/.test(part))
  if (maxAge === undefined) return undefined
  const age = /^\d{1,10}$/.test(headers.age ?? '') ? Number(headers.age) : 0
  return Math.max(0, Number(maxAge.slice('max-age='.length)) - age)
}
