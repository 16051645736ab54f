import { thumbprintSeen } from '../probe/seen.ts'
import { type Check, type Found, found, noToken, skipped, unknown } from '../verdict.ts'

/** Check 13: a client cannot remove the header of the terminator by naming it in `Connection` (RFC 9110 §7.6.1). */
export const hopByHop: Check = {
  number: 13,
  title: 'Connection: leaves the header alone',
  decide: ({ hopByHop: tried, certificates, echo }) => {
    const plain = certificates.find(({ kind }) => kind === 'plain')
    if (plain?.seen.kind === 'answer' && plain.seen.echo?.source === 'handshake') return skipped('no header is used')
    if (tried.length === 0 || thumbprintSeen(plain?.seen) !== plain?.thumbprint)
      return echo === 'answers' ? unknown('the certificate does not arrive to begin with') : unknown(noToken)
    const verdictBefore = plain?.seen.kind === 'answer' ? (plain.seen.echo?.certificate?.verdict ?? null) : null
    const findings = tried.flatMap(({ what, header, shown, seen }): readonly Found[] => {
      if (seen.kind !== 'answer' || seen.echo === undefined) return []
      const { echo: after } = seen
      const gone =
        what === 'certificate'
          ? thumbprintSeen(seen) !== shown && after.request_refusal === null
          : verdictBefore !== null &&
            (after.certificate_refusal === 'certificate_verdict_missing' || after.certificate?.verdict === null)
      return gone
        ? [
            {
              cause: 'header_removed_by_connection',
              severity: 'warning',
              what: `“Connection: close, ${header}” removes what the terminator wrote (${after.certificate_refusal ?? 'no certificate is seen'})`,
            },
          ]
        : []
    })
    return found(findings.slice(0, 1), 'it arrives')
  },
}
