import type { AccessTokenStore, BoundCertificates, Clock, ReplayStore, RevokedTokenStore } from '@holdfast/core'
import { startExpiredRowRemoval } from './expired-row-removal.ts'
import { createGroupCommit } from './group-commit.ts'
import { openDatabase } from './open-database.ts'
import { sqliteAccessTokenStore } from './sqlite-access-token-store.ts'
import { sqliteBoundCertificates } from './sqlite-bound-certificates.ts'
import { sqliteReplayStore } from './sqlite-replay-store.ts'
import { sqliteRevokedTokenStore } from './sqlite-revoked-token-store.ts'
import { sqliteSigningKeyStore } from './sqlite-signing-key-store.ts'
import type { SqliteSigningKeyStore } from './sqlite-signing-key-store.ts'

export interface SqliteStoreOptions {
  /** Path of the file, or `:memory:`. */
  readonly path: string
  readonly clock: Clock
  readonly busyTimeoutSeconds: number
  readonly replayEntries: number
}

/** All ports on one SQLite file. Any number of processes may open the same file. */
export interface SqliteStore {
  readonly accessTokens: AccessTokenStore
  readonly revokedTokens: RevokedTokenStore
  readonly boundCertificates: BoundCertificates
  readonly replay: ReplayStore
  readonly signingKeys: SqliteSigningKeyStore
  /** Whether a write can be committed now. */
  isWritable(): Promise<boolean>
  /** Commits what waits and closes the file. */
  close(): Promise<void>
}

/** Opens the store; throws what {@link openDatabase} throws. */
export function openSqliteStore(options: SqliteStoreOptions): SqliteStore {
  const database = openDatabase(options.path)
  const group = createGroupCommit(database, options.busyTimeoutSeconds)
  const endRemoval = startExpiredRowRemoval(database, group, options.clock)
  const touch = database.prepare('update replay_size set entries = entries')
  return {
    accessTokens: sqliteAccessTokenStore(database, group),
    boundCertificates: sqliteBoundCertificates(database, group),
    revokedTokens: sqliteRevokedTokenStore(database, group),
    replay: sqliteReplayStore(database, group, options.clock, options.replayEntries),
    signingKeys: sqliteSigningKeyStore(database, group),
    isWritable: () =>
      group
        .write(() => void touch.run())
        .then(
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
