import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import type { CertificateHeaderProblem } from './certificate-decoder.ts'
import { derElementLength } from './der-element-length.ts'
import { strictBase64 } from './strict-base64.ts'

/** Reads one certificate as base64 of its DER on one line: HAProxy, YARP, ARR, Azure App Service, Caddy. */
export function base64Der(value: string): Result<readonly Uint8Array[], CertificateHeaderProblem> {
  const der = singleCertificate(value)
  return der.ok ? ok([der.value]) : der
}

/** Base64 of exactly one DER element. */
export function singleCertificate(text: string): Result<Uint8Array, CertificateHeaderProblem> {
  const bytes = strictBase64(text)
  if (bytes === undefined) return fail('base64')
  return derElementLength(bytes, 0) === bytes.length ? ok(bytes) : fail('der_length')
}
