import type { CertificateRefusal, PresentedCertificate } from '@holdfast/core'
import { certificateHeaderPresets, certificateHeaderReader, certificateHeaderSettings } from '@holdfast/edge'
import type { Configuration } from '@holdfast/server'
import { readCertificates } from '../cert/read-certificates.ts'
import { CommandError } from '../command-error.ts'
import type { Terminal } from '../terminal.ts'

/** What came with a request, as the edge would hand it on. */
export interface Arrived {
  readonly certificate: PresentedCertificate | undefined
  readonly refusal: CertificateRefusal | undefined
  /** In words. */
  readonly from: string
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

/** The certificate in a header line as a proxy sends it, read by the listener that takes this header. */
export function arrivedByHeader(line: string, configuration: Configuration): Arrived {
  const colon = line.indexOf(':')
  if (colon <= 0) throw new CommandError('wrong_use', '--header takes a whole line', { hint: "'X-SSL-CERT: …'" })
  const name = line.slice(0, colon).trim().toLowerCase()
  const value = line.slice(colon + 1).trim()
  const taken = configuration.listeners.flatMap(({ clientCertificate }) => {
    if (clientCertificate === undefined) return []
    const { from, header, verdict, xfccElement } = clientCertificate
    return [
      certificateHeaderSettings(
        { from, verdict, xfccElement, ...(header === undefined ? {} : { header }) },
        'client-certificate',
      ),
    ]
  })
  const settings = taken.find((candidate) => candidate.header === name)
  if (settings === undefined)
    throw new CommandError('no', `no listener takes a certificate from the header ${name}`, {
      hint:
        taken.length === 0
          ? `no listener has client-certificate; presets are ${Object.keys(certificateHeaderPresets).join(', ')}`
          : `taken are ${[...new Set(taken.map((candidate) => candidate.header))].join(', ')}`,
    })
  const read = certificateHeaderReader({ ...settings, verdict: 'optional' }).read({
    certificate: value,
    chain: undefined,
    verdict: undefined,
  })
  const from = `what the header ${name} holds`
  return read.ok
    ? { certificate: read.value.certificate, refusal: undefined, from }
    : { certificate: undefined, refusal: { ...read.failure }, from }
}

/** RFC 8941 §3.3.5. */
function byteSequence(bytes: Uint8Array): string {
  return `:${Buffer.from(bytes).toString('base64')}:`
}
