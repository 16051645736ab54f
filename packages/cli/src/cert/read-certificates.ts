import { type Certificate, decodePem, parseCertificate } from '@holdfast/x509'
import { CommandError } from '../command-error.ts'
import type { Terminal } from '../terminal.ts'
import { readFile } from './read-file.ts'

/**
 * Reads the certificates of a file: one in DER, or any number in PEM, leaf first.
 *
 * Kinder than the server: text and other PEM blocks around the certificates are passed over.
 */
export function readCertificates(
  path: string,
  terminal: Pick<Terminal, 'folder'>,
): readonly [Certificate, ...Certificate[]] {
  const [first, ...further] = certificateOctets(path, readFile(path, terminal)).map((der, index) => {
    const certificate = parseCertificate(der)
    if (certificate.ok) return certificate.value
    const { detail, field, offset } = certificate.failure
    throw new CommandError(
      'no',
      `certificate ${index} in ${path} is malformed: ${detail.replaceAll('_', ' ')} in ${field}, at octet ${offset}`,
    )
  })
  if (first === undefined) throw noCertificate(path)
  return [first, ...further]
}

function certificateOctets(path: string, content: Uint8Array): readonly Uint8Array[] {
  if (content[0] === sequenceTag) return [content]
  const blocks = Buffer.from(content).toString('latin1').match(pemBlock)
  if (blocks === null) throw noCertificate(path)
  const decoded = decodePem(blocks.join('\n'))
  if (decoded.ok) return decoded.value
  throw new CommandError('no', `${path} is no PEM: ${decoded.failure.reason.replaceAll('_', ' ')}`)
}

function noCertificate(path: string): CommandError {
  return new CommandError('no', `${path} holds no certificate`, {
    hint: 'a certificate is PEM (-----BEGIN CERTIFICATE-----) or DER',
  })
}

const sequenceTag = 0x30
const pemBlock = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g
