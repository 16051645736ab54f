import type { Clock } from '@holdfast/core'
import { sqlSigningKeyStore } from '../sql/sql-signing-key-store.ts'
import type { Store } from '../store.ts'
import { startExpiredRowRemoval } from '../sql/expired-row-removal.ts'
import { createGroupCommit } from './group-commit.ts'
import { openDatabase } from './open-database.ts'
import { sqliteAccessTokenStore } from './sqlite-access-token-store.ts'
import { sqliteBoundCertificates } from './sqlite-bound-certificates.ts'
import { sqliteReplayStore } from './sqlite-replay-store.ts'
import { sqliteRevokedTokenStore } from './sqlite-revoked-token-store.ts'
import { sqliteSql } from './sqlite-sql.ts'

export interface SqliteStoreOptions {
  /** Path of the file, or `:memory:`. */
  readonly path: string
  readonly clock: Clock
  readonly busyTimeoutSeconds: number
  readonly replayEntries: number
  /** Default: an older schema is brought up to date. */
  readonly migrate?: 'at-start' | 'by-hand'
}

/** Opens the store; throws what {@link openDatabase} throws. */
export function openSqliteStore(options: SqliteStoreOptions): Store {
  const database = openDatabase(options.path, options.migrate)
  const group = createGroupCommit(database, options.busyTimeoutSeconds)
  const sql = sqliteSql(database, group)
  const endRemoval = startExpiredRowRemoval(sql, options.clock)
  return {
    accessTokens: sqliteAccessTokenStore(database, group, options.clock),
    boundCertificates: sqliteBoundCertificates(database, group),
    revokedTokens: sqliteRevokedTokenStore(database, group),
    replay: sqliteReplayStore(database, group, options.clock, options.replayEntries),
    signingKeys: sqlSigningKeyStore(sql),
    people: async () => (await import('../sql/open-people-stores.ts')).openPeopleStores(sql, options.clock),
    isWritable: () =>
      sql.write('update replay_size set entries = entries').then(
        () => true,
        () => false,
      ),
    close: async () => {
      endRemoval()
      await group.close()
      if (database.isOpen) database.close()
    },
  }
}
