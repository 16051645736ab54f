import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { AccessTokenRecord, AccessTokenStore } from '@holdfast/core'
import { storeCase } from './store-case.ts'
import type { MakeStore } from './store-under-test.ts'

/** Proves that a store keeps the promises of `AccessTokenStore`. */
export async function accessTokenStoreContract(t: TestContext, makeStore: MakeStore<AccessTokenStore>): Promise<void> {
  await storeCase(t, makeStore, 'an issued record is found as it was', async ({ open }) => {
    const { store } = await open()
    const records: readonly AccessTokenRecord[] = [bound, bearer, unusual]
    for (const [at, record] of records.entries()) await store.issue(digest(at), record)
    for (const [at, record] of records.entries()) assert.deepEqual(await store.find(digest(at)), record)
  })

  await storeCase(t, makeStore, 'a record without a confirmation comes back without the property', async ({ open }) => {
    const { store } = await open()
    await store.issue(digest(0), bearer)
    assert.equal(Object.hasOwn((await store.find(digest(0))) ?? {}, 'confirmation'), false)
  })

  await storeCase(
    t,
    makeStore,
    'an unknown digest is not found, and a neighbour in spelling neither',
    async ({ open }) => {
      const { store } = await open()
      await store.issue('Abc', bound)
      for (const other of ['abc', 'ABC', 'Ab', 'Abcd', 'Abc ', '', '%', 'A_c']) {
        assert.equal(await store.find(other), undefined, other)
      }
    },
  )

  await storeCase(t, makeStore, 'a revoked token is unknown from then on', async ({ open }) => {
    const { store } = await open()
    await store.issue(digest(0), bound)
    await store.issue(digest(1), bound)
    assert.equal(await store.revoke(digest(0), bound.clientId), 'revoked')
    assert.equal(await store.find(digest(0)), undefined)
    assert.equal(await store.revoke(digest(0), bound.clientId), 'unknown')
    assert.deepEqual(await store.find(digest(1)), bound)
  })

  await storeCase(t, makeStore, 'a token of another client cannot be revoked', async ({ open }) => {
    const { store } = await open()
    await store.issue(digest(0), bound)
    assert.equal(await store.revoke(digest(0), 'stranger'), 'unknown')
    assert.equal(await store.revoke(digest(0), bound.clientId.toUpperCase()), 'unknown')
    assert.deepEqual(await store.find(digest(0)), bound)
  })

  await storeCase(t, makeStore, 'of many concurrent revocations exactly one answers revoked', async ({ open }) => {
    const stores = [(await open()).store, (await open()).store] as const
    await stores[0].issue(digest(0), bound)
    const answers = await Promise.all(
      times(concurrentCallers).flatMap(() => stores.map((store) => store.revoke(digest(0), bound.clientId))),
    )
    assert.equal(answers.filter((answer) => answer === 'revoked').length, 1)
  })

  await storeCase(t, makeStore, 'records that are issued concurrently are all kept', async ({ open }) => {
    const stores = [await open(), await open()]
    await Promise.all(
      stores.flatMap(({ store }, which) =>
        times(concurrentCallers).map((at) =>
          store.issue(digest(at * 2 + which), { ...bound, subject: `s${String(at)}` }),
        ),
      ),
    )
    for (const open of stores) await open.close()
    const { store } = await open()
    const found = await Promise.all(times(concurrentCallers * 2).map((at) => store.find(digest(at))))
    assert.deepEqual(
      found.map((record) => record?.subject),
      times(concurrentCallers * 2).map((at) => `s${String(Math.floor(at / 2))}`),
    )
  })

  await storeCase(t, makeStore, 'what one process issues or revokes, another sees at once', async ({ open }) => {
    const one = (await open()).store
    const other = (await open()).store
    await one.issue(digest(0), bound)
    assert.deepEqual(await other.find(digest(0)), bound)
    assert.equal(await other.revoke(digest(0), bound.clientId), 'revoked')
    assert.equal(await one.find(digest(0)), undefined)
  })

  await storeCase(t, makeStore, 'an issued record survives close and reopen', async ({ open }) => {
    const before = await open()
    await before.store.issue(digest(0), bound)
    await before.close()
    assert.deepEqual(await (await open()).store.find(digest(0)), bound)
  })

  await storeCase(t, makeStore, 'a revocation survives close and reopen', async ({ open }) => {
    const before = await open()
    await before.store.issue(digest(0), bound)
    await before.store.revoke(digest(0), bound.clientId)
    await before.close()
    assert.equal(await (await open()).store.find(digest(0)), undefined)
  })

  await storeCase(
    t,
    makeStore,
    'a live record is not forgotten while time passes and others are written',
    async ({ open, clock }) => {
      const { store } = await open()
      const expiresAt = clock.now() + 600
      await store.issue(digest(0), { ...bound, expiresAt })
      clock.advance(599)
      await store.issue(digest(1), { ...bound, expiresAt: expiresAt + 600 })
      assert.equal((await store.find(digest(0)))?.expiresAt, expiresAt)
    },
  )
}

function digest(at: number): string {
  return `digest-${String(at).padStart(36, '0')}`
}

function times(count: number): number[] {
  return [...Array(count).keys()]
}

const bound: AccessTokenRecord = {
  clientId: 'acme',
  subject: 'acme',
  scope: ['orders:read', 'orders:write'],
  audience: ['https://api.example'],
  issuedAt: 1_767_225_600,
  expiresAt: 1_767_229_200,
  confirmation: { 'x5t#S256': 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0' },
}

const bearer: AccessTokenRecord = {
  clientId: 'public',
  subject: 'alice',
  scope: [],
  audience: [],
  issuedAt: 1_767_225_600,
  expiresAt: 1_767_229_200,
}

const unusual: AccessTokenRecord = {
  ...bearer,
  clientId: `o'brien"; --\u0000%_\\`,
  subject: 'Zoë 𝄞 \u202e',
  scope: ['', ' ', '[]'],
  audience: ['urn:a', 'urn:a'],
}

/** Enough that a group commit holds several, and that a read-then-write race shows itself. */
const concurrentCallers = 50
