import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fixedClock, temporaryDirectory } from '@holdfast/testkit'
import { backupStore, migrateStore, storeSchema } from '../operate-store.ts'
import { openSqliteStore } from './open-sqlite-store.ts'

const options = { clock: fixedClock(), busyTimeoutSeconds: 5, replayEntries: 100_000 }
const record = { clientId: 'acme', subject: 'acme', scope: [], audience: [], issuedAt: 1, expiresAt: 4_000_000_000 }

test('a backup under load holds everything that was answered before it began, in one file for its owner alone', async (t) => {
  const directory = await temporaryDirectory(t)
  const path = join(directory, 'store.db')
  const store = openSqliteStore({ path, ...options })
  t.after(() => store.close())
  let issued = 0
  let stop = false
  const load = Array.from({ length: 8 }, async (_, writer) => {
    for (let at = 0; !stop; at++) {
      await store.accessTokens.issue(`${writer}-${at}`, record)
      issued++
    }
  })
  while (issued < 500) await new Promise((resolve) => setImmediate(resolve))
  await store.accessTokens.issue('last', record)
  const before = issued
  const copy = join(directory, 'copy.db')
  const { schema, bytes } = await backupStore(path, copy)
  stop = true
  await Promise.all(load)
  assert.equal(schema, (await storeSchema({ kind: 'sqlite', path, ...standing })).newest)
  assert.equal(bytes, statSync(copy).size)
  assert.equal(statSync(copy).mode & 0o777, 0o600)
  assert.deepEqual(
    (await readdir(directory)).filter((name) => name.startsWith('copy')),
    ['copy.db'],
  )

  const restored = openSqliteStore({ path: copy, ...options })
  t.after(() => restored.close())
  assert.deepEqual(await restored.accessTokens.find('last'), record)
  const counts = await Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      let at = 0
      while ((await restored.accessTokens.find(`${writer}-${at}`)) !== undefined) at++
      return at
    }),
  )
  assert.ok(counts.reduce((sum, count) => sum + count, 0) >= before, 'something that was answered is not in it')
})

test('a backup never overwrites a file, and one that fails leaves nothing', async (t) => {
  const directory = await temporaryDirectory(t)
  const path = join(directory, 'store.db')
  await openSqliteStore({ path, ...options }).close()
  await writeFile(join(directory, 'precious'), 'precious')
  await assert.rejects(backupStore(path, join(directory, 'precious')), { code: 'EEXIST' })
  assert.equal(statSync(join(directory, 'precious')).size, 8)
  await writeFile(join(directory, 'not.db'), 'not a database at all, but long enough to be looked at')
  await assert.rejects(backupStore(join(directory, 'not.db'), join(directory, 'copy.db')))
  assert.deepEqual(
    (await readdir(directory)).filter((name) => name.startsWith('copy')),
    [],
  )
})

test('the schema of a store is looked at without making one, and brought up to date', async (t) => {
  const path = join(await temporaryDirectory(t), 'store.db')
  const store = { kind: 'sqlite', path, ...standing } as const
  const { version, newest } = await storeSchema(store)
  assert.equal(version, 0)
  assert.throws(() => statSync(path), { code: 'ENOENT' })
  await migrateStore(store)
  assert.deepEqual(await storeSchema(store), { version: newest, newest })
})

const standing = { busyTimeoutSeconds: 5, migrate: 'at-start', revocationCache: undefined } as const
