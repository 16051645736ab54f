import { DatabaseSync, type StatementSync } from 'node:sqlite'

/** The smallest table that an opaque token needs, in SQLite with WAL and `synchronous = FULL`. */
export function openTokenTable(file: string): { database: DatabaseSync; insert: StatementSync } {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec(
    `CREATE TABLE access_token (
       hash BLOB PRIMARY KEY, client_id TEXT NOT NULL, thumbprint TEXT NOT NULL, scope TEXT NOT NULL,
       audience TEXT NOT NULL, expires_at INTEGER NOT NULL
     ) STRICT, WITHOUT ROWID`,
  )
  return { database, insert: database.prepare('INSERT INTO access_token VALUES (?, ?, ?, ?, ?, ?)') }
}
