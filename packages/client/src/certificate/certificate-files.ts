import { readFile, stat } from 'node:fs/promises'

import { fail } from '@holdfast/core'
import type { Result } from '@holdfast/core'

import { clientCertificate } from './client-certificate.ts'
import type { CertificateMaterial, ClientCertificate } from './client-certificate.ts'

/** Where certificate and key lie when something else renews them. */
export type CertificateFiles =
  | { readonly certFile: string; readonly keyFile: string; readonly passphrase?: string | undefined }
  | { readonly pfxFile: string; readonly passphrase?: string | undefined }

/** The paths of these files, the certificate first. */
export function certificatePaths(files: CertificateFiles): readonly string[] {
  return 'pfxFile' in files ? [files.pfxFile] : [files.certFile, files.keyFile]
}

/**
 * A text that changes when one of the files does: replaced, rewritten or touched. Through links, so that the way in which
 * Kubernetes swaps a mounted secret is seen too.
 */
export async function filesVersion(files: CertificateFiles): Promise<string> {
  const states = await Promise.all(certificatePaths(files).map((path) => stat(path, { bigint: true })))
  return states.map(({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(':')).join('|')
}

/** Reads the files and checks that they fit each other; a half-written pair does not. */
export async function readCertificateFiles(
  files: CertificateFiles,
): Promise<Result<ClientCertificate, { readonly reason: 'certificate_unusable'; readonly detail: string }>> {
  try {
    const contents = await Promise.all(certificatePaths(files).map((path) => readFile(path)))
    return clientCertificate(materialOf(files, contents))
  } catch (error) {
    return fail({ reason: 'certificate_unusable', detail: error instanceof Error ? error.message : String(error) })
  }
}

/** Puts what was read from {@link certificatePaths}, in that order, together. */
export function materialOf(files: CertificateFiles, contents: readonly Uint8Array[]): CertificateMaterial {
  const [first = new Uint8Array(), second = new Uint8Array()] = contents
  return 'pfxFile' in files
    ? { pfx: first, passphrase: files.passphrase }
    : { cert: first, key: second, passphrase: files.passphrase }
}
