import { closeSync, constants, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, backup } from 'node:sqlite'
import type { StoreBackup } from '../operate-store.ts'

/** See `backupStore`. The copy has mode 0600. */
export async function backupSqlite(path: string, file: string): Promise<StoreBackup> {
  // Made first, so that nobody else may ever read it and nothing that is there is overwritten.
  closeSync(openSync(file, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600))
  const partial = `${file}.partial`
  try {
    closeSync(openSync(partial, constants.O_CREAT | constants.O_TRUNC | constants.O_WRONLY, 0o600))
    const source = new DatabaseSync(path, { readOnly: true, timeout: busyMilliseconds })
    try {
      await backup(source, partial, { rate: allPages })
    } finally {
      source.close()
    }
    const found = check(partial)
    flush(partial)
    renameSync(partial, file)
    flush(dirname(file))
    return found
  } catch (error) {
    rmSync(partial, { force: true })
    rmSync(file, { force: true })
    throw error
  }
}

/** Reads every page of the copy, and makes it one file that needs no other beside it. */
function check(file: string): StoreBackup {
  const copy = new DatabaseSync(file)
  try {
    copy.exec('pragma journal_mode = delete')
    const [verdict] = copy.prepare('pragma integrity_check(1)').all()
    if (verdict?.['integrity_check'] !== 'ok') {
      throw new Error(`the copy is damaged: ${String(verdict?.['integrity_check'])}`)
    }
    const number = (name: string): number => Number(copy.prepare(`pragma ${name}`).get()?.[name])
    return { schema: number('user_version'), bytes: number('page_count') * number('page_size') }
  } finally {
    copy.close()
  }
}

function flush(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** In one step: between two, another process's write would have it begin anew, for ever under load. */
const allPages = 0x7fffffff
const busyMilliseconds = 10_000
