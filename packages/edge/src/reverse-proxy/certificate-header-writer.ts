import type { PresentedCertificate } from '@holdfast/core'
import type { CertificateHeaderFormat } from './reverse-proxy-options.ts'

/** Writes the header lines by which an application learns of the certificate, or that there is none: name, value, … */
export type CertificateHeaderWriter = (certificate: PresentedCertificate | undefined) => readonly string[]

/** Makes the writer of one format; what it wrote for a certificate lives as long as the connection that showed it. */
export function certificateHeaderWriter(format: CertificateHeaderFormat): CertificateHeaderWriter {
  const written = new WeakMap<PresentedCertificate, readonly string[]>()
  const write = format === 'rfc9440' ? rfc9440Lines : nginxLines
  const absent = format === 'rfc9440' ? [] : ['X-SSL-VERIFY', 'NONE']
  return (certificate) => {
    if (certificate === undefined) return absent
    const before = written.get(certificate)
    if (before !== undefined) return before
    const lines = write(certificate)
    written.set(certificate, lines)
    return lines
  }
}

/** RFC 9440 §2.2 and §2.3. */
function rfc9440Lines({ der, chain }: PresentedCertificate): readonly string[] {
  const leaf = ['Client-Cert', byteSequence(der)]
  return chain.length === 0 ? leaf : [...leaf, 'Client-Cert-Chain', chain.map(byteSequence).join(', ')]
}

/** As `$ssl_client_escaped_cert` and `$ssl_client_verify` of a server that asks every client and judges none. */
function nginxLines({ der }: PresentedCertificate): readonly string[] {
  const text = base64(der)
  let body = ''
  for (let at = 0; at < text.length; at += pemLine) body += `${text.slice(at, at + pemLine)}\n`
  const escaped = encodeURIComponent(`-----BEGIN CERTIFICATE-----\n${body}-----END CERTIFICATE-----\n`)
  return ['X-SSL-CERT', escaped, 'X-SSL-VERIFY', 'FAILED:not judged']
}

function byteSequence(der: Uint8Array): string {
  return `:${base64(der)}:`
}

/** Node's own: that of the pure packages needs six times as long, and here it is done for every new connection. */
function base64(der: Uint8Array): string {
  return Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64')
}

/** RFC 7468 §2. */
const pemLine = 64
