import { createHash } from 'node:crypto'
import { DerReader } from '../der/der-reader.ts'
import { subjectPublicKey } from '../key/subject-public-key.ts'
import {
  type ExtensionTemplate,
  type RevocationReason,
  encodeExtension,
  revocationReasonCode,
} from './certificate-extension.ts'
import {
  type Der,
  derContextConstructed,
  derContextPrimitive,
  derElement,
  derEnumerated,
  derGeneralizedTime,
  derInteger,
  derNull,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derSequenceOf,
} from './der.ts'
import { type NameTemplate, encodeName } from './name-template.ts'
import { type SignatureScheme, type SigningKey, signatureWriter } from './signature-writer.ts'

/** Which certificate an answer is about (RFC 6960 §4.1.1). */
export interface CertificateIdTemplate {
  readonly issuer: NameTemplate
  /** SubjectPublicKeyInfo of the issuer, DER. */
  readonly issuerKey: Uint8Array
  readonly serialNumber: Uint8Array
  /** Defaults to `sha1`, which every client asks with. */
  readonly hash?: 'sha1' | 'sha256'
}

/** One answer. Times are epoch seconds. */
export interface SingleResponseTemplate {
  /** Or the CertID of the request, DER. */
  readonly certificate: CertificateIdTemplate | Uint8Array
  readonly status: 'good' | 'unknown' | { readonly revokedAt: number; readonly reason?: RevocationReason }
  readonly thisUpdate: number
  readonly nextUpdate?: number
  readonly extensions?: readonly ExtensionTemplate[]
}

/** What a BasicOCSPResponse is to say. Nothing is added and nothing is judged. */
export interface OcspResponseTemplate {
  /** Epoch seconds. */
  readonly producedAt: number
  /** The responder by its name, or by its key (SubjectPublicKeyInfo, DER). */
  readonly responder: { readonly name: NameTemplate } | { readonly key: Uint8Array }
  readonly responses: readonly SingleResponseTemplate[]
  /** Echoed from the request (RFC 9654): the octets inside the OCTET STRING. */
  readonly nonce?: Uint8Array
  readonly extensions?: readonly ExtensionTemplate[]
  /** Certificates that go along: the delegated responder's. */
  readonly certificates?: readonly Uint8Array[]
}

/** Makes a successful OCSPResponse with a BasicOCSPResponse inside: DER of RFC 6960 §4.2.1. */
export function issueOcspResponse(
  template: OcspResponseTemplate,
  signer: { readonly privateKey: SigningKey; readonly scheme?: SignatureScheme },
): Uint8Array {
  const extensions = [
    ...(template.nonce === undefined
      ? []
      : [{ oid: '1.3.6.1.5.5.7.48.1.2', critical: false, value: derOctetString(template.nonce) }]),
    ...(template.extensions ?? []),
  ]
  const responseData = derSequence(
    'name' in template.responder
      ? derContextConstructed(1, encodeName(template.responder.name))
      : derContextConstructed(2, derOctetString(keyHash(template.responder.key, 'sha1'))),
    derGeneralizedTime(template.producedAt),
    derSequenceOf(template.responses.map(encodeSingleResponse)),
    ...(extensions.length === 0 ? [] : [derContextConstructed(1, derSequenceOf(extensions.map(encodeExtension)))]),
  )
  const certificates = template.certificates ?? []
  const basicResponse = signatureWriter(signer.privateKey, signer.scheme).sign(
    responseData,
    ...(certificates.length === 0 ? [] : [derContextConstructed(0, derSequenceOf(certificates))]),
  )
  return derSequence(
    derEnumerated(0),
    derContextConstructed(0, derSequence(derObjectIdentifier('1.3.6.1.5.5.7.48.1.1'), derOctetString(basicResponse))),
  )
}

/** Why a responder does not answer. */
export type OcspErrorStatus = keyof typeof errorStatuses

/** Makes an OCSPResponse that answers nothing but why (RFC 6960 §4.2.1, OCSPResponseStatus). */
export function ocspErrorResponse(status: OcspErrorStatus): Uint8Array {
  return derSequence(derEnumerated(errorStatuses[status]))
}

function encodeSingleResponse(response: SingleResponseTemplate): Der {
  const extensions = response.extensions ?? []
  return derSequence(
    response.certificate instanceof Uint8Array ? response.certificate : encodeCertificateId(response.certificate),
    encodeStatus(response.status),
    derGeneralizedTime(response.thisUpdate),
    ...(response.nextUpdate === undefined ? [] : [derContextConstructed(0, derGeneralizedTime(response.nextUpdate))]),
    ...(extensions.length === 0 ? [] : [derContextConstructed(1, derSequenceOf(extensions.map(encodeExtension)))]),
  )
}

function encodeCertificateId({ issuer, issuerKey, serialNumber, hash = 'sha1' }: CertificateIdTemplate): Der {
  return derSequence(
    derSequence(derObjectIdentifier(hashes[hash]), derNull()),
    derOctetString(createHash(hash).update(encodeName(issuer)).digest()),
    derOctetString(keyHash(issuerKey, hash)),
    derInteger(serialNumber),
  )
}

function encodeStatus(status: SingleResponseTemplate['status']): Der {
  if (status === 'good') return derContextPrimitive(0, new Uint8Array(0))
  if (status === 'unknown') return derContextPrimitive(2, new Uint8Array(0))
  const reason =
    status.reason === undefined ? [] : [derContextConstructed(0, derEnumerated(revocationReasonCode(status.reason)))]
  return derElement(0xa1, derGeneralizedTime(status.revokedAt), ...reason)
}

/** Over the key's BIT STRING without tag, length and unused bits (RFC 6960 §4.1.1). */
function keyHash(spki: Uint8Array, hash: 'sha1' | 'sha256'): Uint8Array {
  return createHash(hash)
    .update(subjectPublicKey(new DerReader(spki), spki.length).keyOctets)
    .digest()
}

const hashes = { sha1: '1.3.14.3.2.26', sha256: '2.16.840.1.101.3.4.2.1' } as const

const errorStatuses = {
  malformedRequest: 1,
  internalError: 2,
  tryLater: 3,
  sigRequired: 5,
  unauthorized: 6,
} as const
