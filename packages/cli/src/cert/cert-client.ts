import { issueCertificate, type KeyPurpose } from '@holdfast/x509/issue'
import { openAuthorityFolder } from '../ca/authority-folder.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { type CertificateNames, certificateNames, type NameOptions } from './certificate-names.ts'
import { type LeafOptions, leafTemplate } from './leaf-template.ts'
import type { Making } from './making.ts'
import { fileStem, writeLeaf } from './write-leaf.ts'

export interface CertClientOptions extends LeafOptions, NameOptions {
  readonly ca?: string
}

/** Has the development CA sign a client certificate, and says how to register it. */
export function certClient(options: CertClientOptions, terminal: Terminal, making: Making): ExitCode {
  const { leaf, names } = issuedLeaf(certificateNames(options), ['clientAuth'], options, terminal, making)
  return writeLeaf(leaf, options.out ?? fileStem(names.title), terminal)
}

/** A certificate of the issuing CA in the folder that `ca` names. */
export function issuedLeaf(
  names: CertificateNames,
  purposes: readonly KeyPurpose[],
  options: LeafOptions & { readonly ca?: string },
  terminal: Terminal,
  making: Making,
  issue: typeof issueCertificate = issueCertificate,
): { readonly leaf: Parameters<typeof writeLeaf>[0]; readonly names: CertificateNames } {
  const { issuing, issuingKey, chain } = openAuthorityFolder(options.ca, terminal)
  const key = making.newKey(options.key)
  const template = leafTemplate(names, purposes, options, { own: key, issuer: issuing.publicKey.spki }, making)
  const der = issue(template, { privateKey: issuingKey, issuer: issuing.subject })
  return { leaf: { der, chain, key }, names }
}
