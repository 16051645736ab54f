import type { ExitCode, Terminal } from '../terminal.ts'
import { issuedLeaf } from './cert-client.ts'
import { certificateNames, hostNames } from './certificate-names.ts'
import type { LeafOptions } from './leaf-template.ts'
import type { Making } from './making.ts'
import { fileStem, writeLeaf } from './write-leaf.ts'

export interface CertServerOptions extends LeafOptions {
  readonly ca?: string
}

/** Has the development CA sign a server certificate for host names and addresses. */
export function certServer(
  hosts: readonly string[],
  options: CertServerOptions,
  terminal: Terminal,
  making: Making,
): ExitCode {
  const { leaf, names } = issuedLeaf(certificateNames(hostNames(hosts)), ['serverAuth'], options, terminal, making)
  return writeLeaf(leaf, options.out ?? fileStem(names.title), terminal, 'files only')
}
