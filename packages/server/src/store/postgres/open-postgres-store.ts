import type { Clock } from '@holdfast/core'
import type { PostgresConfiguration } from '../../config/configuration.ts'
import { startExpiredRowRemoval } from '../sql/expired-row-removal.ts'
import { openPeopleStores } from '../sql/open-people-stores.ts'
import { sqlSigningKeyStore } from '../sql/sql-signing-key-store.ts'
import type { Store } from '../store.ts'
import { migratePostgres } from './migrate-postgres.ts'
import { postgresAccessTokenStore } from './postgres-access-token-store.ts'
import { postgresBoundCertificates } from './postgres-bound-certificates.ts'
import { createPostgresPool } from './postgres-pool.ts'
import { postgresReplayStore } from './postgres-replay-store.ts'
import { postgresRevokedTokenStore } from './postgres-revoked-token-store.ts'
import { postgresSql } from './postgres-sql.ts'

export interface PostgresStoreOptions {
  readonly postgres: PostgresConfiguration
  readonly clock: Clock
  /** How long a call may take, waiting for a connection included. */
  readonly timeoutSeconds: number
  readonly replayEntries: number
  readonly migrate: 'at-start' | 'by-hand'
}

/**
 * Opens all ports on one PostgreSQL database, which any number of processes on any number of machines may share, and brings its
 * schema to the present version. Rejects with `StoreSchemaError`, or `StoreUnavailableError` when the database is away.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const { clock } = options
  const pool = createPostgresPool(options.postgres, options.timeoutSeconds)
  try {
    await migratePostgres(options.postgres, pool.query, options.migrate)
  } catch (error) {
    await pool.close()
    throw error
  }
  const sql = postgresSql(pool)
  const endRemoval = startExpiredRowRemoval(sql, clock)
  return {
    accessTokens: postgresAccessTokenStore(pool, clock),
    boundCertificates: postgresBoundCertificates(pool),
    revokedTokens: postgresRevokedTokenStore(pool),
    replay: postgresReplayStore(pool, clock, options.replayEntries),
    signingKeys: sqlSigningKeyStore(sql),
    people: () => Promise.resolve(openPeopleStores(sql, clock)),
    isWritable: () =>
      sql.write('update holdfast_schema set version = version').then(
        () => true,
        () => false,
      ),
    close: async () => {
      endRemoval()
      await pool.close()
    },
  }
}
