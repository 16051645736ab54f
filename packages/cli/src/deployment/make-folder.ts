import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { CommandError } from '../command-error.ts'

/**
 * Makes a folder and what is missing above it, and says why where that cannot be.
 *
 * Not by `mkdirSync` with `recursive`, which never returns below a folder that takes no entries, as `/proc` is.
 */
export function makeFolder(path: string, mode?: number): void {
  const missing: string[] = []
  for (let at = path; kindOf(at) !== 'folder'; at = dirname(at)) {
    if (kindOf(at) === 'other') throw new CommandError('wrong_use', `${at} is there, and is no folder`)
    missing.unshift(at)
  }
  for (const folder of missing) {
    try {
      mkdirSync(folder, { mode })
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      if (code === 'EEXIST' && kindOf(folder) === 'folder') continue
      throw new CommandError('unknown', `the folder ${folder} cannot be made: ${code ?? message}`, {
        cause,
        hint: 'name a folder in which you may write',
      })
    }
  }
}

function kindOf(path: string): 'folder' | 'other' | 'missing' {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'other'
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'other'
  }
}
