import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { StoreSchemaError } from '../store-schema-error.ts'
import { schemaSteps } from './schema.ts'

/**
 * Opens the SQLite file, or makes it (mode 0600), and brings its schema to the present version in one transaction; an older one is
 * left as it is where that is done by hand.
 *
 * WAL with `synchronous=FULL`: a commit is on the disk when it returns. Throws {@link StoreSchemaError} for a file of a newer
 * version or of another program, and what SQLite throws for one that cannot be opened.
 */
export function openDatabase(
  path: string,
  older: 'at-start' | 'by-hand' = 'at-start',
  steps: readonly string[] = schemaSteps,
): DatabaseSync {
  if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600))
  const database = new DatabaseSync(path, { timeout: openTimeoutMilliseconds, allowExtension: false })
  try {
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma trusted_schema = off')
    migrate(database, path, older, steps)
    database.exec(`pragma busy_timeout = ${busyTimeoutMilliseconds}`)
    return database
  } catch (error) {
    database.close()
    throw isNoDatabase(error) ? foreign(path) : error
  }
}

/** SQLite itself names neither the file nor what it expected. */
function isNoDatabase(error: unknown): boolean {
  return (error as { readonly errcode?: unknown }).errcode === SQLITE_NOTADB
}

function migrate(database: DatabaseSync, path: string, older: 'at-start' | 'by-hand', steps: readonly string[]): void {
  if (versionOf(database) === steps.length && pragma(database, 'application_id') === applicationId) return
  database.exec('begin immediate')
  try {
    const version = versionOf(database)
    const owner = pragma(database, 'application_id')
    if (owner !== applicationId && (owner !== 0 || version !== 0 || hasTables(database))) {
      throw foreign(path)
    }
    if (version > steps.length) {
      const both = `schema ${version}, this version knows ${steps.length}`
      throw new StoreSchemaError('store_newer', `${path} was written by a newer version (${both})`)
    }
    if (older === 'by-hand' && version !== 0 && version < steps.length) {
      const both = `schema ${version}, this version needs ${steps.length}`
      throw new StoreSchemaError('store_older', `${path} has the schema of an older version (${both})`)
    }
    for (const step of steps.slice(version)) database.exec(step)
    database.exec(`pragma user_version = ${steps.length}; pragma application_id = ${applicationId}`)
    database.exec('commit')
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    throw error
  }
}

/** The version of the schema in a file, which is left as it is. Throws what {@link openDatabase} throws for another program's. */
export function sqliteSchemaVersion(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true, timeout: openTimeoutMilliseconds })
  try {
    const version = versionOf(database)
    if (version > 0 && pragma(database, 'application_id') !== applicationId) throw foreign(path)
    return version
  } finally {
    database.close()
  }
}

function foreign(path: string): StoreSchemaError {
  return new StoreSchemaError('store_foreign', `${path} is a file of another program`)
}

function versionOf(database: DatabaseSync): number {
  return pragma(database, 'user_version')
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`pragma ${name}`).get()?.[name] ?? 0)
}

function hasTables(database: DatabaseSync): boolean {
  return database.prepare(`select 1 from sqlite_schema limit 1`).get() !== undefined
}

const SQLITE_NOTADB = 26

/** "hofa": tells our files from others. */
const applicationId = 0x686f6661

/** Several processes may start at once and migrate one after the other. */
const openTimeoutMilliseconds = 10_000

/** SQLite waits inside the call, so the event loop waits too: only as long as another process's group takes. */
const busyTimeoutMilliseconds = 20
