import { seenText, thumbprintSeen } from '../probe/seen.ts'
import { type Check, found, good, noToken, nothingSeen, unknown } from '../verdict.ts'

/** Check 17: a certificate that has ended is not kept alive by resumption. */
export const expiredMeanwhile: Check = {
  number: 17,
  title: 'no session outlives its certificate',
  decide: (evidence) => {
    const { expiredMeanwhile: tried, sessions } = evidence
    if (sessions.length === 0) return nothingSeen(evidence)
    if (!sessions.some(({ from, to, resumed }) => from === 'mtls' && to === 'mtls' && resumed === 'yes'))
      return good('none is resumed there')
    if (tried === undefined) return unknown('no session with such a certificate came about')
    if (tried.resumed !== 'yes') return good('the session is not resumed')
    const arrived = thumbprintSeen(tried.seen)
    if (arrived === undefined)
      return tried.seen?.kind === 'answer' ? unknown(noToken) : good(`refused: ${seenText(tried.seen)}`)
    if (arrived === null) return good('the session is resumed, but without the certificate')
    const judged = tried.seen?.kind === 'answer' ? tried.seen.echo?.certificate?.in_force : undefined
    return found(
      [
        {
          cause: 'expired_certificate_resumed',
          severity: 'warning',
          what: `${tried.version.replace('TLSv', 'TLS ')}: a session is resumed after its certificate has ended, and the certificate handed on${judged === 'expired' ? '; only the server, which judges each request, refuses it' : ''}`,
        },
      ],
      '',
    )
  },
}
