import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file of the folder with foreign test data, or `undefined` when the folder is not on this machine. */
export function vectors<Shape>(name: string): Shape | undefined {
  const folder = process.env['HOLDFAST_VECTORS'] ?? join(import.meta.dirname, '../../../../shared/vectors')
  const path = join(folder, name)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Shape) : undefined
}

/** Why a test that needs the file is skipped; `false` when it runs. */
export function missing(file: unknown, name: string): string | false {
  return file === undefined ? `${name} is not here; HOLDFAST_VECTORS names its folder` : false
}
