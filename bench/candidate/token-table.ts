import { DatabaseSync, type StatementSync } from 'node:sqlite'

/**
 * The smallest table that an opaque token needs, in SQLite with WAL and `synchronous = FULL`.
 *
 * Rows stand in the order of their coming and only the narrow index on the hash is written at random: with the hash as the
 * key of the table itself each row would dirty a wide page of its own.
 */
export function openTokenTable(file: string): { database: DatabaseSync; insert: StatementSync } {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec(
    `CREATE TABLE access_token (
       hash BLOB NOT NULL UNIQUE, client_id TEXT NOT NULL, thumbprint TEXT NOT NULL, scope TEXT NOT NULL,
       audience TEXT NOT NULL, expires_at INTEGER NOT NULL
     ) STRICT`,
  )
  return { database, insert: database.prepare('INSERT INTO access_token VALUES (?, ?, ?, ?, ?, ?)') }
}
