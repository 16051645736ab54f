import { globSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Files } from './directive.ts'

/** The files of this machine; patterns start at the folder of the file that is examined. */
export const configurationFiles: Files = {
  read(path) {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return undefined
    }
  },
  find(pattern, from) {
    const absolute = resolve(dirname(from), pattern)
    return globSync(absolute).toSorted()
  },
}
