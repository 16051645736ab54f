import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { startPostgres, temporaryDirectory } from '@holdfast/testkit'
import type { PostgresOptions, TestPostgres } from '@holdfast/testkit'
import type { StoreSettings } from './store-process.ts'

/** A database of one kind for one test. */
export interface TestDatabase {
  /** For a server's configuration. */
  readonly store: Readonly<Record<string, unknown>>
  /** The same, as the server reads it. */
  readonly settings: StoreSettings
  readonly postgres: TestPostgres | undefined
}

/** Makes a database of a kind; skips the test and answers `undefined` where there is none of that kind. */
export async function openDatabase(
  t: TestContext,
  kind: 'SQLite' | 'PostgreSQL',
  options: PostgresOptions = {},
): Promise<TestDatabase | undefined> {
  const standing = { busyTimeoutSeconds: 5, migrate: 'at-start', revocationCache: undefined } as const
  const limits = { replayEntries: 1_000_000 } as StoreSettings['limits']
  if (kind === 'SQLite') {
    const path = join(await temporaryDirectory(t), 'store.db')
    return {
      store: { url: `sqlite:${path}` },
      settings: { store: { ...standing, kind: 'sqlite', path }, limits },
      postgres: undefined,
    }
  }
  const postgres = await startPostgres(t, options)
  if (postgres === undefined) {
    t.skip('postgresql is not installed (Debian: apt-get install postgresql)')
    return undefined
  }
  return {
    store: { url: postgres.url, 'busy-timeout': 5 },
    settings: {
      store: {
        ...standing,
        kind: 'postgres',
        postgres: { ...postgres.address, tls: undefined, connections: 8, schema: undefined },
      },
      limits,
    },
    postgres,
  }
}

export const databases = ['SQLite', 'PostgreSQL'] as const
