import { createPublicKey, X509Certificate } from 'node:crypto'
import type { RevocationReason } from '@holdfast/x509/issue'
import type { Making } from '../cert/making.ts'
import { readCertificates } from '../cert/read-certificates.ts'
import { CommandError } from '../command-error.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { openAuthorityFolder, readRevocations } from './authority-folder.ts'
import { type CaCrlOptions, writeList } from './ca-crl.ts'

export interface CaRevokeOptions extends CaCrlOptions {
  readonly reason?: RevocationReason
}

/** Revokes certificates of the issuing CA and writes its CRL anew. One that is revoked already stays as it is. */
export function caRevoke(
  files: readonly string[],
  options: CaRevokeOptions,
  terminal: Terminal,
  making: Making,
): ExitCode {
  const authority = openAuthorityFolder(options.dir, terminal)
  const issuingKey = createPublicKey(authority.issuingKey)
  const before = readRevocations(authority)
  const known = new Set(before.revoked.map((entry) => entry.serialNumber))
  const added = files.flatMap((file) => {
    const [certificate] = readCertificates(file, terminal)
    if (!new X509Certificate(certificate.der).verify(issuingKey)) {
      throw new CommandError('no', `${file} was not issued by the CA in ${authority.folder}`)
    }
    const serialNumber = Buffer.from(certificate.serialNumber).toString('hex')
    if (known.has(serialNumber)) {
      terminal.note(`${file} is revoked already`)
      return []
    }
    known.add(serialNumber)
    return [
      { serialNumber, revokedAt: making.now(), ...(options.reason === undefined ? {} : { reason: options.reason }) },
    ]
  })
  return writeList(authority, { ...before, revoked: [...before.revoked, ...added] }, options, terminal, making)
}
