import { type Certificate, fail, ok, type Result } from '@holdfast/x509'
import type { CertificateFailure } from '../protocol-error/failure.ts'
import type { CertificateThumbprint, PresentedCertificate } from './presented-certificate.ts'

/** A presented certificate that is, byte for byte, one of those registered for a client. Nobody vouches for it. */
export interface SelfSignedCertificate {
  readonly thumbprint: CertificateThumbprint
  readonly [proof]: 'registered'
}
declare const proof: unique symbol

/**
 * Accepts a presented certificate that is registered for the client.
 *
 * RFC 8705 §2.2: no chain is looked at, whoever signed it. SHA-256 over the whole DER must equal a registered one, so
 * neither the same key nor the same serial number is enough. Stricter than the RFC: the certificate's own dates count,
 * unless the registration says otherwise; then `leaf` is not needed. `now` in epoch seconds.
 */
export function selfSignedCertificate(
  presented: PresentedCertificate,
  registered: ReadonlySet<CertificateThumbprint>,
  dates: { readonly leaf: Pick<Certificate, 'notBefore' | 'notAfter'>; readonly now: number } | 'ignored',
): Result<SelfSignedCertificate, CertificateFailure> {
  const { thumbprint } = presented
  if (!registered.has(thumbprint)) {
    return fail({
      reason: 'certificate_not_registered',
      thumbprint,
      registered: [...registered].slice(0, maximumShown),
    })
  }
  if (dates !== 'ignored') {
    const { leaf, now } = dates
    if (now < leaf.notBefore) {
      return fail({ reason: 'certificate_not_yet_valid', thumbprint, notBefore: leaf.notBefore, now })
    }
    if (now > leaf.notAfter) return fail({ reason: 'certificate_expired', thumbprint, notAfter: leaf.notAfter, now })
  }
  return ok({ thumbprint } as SelfSignedCertificate)
}

/** Facts of a refusal go into every log record: enough to see which certificates were meant. */
const maximumShown = 10
