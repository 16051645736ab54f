import { fromServer, type Seen, seenText } from '../probe/seen.ts'
import { pageForAll } from '../trouble.ts'
import { type Check, found, unknown, nothingSeen } from '../verdict.ts'

/** Check 4: a client without a certificate reaches the server. */
export const certificateOptional: Check = {
  number: 4,
  title: 'without a certificate there is an answer',
  decide: (evidence) => {
    const { certificates, deployment } = evidence
    const without = certificates.filter(({ kind }) => kind === 'none')
    if (without.length === 0) return nothingSeen(evidence)
    const page = pageForAll(evidence)
    if (page !== undefined)
      return unknown(`with a certificate and without there is ${seenText(page)}: see checks 19 and 22`)
    if (without.some(({ seen }) => fromServer(seen))) {
      const refused = without.filter(({ seen }) => demanded(seen))
      return found(
        refused.map(({ version, seen }) => ({
          cause: 'certificate_required',
          severity: 'fault',
          what: `without a certificate ${deployment.mtls?.authority ?? ''} answers with ${seenText(seen)} in ${version}`,
        })),
        'answered by the server',
      )
    }
    const first = without.find(({ seen }) => demanded(seen))
    if (first === undefined) return unknown(`the server did not answer, but ${seenText(without[0]?.seen)}`)
    return found(
      [
        {
          cause: 'certificate_required',
          severity: 'fault',
          what: `without a certificate ${deployment.mtls?.authority ?? ''} answers with ${seenText(first.seen)}`,
        },
      ],
      '',
    )
  },
}

function demanded(seen: Seen): boolean {
  if (seen.kind === 'tls_refused') return true
  return seen.kind === 'answer' && seen.body === 'html' && [400, 403, 495, 496].includes(seen.status)
}
