/** A place where revocation information was looked for, as facts for the operator. */
export interface EvidenceSource {
  readonly kind: 'crl' | 'ocsp'
  /** Path of a file, or URL. */
  readonly origin: string
  /** Why it is of no use, or cannot be renewed: lower case, no full stop. */
  readonly problem?: string
  /** Of a CRL that was loaded. */
  readonly issuer?: string
  /** Epoch seconds, as the next. */
  readonly thisUpdate?: number
  readonly nextUpdate?: number
}
