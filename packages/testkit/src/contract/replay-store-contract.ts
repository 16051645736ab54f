import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { ReplayStore } from '@holdfast/core'
import { storeCase } from './store-case.ts'
import type { MakeStore } from './store-under-test.ts'

/** Proves that a store keeps the promises of `ReplayStore`. */
export async function replayStoreContract(t: TestContext, makeStore: MakeStore<ReplayStore>): Promise<void> {
  await storeCase(t, makeStore, 'an identifier is taken once', async ({ open, clock }) => {
    const { store } = await open()
    const expiresAt = clock.now() + 60
    assert.equal(await store.take('assertion', 'jti', expiresAt), 'first')
    assert.equal(await store.take('assertion', 'jti', expiresAt), 'replayed')
    assert.equal(await store.take('assertion', 'jti', expiresAt + 1000), 'replayed')
  })

  await storeCase(t, makeStore, 'scopes and spellings do not stand in for each other', async ({ open, clock }) => {
    const { store } = await open()
    const pairs = [
      ['a', 'b'],
      ['a', 'B'],
      ['A', 'b'],
      ['a', 'b '],
      ['b', 'a'],
      ['a:b', 'c'],
      ['a', 'b:c'],
      ['ab', 'c'],
      ['a', 'bc'],
      ['', 'abc'],
      ['abc', ''],
      ['a\u0000b', 'c'],
      ['a', '\u0000bc'],
    ] as const
    for (const [scope, id] of pairs) {
      assert.equal(await store.take(scope, id, clock.now() + 60), 'first', JSON.stringify([scope, id]))
    }
  })

  await storeCase(
    t,
    makeStore,
    'of many concurrent calls in one process exactly one is first',
    async ({ open, clock }) => {
      const { store } = await open()
      const answers = await Promise.all(
        [...Array(concurrentCallers).keys()].map((at) => store.take('code', 'one', clock.now() + 60 + at)),
      )
      assert.deepEqual(tally(answers), { first: 1, replayed: concurrentCallers - 1 })
    },
  )

  await storeCase(
    t,
    makeStore,
    'of concurrent calls in several processes exactly one is first, for each identifier',
    async ({ open, clock }) => {
      const stores = [(await open()).store, (await open()).store, (await open()).store]
      for (const id of ['one', 'two', 'three', 'four', 'five']) {
        const answers = await Promise.all(
          [...Array(10).keys()].flatMap(() => stores.map((store) => store.take('code', id, clock.now() + 60))),
        )
        assert.deepEqual(tally(answers), { first: 1, replayed: 29 }, id)
      }
    },
  )

  await storeCase(t, makeStore, 'what was taken stays taken over close and reopen', async ({ open, clock }) => {
    const before = await open()
    const expiresAt = clock.now() + 60
    assert.equal(await before.store.take('code', 'one', expiresAt), 'first')
    await before.close()
    assert.equal(await (await open()).store.take('code', 'one', expiresAt), 'replayed')
  })

  await storeCase(
    t,
    makeStore,
    'an identifier is remembered until it expires, whatever else happens',
    async ({ open, clock }) => {
      const { store } = await open()
      const expiresAt = clock.now() + 60
      assert.equal(await store.take('code', 'one', expiresAt), 'first')
      clock.advance(60)
      assert.equal(await store.take('code', 'other', expiresAt + 60), 'first')
      assert.equal(await store.take('code', 'one', expiresAt), 'replayed')
    },
  )

  await storeCase(
    t,
    makeStore,
    'a full store answers full, forgets nothing early, and has room again when identifiers have expired',
    async ({ open, clock }) => {
      const { store } = await open()
      const expiresAt = clock.now() + 60
      const ids = ['one', 'two', 'three']
      for (const id of ids) assert.equal(await store.take('code', id, expiresAt), 'first')
      assert.equal(await store.take('code', 'four', expiresAt), 'full')
      for (const id of ids) assert.equal(await store.take('code', id, expiresAt), 'replayed')
      clock.advance(61)
      assert.equal(await store.take('code', 'four', expiresAt + 60), 'first')
    },
    3,
  )
}

function tally(answers: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1
  return counts
}

const concurrentCallers = 50
