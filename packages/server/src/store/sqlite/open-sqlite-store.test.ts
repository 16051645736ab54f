import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { AccessTokenRecord, CertificateThumbprint } from '@holdfast/core'
import { fixedClock, storeContracts, temporaryDirectory } from '@holdfast/testkit'
import type { MakeStore } from '@holdfast/testkit'
import { createGroupCommit } from './group-commit.ts'
import { schemaSteps } from './schema.ts'
import { StoreSchemaError } from '../store-schema-error.ts'
import { openDatabase } from './open-database.ts'
import { openSqliteStore } from './open-sqlite-store.ts'
import type { Store } from '../store.ts'

storeContracts('SQLite', sqlite)

test('the file is made for its owner alone', async (t) => {
  const path = join(await temporaryDirectory(t), 'store.db')
  openDatabase(path).close()
  assert.equal(statSync(path).mode & 0o777, 0o600)
})

test('a file of a newer version is refused and left as it is', async (t) => {
  const path = join(await temporaryDirectory(t), 'store.db')
  openDatabase(path, 'at-start', ['create table a (b)', 'create table c (d)', 'create table e (f)']).close()
  assert.throws(
    () => openDatabase(path, 'at-start', ['create table a (b)', 'create table c (d)']),
    (error: unknown) => error instanceof StoreSchemaError && error.code === 'store_newer',
  )
  const database = new DatabaseSync(path)
  t.after(() => database.close())
  assert.equal(database.prepare('pragma user_version').get()?.['user_version'], 3)
})

test('an older file is brought to the present version, its rows kept', async (t) => {
  const path = join(await temporaryDirectory(t), 'store.db')
  const before = openDatabase(path, 'at-start', ['create table a (b)'])
  before.exec('insert into a values (1)')
  before.close()
  const after = openDatabase(path, 'at-start', ['create table a (b)', 'alter table a add column c default 2'])
  t.after(() => after.close())
  assert.deepEqual({ ...after.prepare('select * from a').get() }, { b: 1, c: 2 })
})

test('P5 a store of every schema before this one goes on, and one of the version before may still write beside it', async (t) => {
  const directory = await temporaryDirectory(t)
  for (let version = 1; version < schemaSteps.length; version++) {
    const path = join(directory, `schema-${version}.db`)
    const before = openDatabase(path, 'at-start', schemaSteps.slice(0, version))
    t.after(() => before.close())
    const insert = before.prepare(
      'insert into access_token (digest, client_id, expires_at, record) values (?, ?, ?, ?)',
    )
    insert.run('before', 'acme', record.expiresAt, JSON.stringify(record))
    before.exec(`insert into replay values ('scope', 'id', ${record.expiresAt})`)
    assert.throws(() => openDatabase(path, 'by-hand'), { name: 'StoreSchemaError', code: 'store_older' })
    const store = openSqliteStore({ path, clock: fixedClock(), busyTimeoutSeconds: 5, replayEntries: 1000 })
    t.after(() => store.close())
    insert.run('beside', 'acme', record.expiresAt, JSON.stringify(record))
    for (const digest of ['before', 'beside']) assert.deepEqual(await store.accessTokens.find(digest), record)
    assert.equal(await store.replay.take('scope', 'id', record.expiresAt), 'replayed')
    const { clients } = await store.people()
    assert.deepEqual(await clients.list(undefined, 10), [])
  }
})

test('a step that fails leaves the file at the version it had', async (t) => {
  const path = join(await temporaryDirectory(t), 'store.db')
  openDatabase(path, 'at-start', ['create table a (b)']).close()
  assert.throws(() =>
    openDatabase(path, 'at-start', ['create table a (b)', 'create table d (e); select no_such_function()']),
  )
  const database = new DatabaseSync(path)
  t.after(() => database.close())
  assert.equal(database.prepare('pragma user_version').get()?.['user_version'], 1)
  assert.equal(database.prepare(`select count(*) as n from sqlite_schema where name = 'd'`).get()?.['n'], 0)
})

test('a file that is no database is refused by its name, and left as it is', async (t) => {
  const path = join(await temporaryDirectory(t), 'store.db')
  const octets = Buffer.alloc(5000, 'not a database ')
  writeFileSync(path, octets)
  assert.throws(
    () => openDatabase(path),
    (error: unknown) =>
      error instanceof StoreSchemaError && error.code === 'store_foreign' && error.message.startsWith(path),
  )
  assert.deepEqual(readFileSync(path), octets)
})

test('a database of another program is refused', async (t) => {
  const path = join(await temporaryDirectory(t), 'other.db')
  const other = new DatabaseSync(path)
  other.exec('create table users (name)')
  other.close()
  assert.throws(
    () => openDatabase(path),
    (error: unknown) => error instanceof StoreSchemaError && error.code === 'store_foreign',
  )
})

test('a write waits for another process that holds the file, without blocking, and then succeeds', async (t) => {
  const { store, path } = await openStore(t)
  const other = new DatabaseSync(path)
  t.after(() => other.close())
  other.exec('begin immediate')
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  let answered = false
  const issued = store.accessTokens.issue('digest', record).then(() => (answered = true))
  await new Promise((resolve) => setTimeout(resolve, 150))
  assert.equal(answered, false)
  other.exec('rollback')
  await issued
  clearInterval(timer)
  assert.ok(turns > 3, `the event loop turned ${turns} times`)
  assert.deepEqual(await store.accessTokens.find('digest'), record)
})

test('a write that cannot be made in time is a failure of the store, and the next one succeeds again', async (t) => {
  const { store, path } = await openStore(t, 0.1)
  const other = new DatabaseSync(path)
  t.after(() => other.close())
  other.exec('begin immediate')
  await assert.rejects(store.accessTokens.issue('digest', record), {
    name: 'StoreUnavailableError',
    code: 'store_busy',
  })
  other.exec('rollback')
  assert.equal(await store.accessTokens.find('digest'), undefined)
  await store.accessTokens.issue('digest', record)
  assert.deepEqual(await store.accessTokens.find('digest'), record)
})

test('a full disk fails the whole group, keeps nothing of it, and is overcome', async (t) => {
  const path = join(await temporaryDirectory(t), 'store.db')
  const database = openDatabase(path)
  t.after(() => database.close())
  const group = createGroupCommit(database, 1)
  const insert = database.prepare('insert into revoked_token values (?, 1)')
  const pages = Number(database.prepare('pragma page_count').get()?.['page_count'])
  database.exec(`pragma max_page_count = ${pages}`)
  const writes = await Promise.allSettled(
    Array.from({ length: 50 }, (_, index) => group.write(() => void insert.run(String(index).padEnd(1000, 'x')))),
  )
  assert.ok(writes.every((write) => write.status === 'rejected'))
  assert.equal(database.prepare('select count(*) as n from revoked_token').get()?.['n'], 0)
  database.exec('pragma max_page_count = 1000000')
  await group.write(() => void insert.run('later'))
  assert.equal(database.prepare('select count(*) as n from revoked_token').get()?.['n'], 1)
})

test('what waits when the store is closed is committed, what comes after is refused', async (t) => {
  const { store, path } = await openStore(t)
  const issued = store.accessTokens.issue('digest', record)
  const closed = store.close()
  await assert.rejects(store.accessTokens.issue('late', record), { code: 'store_closed' })
  await issued
  await closed
  const again = openSqliteStore({ path, clock: fixedClock(), busyTimeoutSeconds: 1, replayEntries: 10 })
  t.after(() => again.close())
  assert.deepEqual(await again.accessTokens.find('digest'), record)
})

test('a bound certificate is found by every process and after a restart, and is written once for many tokens', async (t) => {
  const { store, path } = await openStore(t)
  const certificate = { der: Uint8Array.from([1, 2, 3]), chain: [Uint8Array.from([4]), Uint8Array.from([5, 6])] }
  const thumbprint = 'thumbprint' as CertificateThumbprint
  assert.equal(await store.boundCertificates.find(thumbprint), undefined)
  await store.boundCertificates.remember(thumbprint, certificate, 1000)
  assert.equal(store.boundCertificates.remember(thumbprint, certificate, 2000), undefined)
  await store.boundCertificates.remember(thumbprint, certificate, 1_000_000)
  const other = openSqliteStore({ path, clock: fixedClock(), busyTimeoutSeconds: 1, replayEntries: 10 })
  t.after(() => other.close())
  const found = await other.boundCertificates.find(thumbprint)
  assert.deepEqual(Uint8Array.from(found?.der ?? []), certificate.der)
  assert.deepEqual(
    found?.chain.map((der) => Uint8Array.from(der)),
    certificate.chain,
  )
})

async function openStore(
  t: Parameters<typeof temporaryDirectory>[0],
  busyTimeoutSeconds = 5,
): Promise<{ readonly store: Store; readonly path: string }> {
  const path = join(await temporaryDirectory(t), 'store.db')
  const store = openSqliteStore({ path, clock: fixedClock(), busyTimeoutSeconds, replayEntries: 1000 })
  t.after(() => store.close())
  return { store, path }
}

function sqlite<Chosen>(choose: (store: Store) => Chosen | Promise<Chosen>): MakeStore<Chosen> {
  return async (t, { clock, capacity }) => {
    const path = join(await temporaryDirectory(t), 'store.db')
    return {
      open: async () => {
        const store = openSqliteStore({ path, clock, busyTimeoutSeconds: 5, replayEntries: capacity ?? 100_000 })
        return { store: await choose(store), close: () => store.close() }
      },
    }
  }
}

const record: AccessTokenRecord = {
  clientId: 'acme',
  subject: 'acme',
  scope: ['read'],
  audience: ['https://api.example'],
  issuedAt: 1_767_225_600,
  expiresAt: 1_767_229_200,
}
