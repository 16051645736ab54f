import type { AccessDescription } from '../extension/authority-information-access.ts'
import type { AuthorityKeyIdentifier } from '../extension/authority-key-identifier.ts'
import type { BasicConstraints } from '../extension/basic-constraints.ts'
import type { PolicyConstraints, PolicyMapping } from '../extension/certificate-policies.ts'
import type { KeyUsage } from '../extension/key-usage.ts'
import type { NameConstraints } from '../extension/name-constraints.ts'
import type { SignatureAlgorithm } from '../key/signature-algorithm.ts'
import type { SubjectPublicKey } from '../key/subject-public-key.ts'
import type { DistinguishedName } from '../name/distinguished-name.ts'
import type { GeneralName } from '../name/general-name.ts'

/** A certificate as plain data: parsed, nothing of it verified. All arrays of octets are views of `der`. RFC 5280 §4.1. */
export interface Certificate {
  readonly der: Uint8Array
  /** TBSCertificate: the octets that are signed. */
  readonly tbs: Uint8Array
  readonly version: 1 | 2 | 3
  /** Content octets of the INTEGER. */
  readonly serialNumber: Uint8Array
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signature: Uint8Array
  readonly issuer: DistinguishedName
  readonly subject: DistinguishedName
  /** Epoch seconds; both ends belong to the validity. */
  readonly notBefore: number
  readonly notAfter: number
  readonly publicKey: SubjectPublicKey
  readonly extensions: readonly Extension[]
  readonly subjectAltNames: readonly GeneralName[]
  readonly basicConstraints?: BasicConstraints
  readonly keyUsage?: readonly KeyUsage[]
  /** Dotted identifiers. */
  readonly extendedKeyUsage?: readonly string[]
  readonly subjectKeyIdentifier?: Uint8Array
  readonly authorityKeyIdentifier?: AuthorityKeyIdentifier
  readonly nameConstraints?: NameConstraints
  /** Dotted identifiers. */
  readonly certificatePolicies?: readonly string[]
  readonly policyMappings?: readonly PolicyMapping[]
  readonly policyConstraints?: PolicyConstraints
  readonly inhibitAnyPolicy?: number
  readonly authorityInformationAccess?: readonly AccessDescription[]
  /** RFC 9608: there is no revocation information for this certificate, and none is to be looked for. */
  readonly noRevocationAvailable?: true
}

export interface Extension {
  /** Dotted identifier. */
  readonly oid: string
  readonly critical: boolean
  /** Content of the OCTET STRING. */
  readonly value: Uint8Array
}
