import { hash } from 'node:crypto'
import type { CertificateSource, CertificateThumbprint, PresentedCertificate } from '@holdfast/core'

/**
 * Makes the record of a certificate whose key the peer has proven to hold; the only place where one is made.
 *
 * `der` and `chain` are kept, not copied: the caller gives away bytes that nobody else writes to.
 */
export function presentedCertificate(
  der: Uint8Array,
  chain: readonly Uint8Array[],
  source: CertificateSource,
): PresentedCertificate {
  const thumbprint = hash('sha256', der, 'base64url') as CertificateThumbprint
  return { der, thumbprint, chain, source } as PresentedCertificate
}
