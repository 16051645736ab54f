import type { Clock } from '@holdfast/core'
import type { Configuration } from '../config/configuration.ts'
import { openSqliteStore } from './sqlite/open-sqlite-store.ts'
import type { Store } from './store.ts'

/**
 * The store that the configuration names. Rejects with `StoreSchemaError` for one of another version or program, and with
 * `StoreUnavailableError` when the database is away.
 */
export async function openStore({ store, limits }: Configuration, clock: Clock): Promise<Store> {
  const { busyTimeoutSeconds, migrate } = store
  const { replayEntries } = limits
  if (store.kind === 'sqlite') {
    return openSqliteStore({ path: store.path, clock, busyTimeoutSeconds, replayEntries, migrate })
  }
  const { openPostgresStore } = await import('./postgres/open-postgres-store.ts')
  return openPostgresStore({
    postgres: store.postgres,
    clock,
    timeoutSeconds: busyTimeoutSeconds,
    replayEntries,
    migrate,
  })
}
