import { after, test } from 'node:test'
import { startPostgres, storeContracts } from '@holdfast/testkit'
import type { WholeStore } from '@holdfast/testkit'
import { openPostgresStore } from './open-postgres-store.ts'

const postgres = await startPostgres({ after })
let schemas = 0

if (postgres === undefined) {
  test('stores on PostgreSQL', (t) => t.skip('postgresql is not installed (Debian: apt-get install postgresql)'))
} else {
  storeContracts('PostgreSQL', (choose) => (t, { clock, capacity }) => {
    const schema = `case_${++schemas}`
    postgres.run(`create schema ${schema}`)
    return Promise.resolve({
      open: async () => {
        const store: WholeStore & { close(): Promise<void> } = await openPostgresStore({
          postgres: { ...postgres.address, tls: undefined, connections: 4, schema },
          clock,
          timeoutSeconds: 5,
          replayEntries: capacity ?? 100_000,
          migrate: 'at-start',
        })
        return { store: await choose(store), close: () => store.close() }
      },
    })
  })
}
