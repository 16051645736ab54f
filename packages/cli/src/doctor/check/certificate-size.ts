import { fromServer, type Seen, seenText, thumbprintSeen } from '../probe/seen.ts'
import { type Check, found, noToken, unknown, nothingSeen } from '../verdict.ts'
import { letIn } from './self-signed-accepted.ts'

/** Check 8: large certificates arrive. */
export const certificateSize: Check = {
  number: 8,
  title: 'large certificates arrive',
  decide: (evidence) => {
    const { certificates } = evidence
    const sized = certificates.flatMap((one) => {
      const kilobytes = /^(\d+)_kb$/.exec(one.kind)?.[1]
      return kilobytes === undefined ? [] : [{ ...one, kilobytes: Number(kilobytes) }]
    })
    if (sized.length === 0) return nothingSeen(evidence)
    const plain = certificates.find(({ kind, version }) => kind === 'plain' && version === 'TLSv1.3')
    const arrives = plain !== undefined && thumbprintSeen(plain.seen) === plain.thumbprint
    const answered = plain !== undefined && fromServer(plain.seen)
    if (!letIn(certificates) || !answered) return unknown('no certificate is let in')
    if (!arrives && thumbprintSeen(plain.seen) !== undefined) return unknown('not even a small one arrives')
    const lost = sized.filter(({ seen, thumbprint }) =>
      arrives ? thumbprintSeen(seen) !== thumbprint : !fromServer(seen),
    )
    const first = lost[0]
    if (first === undefined) return arrives ? found([], '2, 4, 8 and 12 KB') : unknown(noToken)
    const passes = sized.filter(({ kilobytes }) => kilobytes < first.kilobytes).at(-1)
    return found(
      [
        {
          cause: 'certificate_too_large',
          severity: 'warning',
          what: `a certificate of ${first.kilobytes} KB meets ${lossText(first.seen)}; ${passes === undefined ? 'smaller ones do not' : `${passes.kilobytes} KB arrive`}`,
        },
      ],
      '',
    )
  },
}

function lossText(seen: Seen): string {
  if (seen.kind !== 'answer' || seen.echo === undefined) return seenText(seen)
  if (seen.echo.certificate_refusal !== null) return `the refusal ${seen.echo.certificate_refusal}`
  return seen.echo.header?.shape === 'empty' ? 'an empty header' : 'no header at all'
}
