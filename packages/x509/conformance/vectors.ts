import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

/** The folder of foreign vectors, or undefined when this machine has none. */
export function vectorsFolder(): string | undefined {
  const here = dirname(fileURLToPath(import.meta.url))
  const folder = process.env['HOLDFAST_VECTORS'] ?? join(here, '../../../../shared/vectors')
  return existsSync(folder) ? folder : undefined
}

/** Parsed JSON of one vector file, or undefined when it is absent; says so in one line. */
export function readVectors(name: string): unknown {
  const folder = vectorsFolder()
  const file = folder === undefined ? undefined : join(folder, name)
  if (file === undefined || !existsSync(file)) {
    process.stderr.write(`skipped: vectors ${name} are not on this machine\n`)
    return undefined
  }
  const octets = readFileSync(file)
  return JSON.parse((name.endsWith('.gz') ? gunzipSync(octets) : octets).toString('utf8'))
}
