import type { Certificate } from '../certificate/certificate.ts'
import { contextConstructed, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE } from '../der/der-reader.ts'
import { encodeElement } from '../der/encode-element.ts'
import { objectIdentifierOctets } from '../der/object-identifier.ts'
import { encodeOcspCertificateId } from './ocsp-certificate-id.ts'
import { OCSP_NONCE } from './parse-ocsp-response.ts'

/** Encodes an unsigned request for the status of one certificate, with a nonce of 1 to 32 octets if given. RFC 6960 §4.1, RFC 9654. */
export function encodeOcspRequest(certificate: Certificate, issuer: Certificate, nonce?: Uint8Array): Uint8Array {
  const requests = encodeElement(SEQUENCE, encodeElement(SEQUENCE, encodeOcspCertificateId(certificate, issuer)))
  if (nonce === undefined) return encodeElement(SEQUENCE, encodeElement(SEQUENCE, requests))
  const extension = encodeElement(
    SEQUENCE,
    encodeElement(OBJECT_IDENTIFIER, objectIdentifierOctets(OCSP_NONCE)!),
    encodeElement(OCTET_STRING, encodeElement(OCTET_STRING, nonce)),
  )
  const extensions = encodeElement(contextConstructed(2), encodeElement(SEQUENCE, extension))
  return encodeElement(SEQUENCE, encodeElement(SEQUENCE, requests, extensions))
}
