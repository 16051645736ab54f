import { createPrivateKey, type KeyObject } from 'node:crypto'
import { CommandError } from '../command-error.ts'
import type { Terminal } from '../terminal.ts'
import { readFile } from './read-file.ts'

/** Reads a private key that is not encrypted: PEM, or PKCS#8 in DER. */
export function readPrivateKey(path: string, terminal: Pick<Terminal, 'folder'>): KeyObject {
  const content = Buffer.from(readFile(path, terminal))
  try {
    return content[0] === sequenceTag
      ? createPrivateKey({ key: content, format: 'der', type: 'pkcs8' })
      : createPrivateKey(content)
  } catch (cause) {
    throw new CommandError('no', `${path} holds no private key that can be read`, {
      hint: 'a key is PEM (-----BEGIN PRIVATE KEY-----) or PKCS#8 in DER, not encrypted',
      cause,
    })
  }
}

const sequenceTag = 0x30
