import type { Evidence } from '../evidence.ts'
import { fromServer, type Seen, seenText, thumbprintSeen } from '../probe/seen.ts'
import { pageForAll, trouble, troubleOfAll } from '../trouble.ts'
import { type Check, type Found, found, unknown } from '../verdict.ts'

/** Check 22: what a client sends reaches the server, and what the server answers reaches the client. */
export const requestsArrive: Check = {
  number: 22,
  title: 'requests and answers arrive as they are',
  decide: (evidence) => {
    const { metadata, deployment, bodies } = evidence
    const findings: Found[] = []
    if (metadata !== 'read') {
      const main = `${deployment.issuer}/.well-known/…`
      const told = trouble(metadata)
      findings.push({
        cause: told ?? 'metadata_unreachable',
        severity: 'fault',
        what: `${main} meets ${seenText(metadata)}${told === undefined ? ' in place of metadata (RFC 8414 §3)' : ''}`,
      })
      return found(findings, '')
    }
    findings.push(...straightRequests(evidence), ...replaced(evidence), ...changedBodies(evidence), ...cut(evidence))
    for (const side of evidence.cached)
      findings.push({
        cause: 'answer_from_cache',
        severity: 'fault',
        what: `${authority(evidence, side)} answers a request with what it answered to one before, although the server forbids it`,
      })
    if (findings.length > 0) return found(findings, '')
    return bodies.some(({ seen }) => seen.kind === 'answer' && seen.echo?.body !== undefined)
      ? found([], 'bodies octet by octet, headers of 6 KB, errors in JSON, nothing cached')
      : evidence.echo === 'answers'
        ? found([], 'headers of 6 KB, errors in JSON')
        : unknown('what of a body arrives only the server sees: --token-file')
  },
}

/** A request to the certificate host that no certificate can explain. */
function straightRequests({ certificates, endpoints, deployment, atPaths }: Evidence): readonly Found[] {
  const plain = certificates.findLast(({ kind }) => kind === 'plain')
  // Where no request with a certificate works, that has been said.
  const shown = thumbprintSeen(plain?.seen) === plain?.thumbprint ? atPaths : []
  const told = troubleOfAll({ certificates })
  const host = deployment.mtls?.authority ?? ''
  const first = certificates.find(({ kind }) => kind === 'none')?.seen
  if (told !== undefined)
    return [{ cause: told, severity: 'fault', what: `each request to ${host} meets ${whyText(first)}` }]
  const all = [...endpoints.map(({ url, seen }) => ({ at: url, seen })), ...shown.map(({ path, seen }) => ({ at: `${host}${path}`, seen }))] // prettier-ignore
  const some = all.filter(({ seen }) => trouble(seen) !== undefined)
  const cause = trouble(some[0]?.seen)
  return cause === undefined
    ? []
    : [{ cause, severity: 'fault', what: `${some[0]?.at ?? ''} meets ${whyText(some[0]?.seen)}` }]
}

function whyText(seen: Seen | undefined): string {
  const echo = seen?.kind === 'answer' ? seen.echo : undefined
  return echo === undefined
    ? seenText(seen)
    : `${seenText(seen)}: on the listener ${echo.listener} the server refuses it (${echo.request_refusal ?? ''})`
}

/** An empty form is refused by the server in JSON, and by nobody else. */
function replaced(evidence: Evidence): readonly Found[] {
  const { endpoints, mainEndpoints, certificates } = evidence
  const asks =
    certificates.some(({ kind, seen }) => kind === 'none' && fromServer(seen)) || pageForAll(evidence) !== undefined
  const pages = [...(asks ? endpoints : []), ...mainEndpoints].filter(
    ({ seen }) => seen.kind === 'answer' && seen.body !== 'json' && [400, 401].includes(seen.status),
  )
  const [first] = pages
  return first === undefined
    ? []
    : [
        {
          cause: 'error_answers_replaced',
          severity: 'fault',
          what: `the refusal of ${first.url} comes as ${seenText(first.seen)}, not as the JSON of the server`,
        },
      ]
}

function changedBodies(evidence: Evidence): readonly Found[] {
  return evidence.bodies.flatMap(({ side, length, digest, seen }): readonly Found[] => {
    const echo = seen.kind === 'answer' ? seen.echo : undefined
    const body = echo?.request_refusal === null ? echo.body : undefined
    if (body === undefined || body?.['sha-256'] === digest) return []
    const arrived =
      body === null ? 'does not arrive' : body.length === length ? 'arrives changed' : `arrives with ${body.length}`
    return [
      {
        cause: 'body_changed',
        severity: 'fault',
        what: `a form of ${length} octets to ${authority(evidence, side)} ${arrived}`,
      },
    ]
  })
}

function cut(evidence: Evidence): readonly Found[] {
  return evidence.largeHeaders.flatMap(({ side, kilobytes, seen }): readonly Found[] =>
    seen.kind === 'closed' || (seen.kind === 'answer' && !fromServer(seen) && tooLarge.has(seen.status))
      ? [
          {
            cause: 'large_header_refused',
            severity: 'warning',
            what: `a request to ${authority(evidence, side)} with a header of ${kilobytes} KB meets ${seenText(seen)}`,
          },
        ]
      : [],
  )
}

function authority({ deployment }: Evidence, side: 'main' | 'mtls'): string {
  return side === 'main' ? deployment.main.authority : (deployment.mtls?.authority ?? '')
}

/** What programs answer to a header that is too long. */
const tooLarge: ReadonlySet<number> = new Set([400, 413, 414, 431, 494])
