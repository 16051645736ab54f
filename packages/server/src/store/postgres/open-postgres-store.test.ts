import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { fixedClock, startPostgres, storeContracts } from '@holdfast/testkit'
import type { WholeStore } from '@holdfast/testkit'
import type { PostgresConfiguration } from '../../config/configuration.ts'
import { migrateStore, storeSchema } from '../operate-store.ts'
import { expiredRows } from '../sql/expired-rows.ts'
import { migratePostgres } from './migrate-postgres.ts'
import { openPostgresStore } from './open-postgres-store.ts'
import { createPostgresPool } from './postgres-pool.ts'

const postgres = await startPostgres({ after })

if (postgres === undefined) {
  test('stores on PostgreSQL', (t) => t.skip('postgresql is not installed (Debian: apt-get install postgresql)'))
} else {
  const shared = { ...postgres.address, tls: undefined, connections: 4, schema: 'shared' }
  const contract = {
    kind: 'postgres',
    postgres: shared,
    busyTimeoutSeconds: 5,
    migrate: 'at-start',
    revocationCache: undefined,
  } as const
  await migrateStore(contract)
  const cleaner = createPostgresPool(shared, 5)
  after(() => cleaner.close())

  storeContracts('PostgreSQL', (choose) => async (_t, { clock, capacity }) => {
    await cleaner.onOneConnection((_query, execute) => execute(emptied))
    return {
      open: async () => {
        const store: WholeStore & { close(): Promise<void> } = await openPostgresStore({
          postgres: shared,
          clock,
          timeoutSeconds: 5,
          replayEntries: capacity ?? 100_000,
          migrate: 'at-start',
        })
        return { store: await choose(store), close: () => store.close() }
      },
    }
  })

  const database = (schema: string): PostgresConfiguration => {
    return { ...postgres.address, tls: undefined, connections: 4, schema }
  }
  const opened = (
    to: PostgresConfiguration,
    migrate: 'at-start' | 'by-hand' = 'at-start',
  ): ReturnType<typeof openPostgresStore> =>
    openPostgresStore({ postgres: to, clock: fixedClock(), timeoutSeconds: 2, replayEntries: 1000, migrate })

  test('of many processes that start on an empty database at once each finds the schema made', async () => {
    const to = database('together')
    const stores = await Promise.all(Array.from({ length: 6 }, () => opened(to)))
    assert.deepEqual(
      await Promise.all(stores.map((store) => store.isWritable())),
      stores.map(() => true),
    )
    await Promise.all(stores.map((store) => store.close()))
    assert.equal(postgres.run('select count(*) from together.holdfast_schema'), '1')
  })

  test('a database of a newer version is refused, and one of an older where that is brought up to date by hand', async () => {
    const to = database('versions')
    const store = {
      kind: 'postgres',
      postgres: to,
      busyTimeoutSeconds: 2,
      migrate: 'at-start',
      revocationCache: undefined,
    } as const
    const { version, newest } = await storeSchema(store)
    assert.equal(version, 0)
    await migrateStore(store)
    await (await opened(to, 'by-hand')).close()
    postgres.run(`update versions.holdfast_schema set version = ${newest + 1}`)
    await assert.rejects(opened(to), { name: 'StoreSchemaError', code: 'store_newer' })
    await assert.rejects(migrateStore(store), { name: 'StoreSchemaError', code: 'store_newer' })
    const pool = createPostgresPool(to, 2)
    const steps = [...Array<string>(newest + 1).fill(''), 'create table added (a text)']
    await assert.rejects(migratePostgres(to, pool.query, 'by-hand', steps), { code: 'store_older' })
    await assert.rejects(migratePostgres(to, pool.query, 'at-start', [...steps, 'create table added (a text)']), {
      code: 'store_failed',
    })
    assert.equal(postgres.run(`select to_regclass('versions.added') is null`), 't')
    await migratePostgres(to, pool.query, 'at-start', steps)
    assert.deepEqual((await storeSchema(store)).version, newest + 2)
    await pool.close()
  })

  test('a commit is on the disk however the cluster is set up, and replicas that it waits for stay waited for', async () => {
    const to = database('durable')
    for (const [set, expected] of [
      ['off', 'on'],
      ['local', 'on'],
      ['on', 'on'],
      ['remote_apply', 'remote_apply'],
    ]) {
      postgres.run(`alter role holdfast set synchronous_commit = ${String(set)}`)
      const pool = createPostgresPool(to, 2)
      const [row] = await pool.query(`select current_setting('synchronous_commit') as now`, [])
      assert.equal(row?.['now'], expected)
      await pool.close()
    }
    postgres.run('alter role holdfast reset synchronous_commit')
  })

  test('who waits too long for a row or a connection is told that the store is busy, and all goes on afterwards', async () => {
    const to = { ...database('busy'), connections: 1 }
    const store = await openPostgresStore({
      postgres: to,
      clock: fixedClock(),
      timeoutSeconds: 1,
      replayEntries: 1000,
      migrate: 'at-start',
    })
    const other = createPostgresPool(to, 5)
    await other.onOneConnection(async (_query, execute) => {
      await execute('begin')
      await execute('lock table revoked_token')
      const answers = await Promise.allSettled([store.revokedTokens.revoke('a', 1), store.revokedTokens.revoke('b', 1)])
      for (const answer of answers) {
        assert.equal(answer.status === 'rejected' && (answer.reason as { readonly code: string }).code, 'store_busy')
      }
      await execute('rollback')
    })
    await store.revokedTokens.revoke('a', 1)
    assert.equal(await store.revokedTokens.isRevoked('a'), true)
    assert.equal(await store.revokedTokens.isRevoked('b'), false)
    await Promise.all([store.close(), other.close()])
  })

  test('what is past its time is removed, and nothing else', async () => {
    const to = database('removal')
    const store = await opened(to)
    const clock = fixedClock()
    const people = await store.people()
    for (let at = 0; at < 5; at++) {
      const expiresAt = clock.now() + (at < 3 ? -1000 : 1000)
      await people.oneTime('request').keep(`one-${at}`, {}, expiresAt)
      await store.replay.take('scope', `id-${at}`, expiresAt)
      await store.revokedTokens.revoke(`jti-${at}`, expiresAt)
    }
    const pool = createPostgresPool(to, 2)
    for (const removal of expiredRows(2)) await pool.query(`${removal} returning 1 as gone`, [clock.now()])
    for (const table of ['one_time', 'replay', 'revoked_token']) {
      assert.equal(postgres.run(`select count(*) from removal.${table}`), '3')
    }
    assert.equal(postgres.run('select sum(entries) from removal.replay_size'), '3')
    await Promise.all([store.close(), pool.close()])
  })
}

/** Every table but the two that count. */
const emptied = `
  do $$ declare name text; begin
    for name in select tablename from pg_tables where schemaname = 'shared'
      and tablename not in ('holdfast_schema', 'replay_size', 'registered_client_revision') loop
      execute format('delete from %I', name);
    end loop;
    update replay_size set entries = 0;
  end $$`
