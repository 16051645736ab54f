import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import { singleCertificate } from './base64-der.ts'
import { mostCertificates } from './certificate-decoder.ts'
import type { CertificateHeaderProblem } from './certificate-decoder.ts'
import { percentDecoded } from './pem-urlencoded.ts'

/** Reads certificates as base64 DER, joined by commas, leaf first: Traefik's `passTLSClientCert.pem`. */
export function base64DerList(value: string): Result<readonly Uint8Array[], CertificateHeaderProblem> {
  const parts = value.split(',', mostCertificates + 1)
  if (parts.length > mostCertificates) return fail('too_many_certificates')
  const certificates: Uint8Array[] = []
  for (const part of parts) {
    const der = singleCertificate(part)
    if (!der.ok) return der
    certificates.push(der.value)
  }
  return ok(certificates)
}

/** Reads the same list URL-escaped, as Traefik 2 may write it; commas escaped or not. A literal `+` stays one. */
export function base64DerListUrlencoded(value: string): Result<readonly Uint8Array[], CertificateHeaderProblem> {
  const list = percentDecoded(value)
  return list === undefined ? fail('percent_encoding') : base64DerList(list)
}
