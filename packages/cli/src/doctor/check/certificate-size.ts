import type { Evidence } from '../evidence.ts'
import { fromServer, type Seen, seenText, thumbprintSeen } from '../probe/seen.ts'
import { type Check, type Found, found, noToken, unknown, nothingSeen } from '../verdict.ts'
import { letIn } from './self-signed-accepted.ts'

/** Check 8: large certificates arrive. */
export const certificateSize: Check = {
  number: 8,
  title: 'large certificates and forms arrive',
  decide: (evidence) => {
    const { certificates } = evidence
    const sized = certificates.flatMap((one) => {
      const kilobytes = /^(\d+)_kb$/.exec(one.kind)?.[1]
      return kilobytes === undefined ? [] : [{ ...one, kilobytes: Number(kilobytes) }]
    })
    if (sized.length === 0) return nothingSeen(evidence)
    const plain = certificates.findLast(({ kind }) => kind === 'plain')
    const arrives = plain !== undefined && thumbprintSeen(plain.seen) === plain.thumbprint
    const answered = plain !== undefined && fromServer(plain.seen)
    if (!letIn(certificates) || !answered) return unknown('no certificate is let in')
    if (!arrives && thumbprintSeen(plain.seen) !== undefined) return unknown('not even a small one arrives')
    const lost = sized.filter(({ seen, thumbprint }) =>
      arrives ? thumbprintSeen(seen) !== thumbprint : !fromServer(seen),
    )
    const first = lost[0]
    if (first === undefined) {
      const body = bodyFindings(evidence)
      return arrives || body.length > 0 ? found(body, '2 to 12 KB, a form of 48 KB') : unknown(noToken)
    }
    // Another reason than its size: what is done to all, large or small, is said by check 7.
    const other = certificates.find(({ kind }) => kind === 'plus_and_slash')
    if (other !== undefined && arrives && thumbprintSeen(other.seen) !== other.thumbprint)
      return unknown('not every small one arrives')
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

function bodyFindings({ largeBody, certificates, endpoints }: Evidence): readonly Found[] {
  const plain = certificates.find(({ kind }) => kind === 'plain')
  if (largeBody === undefined || !fromServer(plain?.seen)) return []
  const { seen, kilobytes } = largeBody
  const small = endpoints.find(({ endpoint }) => endpoint === 'token_endpoint')?.seen
  // What a small form meets, too, is none of its size.
  if (small?.kind === 'answer' && seen.kind === 'answer' && !fromServer(small) && small.status === seen.status)
    return []
  if (seen.kind === 'answer' && fromServer(seen) && seen.status !== tooLarge) return []
  return [
    { cause: 'large_body_refused', severity: 'warning', what: `a form of ${kilobytes} KB meets ${seenText(seen)}` },
  ]
}

function lossText(seen: Seen): string {
  if (seen.kind !== 'answer' || seen.echo === undefined) return seenText(seen)
  if (seen.echo.certificate_refusal !== null) return `the refusal ${seen.echo.certificate_refusal}`
  return seen.echo.header?.shape === 'empty' ? 'an empty header' : 'no header at all'
}

const tooLarge = 413
