import type { Cause } from './cause.ts'
import type { HandshakeFacts } from './probe/open-connection.ts'

/** What is wrong with a server certificate, where that is sure; an unknown CA may only be unknown to us. */
export interface CertificateFault {
  readonly cause: Cause
  readonly what: string
}

/** Tells a certificate that nobody can believe from one that only we do not. `now` in epoch seconds. */
export function certificateFault(
  facts: HandshakeFacts,
  ca: 'named' | 'of_the_system',
  now: number,
): CertificateFault | undefined {
  const [own, ...above] = facts.sent
  switch (facts.distrustCode) {
    case 'CERT_HAS_EXPIRED': {
      const ended = [own, ...above].find((one) => one !== undefined && one.until < now)
      const whose = ended === undefined || ended === own ? '' : ` (that of the CA ${ended.subject} above it)`
      const when = ended === undefined ? '' : ` since ${new Date(ended.until * 1000).toISOString().slice(0, 10)}`
      return { cause: 'server_certificate_expired', what: `shows a certificate that has ended${when}${whose}` }
    }
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        cause: 'server_certificate_of_another_name',
        what: `shows a certificate for ${facts.names.slice(0, 3).join(', ') || (own?.subject ?? 'nobody')}`,
      }
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      // Without a CA that was named, it may be that of a private CA.
      return ca === 'of_the_system'
        ? undefined
        : {
            cause: 'server_certificate_incomplete',
            what: `sends its own certificate without that of the CA which signed it (${own?.issuer ?? 'unknown'}), and --ca does not have it either`,
          }
    default:
      return undefined
  }
}
