import type { KeyObject } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Certificate, encodePem } from '@holdfast/x509'
import { issueCertificateList, authorityKeyIdentifierExtension, type RevocationReason } from '@holdfast/x509/issue'
import { readCertificates } from '../cert/read-certificates.ts'
import { readPrivateKey } from '../cert/read-private-key.ts'
import { CommandError } from '../command-error.ts'
import type { Terminal } from '../terminal.ts'

/** A development CA as it lies in its folder. */
export interface AuthorityFolder {
  /** As it was named, or found. */
  readonly folder: string
  readonly path: string
  /** Signs certificates and CRLs: the intermediate, or the root where it does that itself. */
  readonly issuing: Certificate
  readonly issuingKey: KeyObject
  /** What goes along with each certificate, DER: the intermediate, if there is one. */
  readonly chain: readonly Uint8Array[]
  /** Name of the CRL's file. */
  readonly list: string
}

/** The files that `holdfast ca init` makes. */
export const authorityFiles = {
  root: 'root.pem',
  rootKey: 'root.key',
  issuing: 'issuing.pem',
  issuingKey: 'issuing.key',
} as const

/**
 * Opens the folder that `holdfast ca init` has made, or the one of `holdfast init`, whose CA is a root alone.
 *
 * Without a folder: `ca`, then the folder in which the user stands.
 */
export function openAuthorityFolder(folder: string | undefined, terminal: Pick<Terminal, 'folder'>): AuthorityFolder {
  for (const candidate of folder === undefined ? defaultFolders : [folder]) {
    const path = resolve(terminal.folder, candidate)
    const layout = layouts.find(({ certificate, key }) =>
      [certificate, key].every((file) => existsSync(join(path, file))),
    )
    if (layout === undefined) continue
    const [issuing] = readCertificates(join(path, layout.certificate), terminal)
    return {
      folder: candidate,
      path,
      issuing,
      issuingKey: readPrivateKey(join(path, layout.key), terminal),
      chain: layout.chain === 'with certificates' ? [issuing.der] : [],
      list: layout.list,
    }
  }
  throw new CommandError('wrong_use', `${folder ?? 'ca'} holds no development CA`, {
    hint: `make one with: holdfast ca init --dir ${folder ?? 'ca'}`,
  })
}

const defaultFolders = ['ca', '.']

const layouts = [
  {
    certificate: authorityFiles.issuing,
    key: authorityFiles.issuingKey,
    chain: 'with certificates',
    list: 'issuing.crl',
  },
  { certificate: 'ca.pem', key: 'ca.key', chain: 'none', list: 'ca.crl' },
] as const

/** What the issuing CA has revoked so far. */
export interface Revocations {
  /** Of the CRL written last; 0 when there is none. */
  readonly listNumber: number
  readonly revoked: readonly Revocation[]
}

export interface Revocation {
  /** Hexadecimal. */
  readonly serialNumber: string
  /** Epoch seconds. */
  readonly revokedAt: number
  readonly reason?: RevocationReason
}

export function readRevocations({ path }: AuthorityFolder): Revocations {
  const file = join(path, revokedFile)
  if (!existsSync(file)) return { listNumber: 0, revoked: [] }
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Revocations
  } catch (cause) {
    throw new CommandError('unknown', `${file} is damaged: it is no JSON`, { cause })
  }
}

/** Writes the CRL anew, with the next number. Both files are replaced whole. */
export function writeRevocations(
  authority: AuthorityFolder,
  revocations: Revocations,
  dates: { readonly thisUpdate: number; readonly nextUpdate: number },
): Revocations {
  const next = { ...revocations, listNumber: revocations.listNumber + 1 }
  const { subjectKeyIdentifier } = authority.issuing
  const list = issueCertificateList(
    {
      ...dates,
      number: next.listNumber,
      revoked: next.revoked.map((entry) => ({ ...entry, serialNumber: Buffer.from(entry.serialNumber, 'hex') })),
      extensions:
        subjectKeyIdentifier === undefined
          ? []
          : [authorityKeyIdentifierExtension({ keyIdentifier: subjectKeyIdentifier })],
    },
    { privateKey: authority.issuingKey, issuer: authority.issuing.subject },
  )
  replaceFile(join(authority.path, revokedFile), `${JSON.stringify(next, null, 2)}\n`)
  replaceFile(join(authority.path, authority.list), encodePem(list, 'X509 CRL'))
  return next
}

/** A reader sees the old file or the new one, never a half. */
function replaceFile(path: string, content: string): void {
  const draft = `${path}.new`
  try {
    writeFileSync(draft, content)
    renameSync(draft, path)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new CommandError('unknown', `${path} cannot be written: ${code ?? message}`, { cause })
  }
}

const revokedFile = 'revoked.json'
