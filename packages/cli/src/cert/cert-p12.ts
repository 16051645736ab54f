import { X509Certificate } from 'node:crypto'
import { basename, extname } from 'node:path'
import { encodePkcs12 } from '@holdfast/x509/issue'
import { CommandError } from '../command-error.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import type { Making } from './making.ts'
import { type LabelledLine, printLabelled } from './print-labelled.ts'
import { readCertificates } from './read-certificates.ts'
import { readFile } from './read-file.ts'
import { readPrivateKey } from './read-private-key.ts'
import { writeNewFiles } from './write-new-files.ts'

export interface CertP12Options {
  readonly out?: string
  readonly name?: string
  readonly passwordFile?: string
}

/** Packs a certificate, its chain and its key into a PKCS#12 file; makes up a password where none is given. */
export function certP12(
  certificateFile: string,
  keyFile: string,
  options: CertP12Options,
  terminal: Terminal,
  making: Making,
): ExitCode {
  const certificates = readCertificates(certificateFile, terminal)
  const key = readPrivateKey(keyFile, terminal)
  if (!new X509Certificate(certificates[0].der).checkPrivateKey(key)) {
    throw new CommandError('no', `${keyFile} is not the key of ${certificateFile}`)
  }
  const stem = basename(certificateFile, extname(certificateFile))
  const given = givenPassword(options, terminal)
  const password = given ?? Buffer.from(making.random(generatedPasswordOctets)).toString('base64url')
  const [leaf, ...chain] = certificates.map(({ der }) => der)
  const content = encodePkcs12(
    {
      certificates: [leaf!, ...chain],
      privateKey: key.export({ format: 'der', type: 'pkcs8' }),
      password,
      friendlyName: options.name ?? stem,
    },
    making.random,
  )
  const out = options.out ?? `${stem}.p12`
  writeNewFiles([{ path: out, content, secrecy: 'secret' }], terminal)
  const made: LabelledLine[] = [['file', out], ...(given === undefined ? [['password', password] as const] : [])]
  if (terminal.json) terminal.printJson(Object.fromEntries(made))
  else printLabelled(made, terminal)
  return 0
}

/** The first line of the file, or the environment's; never an argument, which every process can read. */
function givenPassword({ passwordFile }: CertP12Options, terminal: Terminal): string | undefined {
  if (passwordFile === undefined) return terminal.environment['HOLDFAST_P12_PASSWORD']
  const [password = ''] = Buffer.from(readFile(passwordFile, terminal)).toString('utf8').split(/\r?\n/)
  if (password === '') throw new CommandError('wrong_use', `${passwordFile} holds no password in its first line`)
  return password
}

const generatedPasswordOctets = 18
