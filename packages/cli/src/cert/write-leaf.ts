import type { KeyObject } from 'node:crypto'
import { encodePem, parseCertificate } from '@holdfast/x509'
import type { ExitCode, Terminal } from '../terminal.ts'
import { type LabelledLine, printLabelled } from './print-labelled.ts'
import { registration, registrationText } from './registration.ts'
import { thumbprintOf } from './thumbprint-of.ts'
import { writeNewFiles } from './write-new-files.ts'

/** A leaf certificate that was made. */
export interface Leaf {
  readonly der: Uint8Array
  /** The intermediates that go into the file with it, DER. */
  readonly chain: readonly Uint8Array[]
  readonly key: KeyObject
}

/** Writes certificate and key beside each other and says where they are, and how to register the certificate. */
export function writeLeaf(
  leaf: Leaf,
  stem: string,
  terminal: Terminal,
  show: 'registration' | 'files only' = 'registration',
): ExitCode {
  const files = { certificate: `${stem}.pem`, key: `${stem}.key` }
  const pem = [leaf.der, ...leaf.chain].map((der) => encodePem(der, 'CERTIFICATE')).join('')
  writeNewFiles(
    [
      { path: files.certificate, content: pem, secrecy: 'public' },
      {
        path: files.key,
        content: leaf.key.export({ format: 'pem', type: 'pkcs8' }),
        secrecy: 'secret',
      },
    ],
    terminal,
  )
  const thumbprint = thumbprintOf(leaf.der)
  const certificate = parseCertificate(leaf.der)
  const lines = certificate.ok && show === 'registration' ? registration(certificate.value) : []
  if (terminal.json) {
    terminal.printJson({
      ...files,
      'x5t#S256': thumbprint,
      registration: lines.map(({ member, value }) => ({ [member]: value })),
    })
    return 0
  }
  const chained = leaf.chain.length === 0 ? '' : ', with its issuing CA'
  const shown: LabelledLine[] = [
    ['certificate', `${files.certificate}${chained}`],
    ['key', `${files.key}, readable by you alone`],
    ['x5t#S256', thumbprint],
    ...lines.map((line, at): LabelledLine => [at === 0 ? 'register' : 'or', registrationText(line)]),
  ]
  printLabelled(shown, terminal)
  return 0
}

/** A file name out of a name: `spiffe://acme.example/a` to `spiffe-acme.example-a`. */
export function fileStem(title: string): string {
  const stem = title
    .replace(/^\*/, 'any')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^[.-]+|-+$/g, '')
  return stem === '' ? 'certificate' : stem.slice(0, longestStem)
}

const longestStem = 100
