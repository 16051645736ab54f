import {
  type ExtensionTemplate,
  type RevocationReason,
  crlNumberExtension,
  deltaCrlIndicatorExtension,
  encodeExtension,
  reasonCodeExtension,
} from './certificate-extension.ts'
import { type Der, derContextConstructed, derInteger, derSequence, derSequenceOf, derTime } from './der.ts'
import type { CertificateSigner } from './issue-certificate.ts'
import { encodeName } from './name-template.ts'
import { signatureWriter } from './signature-writer.ts'

/** One revoked certificate. */
export interface RevokedCertificateTemplate {
  readonly serialNumber: Uint8Array
  /** Epoch seconds. */
  readonly revokedAt: number
  readonly reason?: RevocationReason
  /** Further extensions of the entry, such as the certificate issuer of an indirect CRL. */
  readonly extensions?: readonly ExtensionTemplate[]
}

/** What a CRL is to say. Nothing is added and nothing is judged. */
export interface CertificateListTemplate {
  /** Epoch seconds. */
  readonly thisUpdate: number
  readonly nextUpdate?: number
  readonly revoked: readonly RevokedCertificateTemplate[]
  readonly number?: number | Uint8Array
  /** The number of the complete CRL that this one adds to: makes a delta CRL. */
  readonly baseNumber?: number | Uint8Array
  /** Further extensions: authority key identifier, issuing distribution point. */
  readonly extensions?: readonly ExtensionTemplate[]
}

/** Makes a CRL: DER of RFC 5280 §5.1. Version 1 when nothing in it needs version 2. */
export function issueCertificateList(template: CertificateListTemplate, signer: CertificateSigner): Uint8Array {
  const signature = signatureWriter(signer.privateKey, signer.scheme)
  const extensions = [
    ...(template.extensions ?? []),
    ...(template.number === undefined ? [] : [crlNumberExtension(template.number)]),
    ...(template.baseNumber === undefined ? [] : [deltaCrlIndicatorExtension(template.baseNumber)]),
  ]
  const extended = extensions.length > 0 || template.revoked.some((entry) => entryExtensions(entry).length > 0)
  return signature.sign(
    derSequence(
      ...(extended ? [derInteger(1)] : []),
      signature.algorithm,
      encodeName(signer.issuer),
      derTime(template.thisUpdate),
      ...(template.nextUpdate === undefined ? [] : [derTime(template.nextUpdate)]),
      ...(template.revoked.length === 0 ? [] : [derSequenceOf(template.revoked.map(encodeEntry))]),
      ...(extensions.length === 0 ? [] : [derContextConstructed(0, derSequenceOf(extensions.map(encodeExtension)))]),
    ),
  )
}

function encodeEntry(entry: RevokedCertificateTemplate): Der {
  const extensions = entryExtensions(entry)
  return derSequence(
    derInteger(entry.serialNumber),
    derTime(entry.revokedAt),
    ...(extensions.length === 0 ? [] : [derSequenceOf(extensions.map(encodeExtension))]),
  )
}

function entryExtensions(entry: RevokedCertificateTemplate): readonly ExtensionTemplate[] {
  return [...(entry.reason === undefined ? [] : [reasonCodeExtension(entry.reason)]), ...(entry.extensions ?? [])]
}
