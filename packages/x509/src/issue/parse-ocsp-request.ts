import { createHash } from 'node:crypto'
import type { Certificate } from '../certificate/certificate.ts'
import { sameOctets } from '../certificate/parse-certificate.ts'
import { contextConstructed, type DerFailure, DerReader, INTEGER, OCTET_STRING, SEQUENCE } from '../der/der-reader.ts'
import { fail, ok, type Result } from '../result.ts'
import { type OcspCertificateId, ocspCertificateId } from '../revocation/ocsp-certificate-id.ts'

/** What a client asks an OCSP responder. */
export interface OcspRequest {
  readonly requests: readonly RequestedStatus[]
  /** To be echoed (RFC 9654). */
  readonly nonce?: Uint8Array
}

/** One certificate that is asked about. */
export interface RequestedStatus extends OcspCertificateId {
  /** The CertID as it was sent, to be answered with. */
  readonly der: Uint8Array
}

/** Why octets are no OCSP request. */
export interface OcspRequestSyntaxFailure extends DerFailure {
  readonly part: 'request' | 'request_too_large'
}

/** Reads an OCSPRequest in strict DER (RFC 6960 §4.1.1). A signature of the client is passed over: it changes no answer. */
export function parseOcspRequest(der: Uint8Array): Result<OcspRequest, OcspRequestSyntaxFailure> {
  if (der.length > MAXIMUM_REQUEST) return fail({ part: 'request_too_large', reason: 'too_many_elements', offset: 0 })
  const reader = new DerReader(der)
  const end = reader.enter(SEQUENCE, der.length)
  const endOfRequest = reader.enter(SEQUENCE, end)
  if (reader.peek(endOfRequest) === contextConstructed(0)) {
    const endOfVersion = reader.enter(contextConstructed(0), endOfRequest)
    reader.expect(INTEGER, endOfVersion)
    reader.leave(endOfVersion)
  }
  if (reader.peek(endOfRequest) === contextConstructed(1)) reader.skip(endOfRequest)
  const requests: RequestedStatus[] = []
  const endOfList = reader.enter(SEQUENCE, endOfRequest)
  while (reader.failure === undefined && reader.position < endOfList) requests.push(requestedStatus(reader, endOfList))
  let nonce: Uint8Array | undefined
  if (reader.peek(endOfRequest) === contextConstructed(2)) nonce = nonceAmong(reader, endOfRequest)
  reader.leave(endOfRequest)
  if (reader.peek(end) === contextConstructed(0)) reader.skip(end)
  reader.leave(end)
  reader.leave(der.length)
  if (reader.failure !== undefined) return fail({ part: 'request', ...reader.failure })
  return ok({ requests, ...(nonce === undefined ? {} : { nonce }) })
}

/** Tells whether a request is about a certificate of this issuer. */
export function isAboutIssuer(requested: RequestedStatus, issuer: Certificate): boolean {
  const digest = digests.get(requested.digest)
  if (digest === undefined) return false
  return (
    sameOctets(requested.issuerNameHash, createHash(digest).update(issuer.subject.der).digest()) &&
    sameOctets(requested.issuerKeyHash, createHash(digest).update(issuer.publicKey.keyOctets).digest())
  )
}

function requestedStatus(reader: DerReader, limit: number): RequestedStatus {
  const end = reader.enter(SEQUENCE, limit)
  const start = reader.position
  const id = ocspCertificateId(reader, end)
  const der = reader.bytes.subarray(start, reader.position)
  if (reader.peek(end) === contextConstructed(0)) reader.skip(end)
  reader.leave(end)
  return { ...id, der }
}

function nonceAmong(reader: DerReader, limit: number): Uint8Array | undefined {
  let nonce: Uint8Array | undefined
  const endOfExplicit = reader.enter(contextConstructed(2), limit)
  const end = reader.enter(SEQUENCE, endOfExplicit)
  while (reader.failure === undefined && reader.position < end) {
    const endOfExtension = reader.enter(SEQUENCE, end)
    const oid = reader.objectIdentifier(endOfExtension)
    if (reader.peek(endOfExtension) !== OCTET_STRING) reader.boolean(endOfExtension)
    const value = reader.octetString(endOfExtension)
    reader.leave(endOfExtension)
    if (oid !== nonceOid) continue
    const inner = new DerReader(value)
    const octets = inner.octetString(value.length)
    if (inner.failure === undefined && octets.length <= MAXIMUM_NONCE) nonce = octets
  }
  reader.leave(endOfExplicit)
  return nonce
}

const nonceOid = '1.3.6.1.5.5.7.48.1.2'

const digests: ReadonlyMap<string, string> = new Map([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
])

/** Octets: a hundred certificates and a signed request fit. */
const MAXIMUM_REQUEST = 16_384
/** Octets: RFC 9654 §2.1 bids responders take up to 32, and lets them take up to 128. */
const MAXIMUM_NONCE = 128
