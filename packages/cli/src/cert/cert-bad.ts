import { type BadCertificateKind, badCertificateKinds, issueBadCertificate } from '@holdfast/x509/issue'
import { CommandError } from '../command-error.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { type CertClientOptions, issuedLeaf } from './cert-client.ts'
import { certificateNames } from './certificate-names.ts'
import type { Making } from './making.ts'
import { writeLeaf } from './write-leaf.ts'

/** Has the development CA make a client certificate that must be refused, named as a good one would be. */
export function certBad(
  kind: BadCertificateKind,
  options: CertClientOptions,
  terminal: Terminal,
  making: Making,
): ExitCode {
  const named = [options.dns, options.uri, options.ip, options.email, options.subject].some(
    (names) => names !== undefined,
  )
  const names = certificateNames(named ? options : { ...options, subject: `CN=${kind}` })
  const { leaf } = issuedLeaf(names, ['clientAuth'], options, terminal, making, (template, signer) => {
    try {
      return issueBadCertificate(kind, template, signer, making.newKey(options.key))
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause
      throw new CommandError('wrong_use', `this CA cannot make it: ${cause.message}`, {
        hint: 'use a CA on an EC or RSA key: holdfast ca init --dir other --key ec-p256',
        cause,
      })
    }
  })
  const exitCode = writeLeaf(leaf, options.out ?? `bad-${kind}`, terminal, 'files only')
  terminal.note(`must be refused: ${badCertificateKinds[kind]}`)
  return exitCode
}
