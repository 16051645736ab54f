import { seenText, thumbprintSeen } from '../probe/seen.ts'
import { type Check, type Found, found, skipped, unknown } from '../verdict.ts'

/** Check 18: neither plain HTTP nor the server behind answers to whoever comes. */
export const exposedBackend: Check = {
  number: 18,
  title: 'plain HTTP and server behind are closed',
  decide: ({ plainHttp, backend }) => {
    if (plainHttp === undefined && backend.length === 0) return skipped('on request: --plain-http, --backend')
    const findings: Found[] = []
    if (plainHttp?.seen.kind === 'answer' && plainHttp.seen.status !== 404 && !redirects(plainHttp.seen.status))
      findings.push({
        cause: 'plain_http_served',
        severity: 'fault',
        what: `${plainHttp.tried} answers plain HTTP with ${seenText(plainHttp.seen)}`,
      })
    const believed = backend.filter(({ seen, forged }) => thumbprintSeen(seen) === forged)
    if (believed.length > 0)
      findings.push({
        cause: 'backend_believes_headers',
        severity: 'fault',
        what: `${believed[0]?.address ?? ''} believes a certificate in ${believed.map(({ header }) => header).join(', ')}`,
      })
    if (findings.length > 0) return found(findings, '')
    return backend.some(({ seen }) => seen.kind === 'silence')
      ? unknown('the server behind did not answer in time')
      : found([], backend.length === 0 ? 'no plain HTTP' : 'no forged certificate was believed')
  },
}

function redirects(status: number): boolean {
  return [301, 302, 307, 308, 426].includes(status)
}
