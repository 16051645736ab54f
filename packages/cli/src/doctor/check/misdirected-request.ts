import { type Seen, seenText } from '../probe/seen.ts'
import { type Check, found, skipped, unknown } from '../verdict.ts'

/** Check 16: a request for one host on a connection of the other is answered with 421 (RFC 9110 §15.5.20). */
export const misdirectedRequest: Check = {
  number: 16,
  title: 'the wrong host meets 421',
  decide: ({ misdirected, mainHandshakes, mtlsHandshakes, deployment }) => {
    if (misdirected.length === 0) return skipped('a port of its own, or only one host')
    const wrong = misdirected.filter(({ seen }) => seen.kind === 'answer' && seen.status !== 421)
    if (misdirected.every(({ seen }) => seen.kind === 'no_connection' || seen.kind === 'silence'))
      return unknown(seenText(misdirected[0]?.seen))
    const first = wrong.find(({ seen }) => served(seen)) ?? wrong[0]
    if (first === undefined) return found([], 'both ways, in HTTP/1.1 and HTTP/2')
    const covering = [...mainHandshakes, ...mtlsHandshakes].find(
      ({ facts }) =>
        facts !== undefined &&
        covers(facts.names, deployment.main.name) &&
        covers(facts.names, deployment.mtls?.name ?? ''),
    )
    const { main, mtls } = deployment
    const [of, to] = first.serverName === 'main' ? [main, mtls] : [mtls, main]
    return found(
      [
        {
          cause: 'misdirected_request_served',
          severity: 'fault',
          what: `a request for ${to?.name ?? ''} on a connection of ${of?.name ?? ''} ${wrong.every(({ http }) => http === 'h2') ? ' in HTTP/2' : ''} is ${served(first.seen) ? 'served' : `answered with ${seenText(first.seen)}`}${covering === undefined ? '' : '; one certificate covers both, so browsers will do so'}`,
        },
      ],
      '',
    )
  },
}

function served(seen: Seen): boolean {
  return seen.kind === 'answer' && (seen.status < 400 || seen.echo?.request_refusal === null || seen.status === 401)
}

function covers(names: readonly string[], name: string): boolean {
  return names.some(
    (pattern) => pattern === name || (pattern.startsWith('*.') && pattern.slice(1) === name.slice(name.indexOf('.'))),
  )
}
