import type { CertificateKind } from '../evidence.ts'
import { fromServer, seenText } from '../probe/seen.ts'
import { type Check, type Found, good, unknown, nothingSeen } from '../verdict.ts'
import { pageForAll, troubleOfAll } from '../trouble.ts'
import { letIn } from './self-signed-accepted.ts'

/** Check 6: certificates that are bad in other ways are refused by the server, in words. */
export const badCertificatesArrive: Check = {
  number: 6,
  title: 'bad certificates are refused in JSON',
  decide: (evidence) => {
    const { certificates } = evidence
    const bad = certificates.filter(({ kind }) => kind in names)
    if (bad.length === 0) return nothingSeen(evidence)
    if (troubleOfAll(evidence) !== undefined) return unknown('no request is served there: see check 22')
    const page = pageForAll(evidence)
    if (page !== undefined)
      return unknown(`with a certificate and without there is ${seenText(page)}: see checks 19 and 22`)
    if (!letIn(certificates)) return unknown('not even a good one is let in')
    const pages = bad.filter(({ seen }) => seen.kind === 'answer' && seen.body === 'html')
    if (pages.length > 0)
      return {
        outcome: 'found',
        findings: [
          {
            cause: 'bad_certificate_html',
            severity: 'warning',
            what: `a certificate that is ${kindsText(pages.map(({ kind }) => kind))} meets ${seenText(pages[0]?.seen)}`,
          },
        ],
      }
    const alerts = bad.filter(({ seen }) => seen.kind === 'tls_refused')
    const notes: readonly Found[] =
      alerts.length === 0
        ? []
        : [
            {
              cause: 'bad_certificate_alert',
              severity: 'note',
              what: `a certificate that is ${kindsText(alerts.map(({ kind }) => kind))} meets ${seenText(alerts[0]?.seen)}`,
            },
          ]
    return bad.every(({ seen }) => fromServer(seen) || seen.kind === 'tls_refused')
      ? good(alerts.length === 0 ? 'expired, not yet valid, meant for servers' : 'refused in TLS', notes)
      : unknown(`the server did not answer, but ${seenText(bad.find(({ seen }) => !fromServer(seen))?.seen)}`)
  },
}

function kindsText(kinds: readonly CertificateKind[]): string {
  return [...new Set(kinds)].map((kind) => names[kind as keyof typeof names]).join(', or ')
}

const names = { expired: 'expired', future: 'not yet valid', for_servers: 'meant for servers' } as const
