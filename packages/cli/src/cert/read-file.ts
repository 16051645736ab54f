import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CommandError } from '../command-error.ts'
import type { Terminal } from '../terminal.ts'

/** Reads a file that the user has named; paths start where the user stands. */
export function readFile(path: string, terminal: Pick<Terminal, 'folder'>): Uint8Array {
  try {
    return readFileSync(resolve(terminal.folder, path))
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read: ${code ?? message}`
    throw new CommandError('unknown', `${path} ${why}`, { cause })
  }
}
