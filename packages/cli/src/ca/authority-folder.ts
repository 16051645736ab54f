import type { KeyObject } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  type Certificate,
  encodePem,
  issueCertificateList,
  authorityKeyIdentifierExtension,
  type RevocationReason,
} from '@holdfast/x509'
import { readCertificates } from '../cert/read-certificates.ts'
import { readPrivateKey } from '../cert/read-private-key.ts'
import { CommandError } from '../command-error.ts'
import type { Terminal } from '../terminal.ts'

/** A development CA as it lies in its folder: a root, and the intermediate that issues. */
export interface AuthorityFolder {
  readonly path: string
  readonly root: Certificate
  readonly issuing: Certificate
  readonly issuingKey: KeyObject
}

/** The files of a development CA. */
export const authorityFiles = {
  root: 'root.pem',
  rootKey: 'root.key',
  issuing: 'issuing.pem',
  issuingKey: 'issuing.key',
  revoked: 'revoked.json',
  list: 'issuing.crl',
} as const

/** Opens the folder that `holdfast ca init` has made. */
export function openAuthorityFolder(folder: string, terminal: Pick<Terminal, 'folder'>): AuthorityFolder {
  const path = resolve(terminal.folder, folder)
  if (!existsSync(join(path, authorityFiles.issuing))) {
    throw new CommandError('wrong_use', `${folder} holds no development CA`, {
      hint: `make one with: holdfast ca init --dir ${folder}`,
    })
  }
  return {
    path,
    root: readCertificates(join(path, authorityFiles.root), terminal)[0],
    issuing: readCertificates(join(path, authorityFiles.issuing), terminal)[0],
    issuingKey: readPrivateKey(join(path, authorityFiles.issuingKey), terminal),
  }
}

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
  const file = join(path, authorityFiles.revoked)
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
  replaceFile(join(authority.path, authorityFiles.revoked), `${JSON.stringify(next, null, 2)}\n`)
  replaceFile(join(authority.path, authorityFiles.list), encodePem(list, 'X509 CRL'))
  return next
}

/** A reader sees the old file or the new one, never a half. */
function replaceFile(path: string, content: string): void {
  const draft = `${path}.new`
  writeFileSync(draft, content)
  renameSync(draft, path)
}
