import { existsSync } from 'node:fs'
import type { StoreConfiguration } from '../config/configuration.ts'

/** Which schema a store has, and which this version of the program makes. */
export interface StoreSchema {
  /** 0: there is none yet. */
  readonly version: number
  readonly newest: number
}

/** What is in a backup. */
export interface StoreBackup {
  /** Version of its schema. */
  readonly schema: number
  readonly bytes: number
}

/** Looks at the schema of a store without changing anything. Rejects with `StoreUnavailableError` when the database is away. */
export async function storeSchema(store: StoreConfiguration): Promise<StoreSchema> {
  if (store.kind === 'sqlite') {
    const { schemaSteps } = await import('./sqlite/schema.ts')
    if (!existsSync(store.path)) return { version: 0, newest: schemaSteps.length }
    const { sqliteSchemaVersion } = await import('./sqlite/open-database.ts')
    return { version: sqliteSchemaVersion(store.path), newest: schemaSteps.length }
  }
  const { postgresSchemaSteps } = await import('./postgres/postgres-schema.ts')
  const { postgresSchemaVersion } = await import('./postgres/migrate-postgres.ts')
  const { createPostgresPool } = await import('./postgres/postgres-pool.ts')
  const pool = createPostgresPool(store.postgres, store.busyTimeoutSeconds)
  try {
    return { version: await postgresSchemaVersion(pool.query), newest: postgresSchemaSteps.length }
  } finally {
    await pool.close()
  }
}

/** Brings the schema of a store to the newest version. Rejects with `StoreSchemaError` when it is newer than that. */
export async function migrateStore(store: StoreConfiguration): Promise<void> {
  if (store.kind === 'sqlite') {
    const { openDatabase } = await import('./sqlite/open-database.ts')
    return openDatabase(store.path).close()
  }
  const { migratePostgres } = await import('./postgres/migrate-postgres.ts')
  const { createPostgresPool } = await import('./postgres/postgres-pool.ts')
  const pool = createPostgresPool(store.postgres, store.busyTimeoutSeconds)
  try {
    await migratePostgres(store.postgres, pool.query, 'at-start')
  } finally {
    await pool.close()
  }
}

/**
 * Copies a SQLite store into a new file while servers go on writing to it: the copy is the store of one moment, is checked, and is
 * on the disk when the promise is fulfilled. Rejects when that file is there already.
 */
export async function backupStore(path: string, file: string): Promise<StoreBackup> {
  const { backupSqlite } = await import('./sqlite/backup-sqlite.ts')
  return backupSqlite(path, file)
}
