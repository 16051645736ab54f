import type { CertificateThumbprint } from '../client-certificate/presented-certificate.ts'
import { decodeBase64url, encodeBase64url } from '../jose/base64url.ts'
import type { MetadataProblems } from './metadata-problem.ts'

/**
 * Reads pinned certificates: SHA-256 over the DER, as base64url like `x5t#S256` or as hex with or without colons like
 * `openssl x509 -fingerprint -sha256`.
 */
export function certificateThumbprints(value: unknown, problems: MetadataProblems): readonly CertificateThumbprint[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length === 0) {
    problems.add('certificate_thumbprints', 'not a list with at least one thumbprint')
    return []
  }
  const thumbprints: CertificateThumbprint[] = []
  for (const [index, text] of value.entries()) {
    const thumbprint = typeof text === 'string' ? parseCertificateThumbprint(text) : undefined
    if (thumbprint !== undefined) thumbprints.push(thumbprint)
    else problems.add(`certificate_thumbprints[${index}]`, 'not a SHA-256 thumbprint', hint(text))
  }
  return thumbprints
}

/** Reads one thumbprint in any of the forms above; `undefined` when it is none. */
export function parseCertificateThumbprint(text: string): CertificateThumbprint | undefined {
  if (text.length === 43) return decodeBase64url(text) === undefined ? undefined : (text as CertificateThumbprint)
  const digits = text.replaceAll(':', '')
  if (!hexadecimal.test(digits)) return undefined
  return encodeBase64url(
    Uint8Array.from({ length: 32 }, (_, index) => Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16)),
  ) as CertificateThumbprint
}

function hint(text: unknown): string {
  const digits = typeof text === 'string' ? text.replaceAll(':', '').length : 0
  return digits === 40 ? 'this is a SHA-1 value; see `holdfast cert thumbprint`' : 'see `holdfast cert thumbprint`'
}

const hexadecimal = /^[0-9A-Fa-f]{64}$/
