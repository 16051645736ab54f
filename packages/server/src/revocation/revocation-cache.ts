import { hash, randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, statSync, unlinkSync } from 'node:fs'
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Configuration } from '../config/configuration.ts'

/** Fetched CRLs and OCSP responses on disk. They are signed: what is read back is verified like what is fetched. */
export interface RevocationCache {
  /** `undefined` when there is nothing of at most `maximumOctets`. */
  read(key: string, maximumOctets: number): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Whole or not at all. Rejects when the disk does. */
  write(key: string, octets: Uint8Array): Promise<void>
}

export interface CacheFolder {
  readonly folder: string
  readonly writing: 'read_and_write' | 'read_only'
}

/** A cache in a folder, which is made when something is to be written. What nobody renewed for long is removed now. */
export function revocationCache({ folder, writing }: CacheFolder): RevocationCache {
  const pathOf = (key: string): string => join(folder, hash('sha256', key, 'hex'))
  if (writing === 'read_and_write') removeOld(folder)
  return {
    read: async (key, maximumOctets) => {
      try {
        const path = pathOf(key)
        if ((await stat(path)).size > maximumOctets) return undefined
        // A small file may lie in memory that Node shares among buffers.
        return new Uint8Array(await readFile(path))
      } catch {
        return undefined
      }
    },
    write: async (key, octets) => {
      if (writing === 'read_only') return
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const path = pathOf(key)
      const partial = `${path}.${randomUUID()}.partial`
      await writeFile(partial, octets, { mode: 0o600 })
      await rename(partial, path)
    },
  }
}

/** Where a server with this configuration keeps what it fetched: beside its SQLite file, or where the configuration says. */
export function cacheFolder({ store }: Configuration, writing: CacheFolder['writing']): CacheFolder | undefined {
  return store.revocationCache === undefined ? undefined : { folder: store.revocationCache, writing }
}

/** A cache that keeps nothing, for a store in memory. */
export const noRevocationCache: RevocationCache = {
  read: () => Promise.resolve(undefined),
  write: () => Promise.resolve(),
}

function removeOld(folder: string): void {
  try {
    const before = Date.now() - maximumAgeMilliseconds
    for (const name of readdirSync(folder)) {
      const path = join(folder, name)
      if (statSync(path).mtimeMs < before) unlinkSync(path)
    }
  } catch {
    // There is no folder yet, or another process was faster.
  }
}

/** Root CAs publish twice a year. */
const maximumAgeMilliseconds = 200 * 86_400_000
