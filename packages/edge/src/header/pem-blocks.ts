import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import { singleCertificate } from './base64-der.ts'
import { mostCertificates } from './certificate-decoder.ts'
import type { CertificateHeaderProblem } from './certificate-decoder.ts'

/** What stands between the lines of a PEM text, by format. */
export type PemSeparator = 'line-breaks' | 'blanks'

/**
 * Reads `CERTIFICATE` blocks and nothing around them.
 *
 * One kind of separator only: where line breaks are due, a blank is a `+` that somebody form-decoded, and is refused.
 */
export function pemBlocks(
  text: string,
  separator: PemSeparator,
): Result<readonly Uint8Array[], CertificateHeaderProblem> {
  const separators = separator === 'line-breaks' ? lineBreaks : blanks
  const certificates: Uint8Array[] = []
  let at = 0
  while (at < text.length) {
    if (!text.startsWith(begin, at)) return fail('pem')
    const finish = text.indexOf(end, at + begin.length)
    if (finish < 0) return fail('pem')
    if (certificates.length === mostCertificates) return fail('too_many_certificates')
    const der = singleCertificate(text.slice(at + begin.length, finish).replace(separators, ''))
    if (!der.ok) return der
    certificates.push(der.value)
    at = finish + end.length
    while (at < text.length && isSeparator(text.charCodeAt(at), separator)) at++
  }
  return certificates.length === 0 ? fail('pem') : ok(certificates)
}

function isSeparator(code: number, separator: PemSeparator): boolean {
  return separator === 'line-breaks' ? code === 0x0a || code === 0x0d : code === 0x20 || code === 0x09
}

const begin = '-----BEGIN CERTIFICATE-----'
const end = '-----END CERTIFICATE-----'
const lineBreaks = /[\r\n]+/g
const blanks = /[ \t]+/g
