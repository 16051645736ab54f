import { existsSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { CommandError } from '../command-error.ts'
import { makeFolder } from '../deployment/make-folder.ts'
import type { Terminal } from '../terminal.ts'

/** A file to be written, where the user stands. Secret ones can be read by their owner only. */
export interface NewFile {
  readonly path: string
  readonly content: string | Uint8Array
  readonly secrecy: 'public' | 'secret'
}

/** Writes all files or, when one of them is there already, none. Never overwrites. */
export function writeNewFiles(files: readonly NewFile[], terminal: Pick<Terminal, 'folder'>): void {
  const place = (path: string): string => resolve(terminal.folder, path)
  for (const { path } of files) if (existsSync(place(path))) throw thereAlready(path)
  for (const { path, content, secrecy } of files) {
    makeFolder(dirname(place(path)))
    try {
      writeFileSync(place(path), content, { flag: 'wx', mode: secrecy === 'secret' ? 0o600 : 0o644 })
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      if (code === 'EEXIST') throw thereAlready(path)
      throw new CommandError('unknown', `${path} cannot be written: ${code ?? message}`, { cause })
    }
  }
}

function thereAlready(path: string): CommandError {
  return new CommandError('wrong_use', `${path} is there already`, {
    hint: 'nothing was written, and nothing is ever overwritten; remove it or choose another name',
  })
}
