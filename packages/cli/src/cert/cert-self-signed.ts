import { issueCertificate } from '@holdfast/x509/issue'
import type { ExitCode, Terminal } from '../terminal.ts'
import { certificateNames, type NameOptions } from './certificate-names.ts'
import { type LeafOptions, leafTemplate } from './leaf-template.ts'
import type { Making } from './making.ts'
import { fileStem, writeLeaf } from './write-leaf.ts'

export type CertSelfSignedOptions = LeafOptions & NameOptions

/** Makes a client certificate that signs itself, for `self_signed_tls_client_auth` (RFC 8705 §2.2). */
export function certSelfSigned(options: CertSelfSignedOptions, terminal: Terminal, making: Making): ExitCode {
  const names = certificateNames(options)
  const key = making.newKey(options.key)
  const template = leafTemplate(names, ['clientAuth'], options, { own: key, issuer: undefined }, making)
  const der = issueCertificate(template, { privateKey: key, issuer: names.subject })
  return writeLeaf({ der, chain: [], key }, options.out ?? fileStem(names.title), terminal)
}
