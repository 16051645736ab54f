import type { ForgerySeen } from '../evidence.ts'
import { type Seen, thumbprintSeen } from '../probe/seen.ts'
import type { TerminatorName } from '../recognise-terminator.ts'
import { type Check, type Found, found, noToken, skipped, unknown, type Verdict } from '../verdict.ts'

/** Check 10: a certificate header of a client does not come through the host for people. */
export const forgedHeaderOnMainHost: Check = {
  number: 10,
  title: 'forged headers: host for people',
  decide: ({ forgeries, deployment }, terminator) =>
    judge(
      forgeries.filter(({ through }) => through === 'main'),
      'forged_header_on_main_host',
      deployment.main.authority,
      terminator,
    ),
}

/** Check 11: nor through the host that asks for certificates. */
export const forgedHeaderOnMtlsHost: Check = {
  number: 11,
  title: 'forged headers: certificate host',
  decide: ({ forgeries, deployment }, terminator) =>
    judge(
      forgeries.filter(({ through }) => through === 'mtls' || through === 'mtls_with_certificate'),
      'forged_header_on_mtls_host',
      deployment.mtls?.authority ?? '',
      terminator,
    ),
}

/** Check 12: nor when TLS and `Host` name different hosts. */
export const forgedHeaderByMixedNames: Check = {
  number: 12,
  title: 'forged headers: TLS and Host differ',
  decide: ({ forgeries }, terminator) => {
    const mixed = forgeries.filter(({ through }) => through === 'mixed')
    const known = new Set(
      forgeries
        .filter((one) => one.through !== 'mixed' && fate(one) !== 'removed')
        .map(({ header }) => header.toLowerCase()),
    )
    return judge(
      // What comes through without such tricks has been said.
      mixed.filter((one) => fate(one) === 'removed' || !known.has(one.header.toLowerCase())),
      'forged_header_by_mixed_names',
      'a connection of the other host',
      terminator,
    )
  },
}

function judge(
  tried: readonly ForgerySeen[],
  cause: Found['cause'],
  where: string,
  terminator: TerminatorName,
): Verdict {
  if (tried.length === 0) return skipped('there is nothing to tell apart')
  // The edge reads no header at all, and says so: that is no sign of a gap.
  if (tried.some(({ before }) => isHandshake(before))) return found([], 'Holdfast ends TLS and reads no header')
  const blind = !tried.some(({ before, seen }) => sees(before) || sees(seen))
  if (terminator === 'holdfast' && blind && tried.some((one) => fate(one) === 'passes'))
    return found([], 'refused by Holdfast, which ends TLS itself')
  const believed = tried.filter((one) => fate(one) === 'believed')
  const passing = tried.filter((one) => fate(one) === 'passes')
  if (believed.length > 0)
    return found(
      [
        {
          cause,
          severity: 'fault',
          what: `through ${where}${roadText(believed, tried)} the server believes a certificate in ${headersText(believed)}`,
        },
      ],
      '',
    )
  if (passing.length > 0)
    return found(
      [
        {
          cause,
          severity: 'warning',
          what: `through ${where}${roadText(passing, tried)} the server is reached by ${headersText(passing)}, and has to refuse it itself`,
        },
      ],
      '',
    )
  if (tried.every(({ before }) => before.kind === 'answer' && before.status === misdirected)) return found([], '421')
  return tried.some(({ seen, before }) => sees(seen) || sees(before))
    ? found([], `${tried.length} forged headers, none came through`)
    : unknown(noToken)
}

/** What became of a forged header. */
function fate({ seen, before, forged, shown }: ForgerySeen): 'believed' | 'passes' | 'removed' {
  const arrived = thumbprintSeen(seen)
  if (arrived === forged) return 'believed'
  if (seen.kind !== 'answer' || before.kind !== 'answer') return 'removed'
  if (seen.echo !== undefined) {
    const refusal = seen.echo.request_refusal ?? seen.echo.certificate_refusal
    const earlier = before.echo?.request_refusal ?? before.echo?.certificate_refusal ?? null
    if (refusal?.startsWith('certificate_') === true && refusal !== earlier) return 'passes'
    return shown !== undefined && arrived === null && thumbprintSeen(before) === shown ? 'passes' : 'removed'
  }
  // Without the echo: only the server itself answers so, and it does not without the header.
  return seen.status === 400 && seen.error === 'invalid_request' && before.error !== 'invalid_request'
    ? 'passes'
    : 'removed'
}

/** Where it is not so everywhere: the one path, or the one version of HTTP. */
function roadText(some: readonly ForgerySeen[], tried: readonly ForgerySeen[]): string {
  const paths = new Set(some.map(({ path }) => path))
  if (!paths.has(undefined)) return ` at ${[...paths].slice(0, shown).join(', ')} alone`
  const versions = new Set(some.filter(({ path }) => path === undefined).map(({ http }) => http))
  const both = new Set(tried.filter(({ path }) => path === undefined).map(({ http }) => http)).size > 1
  return both && versions.size === 1 && versions.has('h2') ? ' in HTTP/2 alone' : ''
}

function headersText(forgeries: readonly ForgerySeen[]): string {
  const names = new Map<string, string>()
  for (const { header } of forgeries) if (!names.has(header.toLowerCase())) names.set(header.toLowerCase(), header)
  const list = [...names.values()]
  return list.length <= shown ? list.join(', ') : `${list.slice(0, shown).join(', ')} and others`
}

function sees(seen: Seen): boolean {
  return seen.kind === 'answer' && seen.echo !== undefined
}

function isHandshake(seen: Seen): boolean {
  return seen.kind === 'answer' && seen.echo?.source === 'handshake'
}

const misdirected = 421
/** Names in one sentence. */
const shown = 3
