import { createPublicKey, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { encodePem } from '@holdfast/x509'
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  issueCertificate,
  keyIdentifierOf,
  keyUsageExtension,
  type NameTemplate,
  subjectKeyIdentifierExtension,
} from '@holdfast/x509/issue'
import { serialNumber, skew } from '../cert/leaf-template.ts'
import type { KeyKind, Making } from '../cert/making.ts'
import { type LabelledLine, printLabelled } from '../cert/print-labelled.ts'
import { type NewFile, writeNewFiles } from '../cert/write-new-files.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { authorityFiles } from './authority-folder.ts'

export interface CaInitOptions {
  readonly dir: string
  readonly name: string
  readonly key: KeyKind
  readonly days: number
}

/** Makes a root and an intermediate that issues, in a folder. Never overwrites. */
export function caInit(options: CaInitOptions, terminal: Terminal, making: Making): ExitCode {
  writeNewFiles(authorityContents(options, making), terminal)
  const shown = (file: string): string => join(options.dir, file)
  const facts = {
    root: shown(authorityFiles.root),
    rootKey: shown(authorityFiles.rootKey),
    issuing: shown(authorityFiles.issuing),
    issuingKey: shown(authorityFiles.issuingKey),
  }
  if (terminal.json) {
    terminal.printJson(facts)
    return 0
  }
  const lines: LabelledLine[] = [
    ['root', `${facts.root}, what others trust`],
    ['root key', facts.rootKey],
    ['issuing', `${facts.issuing}, signs certificates and goes along with each`],
    ['issuing key', facts.issuingKey],
  ]
  printLabelled(lines, terminal)
  terminal.note(`for development: the keys lie unencrypted in ${options.dir}, readable by you alone`)
  return 0
}

function authorityContents(options: CaInitOptions, making: Making): NewFile[] {
  const root = authority(`${options.name} Root`, {}, options, making)
  const issuing = authority(`${options.name} Issuing`, { pathLength: 0 }, options, making, root)
  const certificate = (file: string, { der }: Authority): NewFile => ({
    path: join(options.dir, file),
    content: encodePem(der, 'CERTIFICATE'),
    secrecy: 'public',
  })
  const secret = (file: string, { key }: Authority): NewFile => ({
    path: join(options.dir, file),
    content: key.export({ format: 'pem', type: 'pkcs8' }),
    secrecy: 'secret',
  })
  return [
    certificate(authorityFiles.root, root),
    secret(authorityFiles.rootKey, root),
    certificate(authorityFiles.issuing, issuing),
    secret(authorityFiles.issuingKey, issuing),
  ]
}

interface Authority {
  readonly der: Uint8Array
  readonly key: KeyObject
  readonly subject: NameTemplate
  readonly keyIdentifier: Uint8Array
}

function authority(
  commonName: string,
  constraints: { readonly pathLength?: number },
  options: CaInitOptions,
  making: Making,
  issuer?: Authority,
): Authority {
  const key = making.newKey(options.key)
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' })
  const subject = [{ type: 'CN', value: commonName }]
  const keyIdentifier = keyIdentifierOf(publicKey)
  const der = issueCertificate(
    {
      serialNumber: serialNumber(making),
      subject,
      notBefore: making.now() - skew,
      notAfter: making.now() + options.days * secondsPerDay,
      publicKey,
      extensions: [
        basicConstraintsExtension({ ca: true, ...constraints }),
        keyUsageExtension(['keyCertSign', 'cRLSign']),
        subjectKeyIdentifierExtension(keyIdentifier),
        authorityKeyIdentifierExtension({ keyIdentifier: issuer?.keyIdentifier ?? keyIdentifier }),
      ],
    },
    { privateKey: issuer?.key ?? key, issuer: issuer?.subject ?? subject },
  )
  return { der, key, subject, keyIdentifier }
}

const secondsPerDay = 86_400
