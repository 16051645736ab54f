import { seenText, thumbprintSeen } from '../probe/seen.ts'
import { letIn, refusedByTerminator } from './self-signed-accepted.ts'
import { type Check, found, good, noToken, unknown, nothingSeen } from '../verdict.ts'

/** Check 9: whether intermediates arrive, or must be configured. */
export const chainArrives: Check = {
  number: 9,
  title: 'intermediate certificates arrive',
  decide: (evidence) => {
    const { certificates } = evidence
    const shown = certificates.find(({ kind }) => kind === 'with_chain')
    if (shown === undefined) return nothingSeen(evidence)
    if (letIn(certificates) && refusedByTerminator(shown.seen))
      return found(
        [
          {
            cause: 'chain_refused',
            severity: 'fault',
            what: `a certificate with its intermediate meets ${seenText(shown.seen)}, one without does not`,
          },
        ],
        '',
      )
    if (thumbprintSeen(shown.seen) === undefined) return unknown(noToken)
    const echo = shown.seen.kind === 'answer' ? shown.seen.echo : undefined
    if (thumbprintSeen(shown.seen) !== shown.thumbprint) return unknown('the certificate itself does not arrive')
    if ((echo?.certificate?.chain ?? 0) > 0) return good('with the certificate')
    return good('they do not, see the note', [
      {
        cause: 'chain_not_forwarded',
        severity: 'note',
        what: 'the terminator hands on the leaf only',
      },
    ])
  },
}
