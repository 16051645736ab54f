import type { CertificateThumbprint } from '../client-certificate/presented-certificate.ts'
import type { Awaitable } from './awaitable.ts'
import type { EpochSeconds } from './clock.ts'

/** The certificates that tokens are bound to, so that such a certificate can be judged again while it is not here. */
export interface BoundCertificates {
  /** Keeps the certificate durably, at least until `until`. Idempotent; a later `until` prolongs. */
  remember(thumbprint: CertificateThumbprint, certificate: BoundCertificate, until: EpochSeconds): Awaitable<void>
  find(thumbprint: string): Awaitable<BoundCertificate | undefined>
}

export interface BoundCertificate {
  /** DER. */
  readonly der: Uint8Array
  /** The CAs that vouched for it, DER, nearest first, without the anchor. */
  readonly chain: readonly Uint8Array[]
}
