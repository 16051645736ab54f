import type { Certificate } from '../certificate/certificate.ts'

/** A certificate that may have signed others, with its key once it was needed. */
export interface CertificationAuthority {
  readonly certificate: Certificate
  readonly source: AuthoritySource
  /** The platform's key, imported at first use and kept; null when the platform cannot use it. */
  key: object | null | undefined
  /** Whether its own key signed it, where that was asked. */
  signedItself?: boolean
}

/** Where a candidate came from. */
export type AuthoritySource = 'anchor' | 'configured' | 'learned' | 'presented'

/** Wraps a certificate whose key is imported when a signature is checked with it. */
export function certificationAuthority(certificate: Certificate, source: AuthoritySource): CertificationAuthority {
  return { certificate, source, key: undefined }
}
