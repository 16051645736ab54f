import type { Certificate } from '../certificate/certificate.ts'
import { parseCertificate, readExtension } from '../certificate/parse-certificate.ts'
import {
  contextConstructed,
  contextPrimitive,
  DerReader,
  type DerReason,
  ENUMERATED,
  SEQUENCE,
} from '../der/der-reader.ts'
import { generalizedTime } from '../der/time.ts'
import { type SignatureAlgorithm, signatureAlgorithm } from '../key/signature-algorithm.ts'
import { distinguishedName, type DistinguishedName } from '../name/distinguished-name.ts'
import { fail, ok, type Result } from '../result.ts'
import { type OcspCertificateId, ocspCertificateId } from './ocsp-certificate-id.ts'

/** An OCSP response as plain data, nothing of it verified. RFC 6960 §4.2.1. */
export interface OcspResponse {
  readonly responder:
    { readonly kind: 'name'; readonly name: DistinguishedName } | { readonly kind: 'key'; readonly keyHash: Uint8Array }
  /** Epoch seconds. */
  readonly producedAt: number
  readonly responses: readonly OcspSingleResponse[]
  readonly nonce: Uint8Array | undefined
  readonly criticalExtensionUnknown: boolean
  readonly tbs: Uint8Array
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signature: Uint8Array
  /** Where the response was had from, as a fact for explanations; nothing is decided by it. */
  readonly origin?: string
  /** Certificates that came along; those that cannot be read are left out. */
  readonly certificates: readonly Certificate[]
}

export interface OcspSingleResponse {
  readonly id: OcspCertificateId
  readonly status:
    | { readonly kind: 'good' }
    /** Epoch seconds; the code is a CRLReason. */
    | { readonly kind: 'revoked'; readonly revokedAt: number; readonly reasonCode: number }
    | { readonly kind: 'unknown' }
  readonly thisUpdate: number
  readonly nextUpdate: number | undefined
}

/** Why octets are no answer: malformed, or a responder's own error. */
export type OcspSyntaxFailure =
  | { readonly reason: 'ocsp_malformed'; readonly detail: DerReason; readonly offset: number }
  | { readonly reason: 'ocsp_too_large'; readonly octets: number }
  | { readonly reason: 'ocsp_not_successful'; readonly status: OcspErrorStatus }

export type OcspErrorStatus =
  'malformedRequest' | 'internalError' | 'tryLater' | 'sigRequired' | 'unauthorized' | 'unknown'

/** Reads an OCSPResponse that holds a BasicOCSPResponse, in strict DER. */
export function parseOcspResponse(der: Uint8Array): Result<OcspResponse, OcspSyntaxFailure> {
  if (der.length > MAXIMUM_RESPONSE) return fail({ reason: 'ocsp_too_large', octets: der.length })
  const reader = new DerReader(der)
  const end = reader.enter(SEQUENCE, der.length)
  const status = reader.smallInteger(end, 255, ENUMERATED)
  if (reader.failure === undefined && status !== 0) {
    return fail({ reason: 'ocsp_not_successful', status: ERROR_STATUSES[status] ?? 'unknown' })
  }
  const endOfTag = reader.enter(contextConstructed(0), end)
  const endOfBytes = reader.enter(SEQUENCE, endOfTag)
  const type = reader.objectIdentifier(endOfBytes)
  if (reader.failure === undefined && type !== BASIC_RESPONSE) reader.refuse('value_not_allowed')
  reader.octetString(endOfBytes)
  const { contentStart, contentEnd } = reader
  reader.leave(endOfBytes)
  reader.leave(endOfTag)
  reader.leave(end)
  reader.leave(der.length)
  if (reader.failure === undefined) reader.position = contentStart
  const response = basicResponse(reader, contentEnd)
  if (reader.failure === undefined) return ok(response)
  return fail({ reason: 'ocsp_malformed', detail: reader.failure.reason, offset: reader.failure.offset })
}

function basicResponse(reader: DerReader, limit: number): OcspResponse {
  const end = reader.enter(SEQUENCE, limit)
  const endOfData = reader.enter(SEQUENCE, end)
  const tbs = reader.element()
  if (reader.peek(endOfData) === contextConstructed(0)) reader.refuse('value_not_allowed', reader.position)
  const responder = responderId(reader, endOfData)
  const producedAt = generalizedTime(reader, endOfData)
  const endOfResponses = reader.enter(SEQUENCE, endOfData)
  const responses: OcspSingleResponse[] = []
  const extensions: Extensions = { nonce: undefined, criticalExtensionUnknown: false }
  while (reader.position < endOfResponses) {
    responses.push(singleResponse(reader, endOfResponses, extensions))
    if (responses.length > MAXIMUM_RESPONSES) reader.refuse('too_many_elements')
  }
  readExtensions(reader, endOfData, extensions)
  reader.leave(endOfData)
  const algorithm = signatureAlgorithm(reader, end)
  const signature = reader.octetsOfBitString(end)
  const certificates = readCertificates(reader, end)
  reader.leave(end)
  reader.leave(limit)
  return {
    responder,
    producedAt,
    responses,
    ...extensions,
    tbs,
    signatureAlgorithm: algorithm,
    signature,
    certificates,
  }
}

function responderId(reader: DerReader, limit: number): OcspResponse['responder'] {
  if (reader.peek(limit) === contextConstructed(1)) {
    const end = reader.enter(contextConstructed(1), limit)
    const name = distinguishedName(reader, end)
    reader.leave(end)
    return { kind: 'name', name }
  }
  const end = reader.enter(contextConstructed(2), limit)
  const keyHash = reader.octetString(end)
  reader.leave(end)
  return { kind: 'key', keyHash }
}

function singleResponse(reader: DerReader, limit: number, extensions: Extensions): OcspSingleResponse {
  const end = reader.enter(SEQUENCE, limit)
  const id = ocspCertificateId(reader, end)
  const status = certificateStatus(reader, end)
  const thisUpdate = generalizedTime(reader, end)
  let nextUpdate: number | undefined
  if (reader.peek(end) === contextConstructed(0)) {
    const endOfTag = reader.enter(contextConstructed(0), end)
    nextUpdate = generalizedTime(reader, endOfTag)
    reader.leave(endOfTag)
  }
  readExtensions(reader, end, extensions)
  reader.leave(end)
  return { id, status, thisUpdate, nextUpdate }
}

function certificateStatus(reader: DerReader, limit: number): OcspSingleResponse['status'] {
  const tag = reader.peek(limit)
  if (tag === contextConstructed(1)) {
    const end = reader.enter(tag, limit)
    const revokedAt = generalizedTime(reader, end)
    let reasonCode = 0
    if (reader.peek(end) === contextConstructed(0)) {
      const endOfTag = reader.enter(contextConstructed(0), end)
      reasonCode = reader.smallInteger(endOfTag, 10, ENUMERATED)
      reader.leave(endOfTag)
    }
    reader.leave(end)
    return { kind: 'revoked', revokedAt, reasonCode }
  }
  if (tag !== contextPrimitive(0) && tag !== contextPrimitive(2)) reader.refuse('tag_unexpected', reader.position)
  reader.skip(limit)
  if (reader.contentEnd !== reader.contentStart) reader.refuse('value_not_allowed')
  return tag === contextPrimitive(0) ? { kind: 'good' } : { kind: 'unknown' }
}

interface Extensions {
  nonce: Uint8Array | undefined
  criticalExtensionUnknown: boolean
}

function readExtensions(reader: DerReader, limit: number, into: Extensions): void {
  if (reader.peek(limit) !== contextConstructed(1)) return
  const endOfTag = reader.enter(contextConstructed(1), limit)
  const end = reader.enter(SEQUENCE, endOfTag)
  while (reader.position < end) {
    const { oid, critical, value } = readExtension(reader, end)
    if (oid === OCSP_NONCE) into.nonce = nonceOf(value)
    else if (critical) into.criticalExtensionUnknown = true
  }
  reader.leave(endOfTag)
}

function nonceOf(value: Uint8Array): Uint8Array {
  const reader = new DerReader(value)
  const nonce = reader.octetString(value.length)
  return reader.failure === undefined ? nonce : value
}

function readCertificates(reader: DerReader, limit: number): readonly Certificate[] {
  const certificates: Certificate[] = []
  if (reader.peek(limit) !== contextConstructed(0)) return certificates
  const endOfTag = reader.enter(contextConstructed(0), limit)
  const end = reader.enter(SEQUENCE, endOfTag)
  while (reader.position < end) {
    reader.skip(end)
    if (certificates.length >= MAXIMUM_CERTIFICATES) reader.refuse('too_many_elements')
    if (reader.failure !== undefined) break
    const certificate = parseCertificate(reader.element())
    if (certificate.ok) certificates.push(certificate.value)
  }
  reader.leave(endOfTag)
  return certificates
}

export const OCSP_NONCE = '1.3.6.1.5.5.7.48.1.2'

const BASIC_RESPONSE = '1.3.6.1.5.5.7.48.1.1'

const ERROR_STATUSES: readonly (OcspErrorStatus | undefined)[] = [
  undefined,
  'malformedRequest',
  'internalError',
  'tryLater',
  undefined,
  'sigRequired',
  'unauthorized',
]

/** One status with a chain takes a few kilobytes. */
const MAXIMUM_RESPONSE = 1_000_000
const MAXIMUM_RESPONSES = 1_000
const MAXIMUM_CERTIFICATES = 16
