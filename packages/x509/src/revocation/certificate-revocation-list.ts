import type { AuthorityKeyIdentifier } from '../extension/authority-key-identifier.ts'
import type { DistributionPointName } from '../extension/crl-distribution-points.ts'
import type { SignatureAlgorithm } from '../key/signature-algorithm.ts'
import type { DistinguishedName } from '../name/distinguished-name.ts'
import type { RevokedSerialIndex } from './revoked-serial-index.ts'

/** A CRL as plain data that holds no view of the octets it was read from, except what its signature needs. RFC 5280 §5. */
export interface CertificateRevocationList {
  readonly issuer: DistinguishedName
  /** Epoch seconds. */
  readonly thisUpdate: number
  readonly nextUpdate: number | undefined
  readonly revoked: RevokedSerialIndex
  readonly authorityKeyIdentifier?: AuthorityKeyIdentifier
  readonly crlNumber?: bigint
  /** Of a delta CRL: the number of the complete CRL it builds on. */
  readonly baseCrlNumber?: bigint
  readonly issuingDistributionPoint?: IssuingDistributionPoint
  /** Why the list must not be used although it can be read: a critical extension that is not understood, and the like. */
  readonly unusable: CrlFlaw | undefined
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signature: Uint8Array
  /** Where the list was had from, as a fact for explanations; nothing is decided by it. */
  readonly origin?: string
  /** TBSCertList; released once the signature is verified. */
  tbs: Uint8Array | undefined
  /** SubjectPublicKeyInfo of the key that was proven to have signed the list. */
  signedBy: Uint8Array | undefined
}

export type CrlFlaw =
  | 'critical_extension_unknown'
  | 'critical_entry_extension_unknown'
  | 'crl_number_critical'
  | 'delta_indicator_not_critical'

/** RFC 5280 §5.2.5. */
export interface IssuingDistributionPoint {
  readonly name?: DistributionPointName
  readonly contains: 'all' | 'user_certificates' | 'ca_certificates' | 'attribute_certificates'
  /** Bits of ReasonFlags, bit 0 lowest; absent for all reasons. */
  readonly reasons?: number
  readonly indirect: boolean
  /** The extension's octets in hexadecimal: a delta CRL belongs to the complete CRL with the same. */
  readonly identity: string
}
