import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { GuessBucket, GuessStore } from '@holdfast/core'
import { concurrentCallers, concurrentCalls, unusualText } from './concurrent-calls.ts'
import { storeCase } from './store-case.ts'
import type { MakeStore } from './store-under-test.ts'

/** Proves that a store keeps the promises of `GuessStore`. */
export async function guessStoreContract(t: TestContext, makeStore: MakeStore<GuessStore>): Promise<void> {
  await storeCase(
    t,
    makeStore,
    'a burst is taken at once, then one in its time, and the answer says how long to wait',
    async ({ open, clock }) => {
      const { store } = await open()
      const now = clock.now()
      for (let guess = 0; guess < 3; guess++) assert.equal(await store.take([narrow], now), 0)
      assert.equal(await store.take([narrow], now), 60)
      assert.equal(await store.take([narrow], now + 59), 1)
      assert.equal(await store.take([narrow], now + 60), 0)
      assert.equal(await store.take([narrow], now + 60), 60)
      for (let guess = 0; guess < 3; guess++) assert.equal(await store.take([narrow], now + 10_000), 0)
      assert.equal(await store.take([narrow], now + 10_000), 60)
    },
  )

  await storeCase(t, makeStore, 'one full bucket of several takes from none', async ({ open, clock }) => {
    const { store } = await open()
    const now = clock.now()
    const wide: GuessBucket = { name: 'wide', burst: 4, seconds: 10 }
    for (let guess = 0; guess < 3; guess++) assert.equal(await store.take([wide, narrow], now), 0)
    for (let guess = 0; guess < 5; guess++) assert.equal(await store.take([narrow, wide], now), 60)
    assert.equal(await store.take([wide], now), 0, 'the fourth of four')
    assert.equal(await store.take([wide], now), 10)
  })

  await storeCase(t, makeStore, 'what is given back can be taken again', async ({ open, clock }) => {
    const { store } = await open()
    const now = clock.now()
    for (let guess = 0; guess < 10; guess++) {
      assert.equal(await store.take([narrow], now), 0)
      await store.giveBack([narrow])
    }
    for (let guess = 0; guess < 3; guess++) assert.equal(await store.take([narrow], now), 0)
    await store.giveBack([narrow])
    await store.giveBack([{ ...narrow, name: 'never taken' }])
    assert.equal(await store.take([narrow], now), 0)
    assert.equal(await store.take([narrow], now), 60)
  })

  await storeCase(t, makeStore, 'guesses outlive a restart, each bucket for itself', async ({ open, clock }) => {
    const before = await open()
    const now = clock.now()
    const buckets = unusualText.map((name) => ({ ...narrow, name }))
    for (const bucket of buckets) for (let guess = 0; guess < 3; guess++) await before.store.take([bucket], now)
    await before.close()
    const { store } = await open()
    for (const bucket of buckets) assert.equal(await store.take([bucket], now), 60)
    assert.equal(await store.take([{ ...narrow, name: 'another' }], now), 0)
  })

  await storeCase(
    t,
    makeStore,
    'processes that take at once get no more together than there is room for',
    async ({ open, clock }) => {
      const stores = [(await open()).store, (await open()).store, (await open()).store]
      const now = clock.now()
      for (let round = 0; round < 5; round++) {
        const first: GuessBucket = { name: `a ${round}`, burst: 5, seconds: 60 }
        const second: GuessBucket = { name: `b ${round}`, burst: 100, seconds: 60 }
        const waits = await concurrentCalls(stores, concurrentCallers, (store, at) =>
          store.take(at % 2 === 0 ? [first, second] : [second, first], now),
        )
        assert.equal(waits.filter((wait) => wait === 0).length, Math.min(5, concurrentCallers), `round ${round}`)
      }
    },
  )
}

const narrow: GuessBucket = { name: 'narrow', burst: 3, seconds: 60 }
