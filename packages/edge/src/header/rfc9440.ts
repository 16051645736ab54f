import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import { mostCertificates } from './certificate-decoder.ts'
import type { CertificateHeaderProblem } from './certificate-decoder.ts'
import { derElementLength } from './der-element-length.ts'
import { structuredByteSequence, structuredByteSequenceList } from './structured-byte-sequence.ts'

/** Reads `Client-Cert`: one Byte Sequence over the DER of the leaf (RFC 9440 §2.2). */
export function rfc9440(value: string): Result<readonly Uint8Array[], CertificateHeaderProblem> {
  const bytes = structuredByteSequence(value)
  if (!bytes.ok) return bytes
  return derElementLength(bytes.value, 0) === bytes.value.length ? ok([bytes.value]) : fail('der_length')
}

/** Reads `Client-Cert-Chain`: a List of Byte Sequences, leaf excluded, in the order of TLS (RFC 9440 §2.3). */
export function rfc9440Chain(value: string): Result<readonly Uint8Array[], CertificateHeaderProblem> {
  const members = structuredByteSequenceList(value, mostCertificates)
  if (!members.ok) return members
  for (const der of members.value) {
    if (derElementLength(der, 0) !== der.length) return fail('der_length')
  }
  return members
}
