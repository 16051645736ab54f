import type { CertificateRefusal, PresentedCertificate } from '@holdfast/core'
import { certificateHeaderReader, certificateHeaderSettings } from '@holdfast/edge'
import { readCertificates } from '../cert/read-certificates.ts'
import type { Terminal } from '../terminal.ts'

/** What came with a request, as the edge would hand it on. */
export interface Arrived {
  readonly certificate: PresentedCertificate | undefined
  readonly refusal: CertificateRefusal | undefined
  /** In words. */
  readonly from: string
  /** What else is to be known of it, for the operator. */
  readonly hint?: string | undefined
}

/**
 * The certificates of a file, leaf first, as if they had been presented.
 *
 * They enter where all certificates enter: written as RFC 9440 headers and read by the edge.
 */
export function arrivedFromFile(file: string, terminal: Terminal): Arrived {
  const [leaf, ...chain] = readCertificates(file, terminal)
  const reader = certificateHeaderReader(certificateHeaderSettings({ from: 'rfc9440' }, 'client-certificate'))
  const read = reader.read({
    certificate: byteSequence(leaf.der),
    chain: chain.length === 0 ? undefined : chain.map(({ der }) => byteSequence(der)).join(', '),
    verdict: undefined,
  })
  const from = `the certificate in ${file}`
  return read.ok
    ? { certificate: read.value.certificate, refusal: undefined, from }
    : { certificate: undefined, refusal: { ...read.failure }, from }
}

/** RFC 8941 §3.3.5. */
function byteSequence(bytes: Uint8Array): string {
  return `:${Buffer.from(bytes).toString('base64')}:`
}
