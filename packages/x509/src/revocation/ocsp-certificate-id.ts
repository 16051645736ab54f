import { createHash } from 'node:crypto'
import type { Certificate } from '../certificate/certificate.ts'
import { sameOctets } from '../certificate/parse-certificate.ts'
import { type DerReader, INTEGER, NULL, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE } from '../der/der-reader.ts'
import { encodeElement } from '../der/encode-element.ts'
import { objectIdentifierOctets } from '../der/object-identifier.ts'

/** How OCSP names a certificate: digests of the issuer's name and key, and the serial number. RFC 6960 §4.1.1. */
export interface OcspCertificateId {
  /** Dotted identifier of the digest. SHA-1 is normal: it only names. */
  readonly digest: string
  readonly issuerNameHash: Uint8Array
  readonly issuerKeyHash: Uint8Array
  readonly serialNumber: Uint8Array
}

/** Reads a CertID. */
export function ocspCertificateId(reader: DerReader, limit: number): OcspCertificateId {
  const end = reader.enter(SEQUENCE, limit)
  const endOfAlgorithm = reader.enter(SEQUENCE, end)
  const digest = reader.objectIdentifier(endOfAlgorithm)
  if (reader.peek(endOfAlgorithm) === NULL) reader.skip(endOfAlgorithm)
  reader.leave(endOfAlgorithm)
  const issuerNameHash = reader.octetString(end)
  const issuerKeyHash = reader.octetString(end)
  const serialNumber = reader.integer(end)
  reader.leave(end)
  return { digest, issuerNameHash, issuerKeyHash, serialNumber }
}

/** Encodes the CertID of a certificate with SHA-1, as responders expect it. RFC 5019 §2.1.1. */
export function encodeOcspCertificateId(certificate: Certificate, issuer: Certificate): Uint8Array {
  const algorithm = encodeElement(
    SEQUENCE,
    encodeElement(OBJECT_IDENTIFIER, objectIdentifierOctets(SHA1)!),
    encodeElement(NULL),
  )
  return encodeElement(
    SEQUENCE,
    algorithm,
    encodeElement(OCTET_STRING, createHash('sha1').update(issuer.subject.der).digest()),
    encodeElement(OCTET_STRING, createHash('sha1').update(issuer.publicKey.keyOctets).digest()),
    encodeElement(INTEGER, certificate.serialNumber),
  )
}

/** Tells whether a CertID names this certificate of this issuer, every part compared as octets. */
export function isOcspIdOf(id: OcspCertificateId, certificate: Certificate, issuer: Certificate): boolean {
  const digest = DIGESTS[id.digest]
  if (digest === undefined || !sameOctets(id.serialNumber, certificate.serialNumber)) return false
  return (
    sameOctets(id.issuerNameHash, createHash(digest).update(issuer.subject.der).digest()) &&
    sameOctets(id.issuerKeyHash, createHash(digest).update(issuer.publicKey.keyOctets).digest())
  )
}

const SHA1 = '1.3.14.3.2.26'

const DIGESTS: { readonly [oid: string]: string } = {
  [SHA1]: 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
