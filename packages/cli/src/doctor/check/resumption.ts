import type { SessionSeen } from '../evidence.ts'
import { seenText, thumbprintSeen } from '../probe/seen.ts'
import { type Check, type Found, found, good, noToken, unknown, nothingSeen } from '../verdict.ts'

/** Check 14: a resumed session keeps its certificate. */
export const resumption: Check = {
  number: 14,
  title: 'resumed sessions keep the certificate',
  decide: (evidence) => {
    const { sessions } = evidence
    const own = sessions.filter(({ from, to }) => from === 'mtls' && to === 'mtls')
    if (own.length === 0) return nothingSeen(evidence)
    const resumed = own.filter(({ resumed: back }) => back === 'yes')
    if (resumed.length === 0) return good('none is resumed there')
    const usable = resumed.filter(({ first, certificate }) => thumbprintSeen(first) === certificate)
    if (usable.length === 0) return unknown(noToken)
    return found(
      usable.flatMap(({ second, certificate, version }): readonly Found[] =>
        thumbprintSeen(second) === certificate
          ? []
          : [
              {
                cause: 'session_loses_certificate',
                severity: 'fault',
                what: `a session resumed in ${version.replace('TLSv', 'TLS ')} comes without its certificate`,
              },
            ],
      ),
      'the same thumbprint',
    )
  },
}

/** Check 15: a session of one host is not taken back by the other. */
export const crossHostSession: Check = {
  number: 15,
  title: 'sessions stay with their host',
  decide: (evidence) => {
    const { sessions } = evidence
    const crossing = sessions.filter(({ from, to }) => from !== to)
    if (crossing.length === 0) return nothingSeen(evidence)
    const taken = crossing.filter(
      ({ resumed, to, second }) =>
        resumed === 'yes' || (resumed === 'refused' && to === 'mtls' && second?.kind === 'tls_refused'),
    )
    const first = taken[0]
    return found(
      first === undefined
        ? []
        : [
            {
              cause: 'session_shared_between_hosts',
              severity: 'fault',
              what: `a session of the ${hostText[first.from]} is offered to the ${hostText[first.to]}: ${outcomeText(first)} (${versions(taken)})`,
            },
          ],
      'none is taken back by the other',
    )
  },
}

function outcomeText({ resumed, second, to, certificate }: SessionSeen): string {
  if (resumed === 'refused') return `the handshake fails with ${seenText(second)}`
  if (to === 'main') return 'it is resumed'
  const arrived = thumbprintSeen(second)
  return arrived === null || arrived !== certificate
    ? 'it is resumed, and the certificate is not asked for'
    : 'it is resumed'
}

function versions(sessions: readonly SessionSeen[]): string {
  return [...new Set(sessions.map(({ version }) => version.replace('TLSv', 'TLS ')))].join(', ')
}

const hostText = { main: 'host for people', mtls: 'certificate host' } as const
