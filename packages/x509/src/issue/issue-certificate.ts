import { derContextConstructed, derInteger, derSequence, derTime } from './der.ts'
import { type ExtensionTemplate, encodeExtension } from './certificate-extension.ts'
import { type NameTemplate, encodeName } from './name-template.ts'
import { type SignatureScheme, type SigningKey, signatureWriter } from './signature-writer.ts'

/** What a certificate is to say. Nothing is added and nothing is judged: a template may ask for a certificate that must be refused. */
export interface CertificateTemplate {
  /** Unsigned, big-endian. RFC 5280 §4.1.2.2 wants 1 to 20 octets and not zero. */
  readonly serialNumber: Uint8Array
  readonly subject: NameTemplate
  /** Epoch seconds, both ends included. */
  readonly notBefore: number
  readonly notAfter: number
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array
  /** In the order in which they are written. With none the version is 1. */
  readonly extensions: readonly ExtensionTemplate[]
}

/** Who signs: the key, and the name that it goes by. */
export interface CertificateSigner {
  readonly privateKey: SigningKey
  readonly issuer: NameTemplate
  /** Defaults to what suits the key. */
  readonly scheme?: SignatureScheme
}

/** Makes a certificate: DER of RFC 5280 §4.1. Throws `RangeError` when the template says what DER cannot. */
export function issueCertificate(template: CertificateTemplate, signer: CertificateSigner): Uint8Array {
  const signature = signatureWriter(signer.privateKey, signer.scheme)
  const extended = template.extensions.length > 0
  return signature.sign(
    derSequence(
      ...(extended ? [derContextConstructed(0, derInteger(2))] : []),
      derInteger(template.serialNumber),
      signature.algorithm,
      encodeName(signer.issuer),
      derSequence(derTime(template.notBefore), derTime(template.notAfter)),
      encodeName(template.subject),
      template.publicKey,
      ...(extended ? [derContextConstructed(3, derSequence(...template.extensions.map(encodeExtension)))] : []),
    ),
  )
}
