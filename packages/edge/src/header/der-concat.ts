import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import { mostCertificates } from './certificate-decoder.ts'
import type { CertificateHeaderProblem } from './certificate-decoder.ts'
import { derElementLength } from './der-element-length.ts'
import { strictBase64 } from './strict-base64.ts'

/** Reads one base64 text over certificates set one after the other: HAProxy's `ssl_c_chain_der`. */
export function derConcat(value: string): Result<readonly Uint8Array[], CertificateHeaderProblem> {
  const bytes = strictBase64(value)
  if (bytes === undefined) return fail('base64')
  const certificates: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    const length = derElementLength(bytes, at)
    if (length === undefined) return fail('der_length')
    if (certificates.length === mostCertificates) return fail('too_many_certificates')
    certificates.push(bytes.subarray(at, at + length))
    at += length
  }
  return ok(certificates)
}
