import type { CertificateSeen } from '../evidence.ts'
import { fromServer, type Seen, seenText } from '../probe/seen.ts'
import { pageForAll } from '../trouble.ts'
import { type Check, found, unknown, nothingSeen } from '../verdict.ts'

/** Check 5: a certificate that no CA knows reaches the server. */
export const selfSignedAccepted: Check = {
  number: 5,
  title: 'self-signed certificates arrive',
  decide: (evidence) => {
    const { certificates } = evidence
    const shown = certificates.filter(({ kind }) => kind === 'plain')
    if (shown.length === 0) return nothingSeen(evidence)
    const page = pageForAll(evidence)
    if (page !== undefined)
      return unknown(`with a certificate and without there is ${seenText(page)}: see checks 19 and 22`)
    const refused = shown.filter(({ seen }) => refusedByTerminator(seen))
    if (refused.length > 0)
      return found(
        refused.slice(0, 1).map(({ seen, version }) => ({
          cause: 'ca_enforced',
          severity: 'fault',
          what: `a self-signed certificate meets ${seenText(seen)} before the server is asked (${version.replace('TLSv', 'TLS ')})`,
        })),
        '',
      )
    return shown.every(({ seen }) => fromServer(seen) || brokenRequest(seen))
      ? found([], `in TLS ${[...new Set(shown.map(({ version }) => version.slice(4)))].join(' and ')}`)
      : unknown(`the server did not answer, but ${seenText(shown.find(({ seen }) => !fromServer(seen))?.seen)}`)
  },
}

/** Whether the terminator lets this certificate through, so that what comes later can be asked at all. */
export function letIn(certificates: readonly CertificateSeen[]): boolean {
  const shown = certificates.filter(({ kind }) => kind === 'plain')
  return shown.length > 0 && shown.every(({ seen }) => !refusedByTerminator(seen))
}

/** A refusal that never came to the server: an alert, or an error page of the terminator about certificates. */
export function refusedByTerminator(seen: Seen): boolean {
  if (seen.kind === 'tls_refused') return true
  return seen.kind === 'answer' && seen.body === 'html' && [400, 403, 495, 496].includes(seen.status)
}

/** What a header with line breaks leads to: see `certificate-fidelity.ts`. */
export function brokenRequest(seen: Seen): boolean {
  return seen.kind === 'answer' && !fromServer(seen) && !refusedByTerminator(seen) && [400, 502].includes(seen.status)
}
