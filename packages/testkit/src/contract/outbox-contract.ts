import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Outbox } from '@holdfast/core'
import { concurrentCallers, concurrentCalls, unusualText } from './concurrent-calls.ts'
import { storeCase } from './store-case.ts'
import type { MakeStore } from './store-under-test.ts'

/** Two outboxes on the same data, for different purposes. */
export interface OutboxesUnderTest {
  readonly logouts: Outbox<unknown>
  readonly pings: Outbox<unknown>
}

/** Proves that a store keeps the promises of `Outbox`. */
export async function outboxContract(t: TestContext, makeStore: MakeStore<OutboxesUnderTest>): Promise<void> {
  await storeCase(t, makeStore, 'a message is claimed as it was kept, after a restart too', async ({ open, clock }) => {
    const before = await open()
    for (const text of unusualText) await before.store.logouts.keep(text, { text }, clock.now() + 600)
    await before.close()
    const { logouts } = (await open()).store
    const claimed = await logouts.claim(clock.now(), clock.now() + 30, 100)
    assert.deepEqual(new Set(claimed.map(({ id }) => id)), new Set(unusualText))
    for (const { id, message, attempts } of claimed) assert.deepEqual([message, attempts], [{ text: id }, 1])
  })

  await storeCase(
    t,
    makeStore,
    'who claims a message has it alone until it is due again, and then its attempts have grown',
    async ({ open, clock }) => {
      const one = (await open()).store.logouts
      const other = (await open()).store.logouts
      const now = clock.now()
      await one.keep('id', {}, now + 600)
      assert.equal((await one.claim(now, now + 30, 10)).length, 1)
      assert.deepEqual(await other.claim(now + 29, now + 60, 10), [])
      assert.deepEqual(await other.claim(now + 30, now + 60, 10), [{ id: 'id', message: {}, attempts: 2 }])
    },
  )

  await storeCase(
    t,
    makeStore,
    'a message is due when it was said to be, never after its time',
    async ({ open, clock }) => {
      const { logouts } = (await open()).store
      const now = clock.now()
      await logouts.keep('id', {}, now + 600)
      await logouts.claim(now, now + 30, 10)
      await logouts.later('id', now + 300)
      assert.deepEqual(await logouts.claim(now + 299, now + 400, 10), [])
      assert.equal((await logouts.claim(now + 300, now + 301, 10)).length, 1)
      assert.deepEqual(await logouts.claim(now + 600, now + 700, 10), [])
    },
  )

  await storeCase(t, makeStore, 'what has arrived is forgotten, durably, once or twice', async ({ open, clock }) => {
    const before = await open()
    const now = clock.now()
    await before.store.logouts.keep('arrived', {}, now + 600)
    await before.store.logouts.keep('waits', {}, now + 600)
    await before.store.logouts.done('arrived')
    await before.store.logouts.done('arrived')
    await before.close()
    const { logouts } = (await open()).store
    assert.deepEqual(
      (await logouts.claim(now, now + 30, 10)).map(({ id }) => id),
      ['waits'],
    )
  })

  await storeCase(t, makeStore, 'what is kept for one purpose is nothing to another', async ({ open, clock }) => {
    const { logouts, pings } = (await open()).store
    const now = clock.now()
    await logouts.keep('id', { logout: true }, now + 600)
    await pings.keep('id', { ping: true }, now + 600)
    await pings.done('id')
    assert.deepEqual(await pings.claim(now, now + 30, 10), [])
    assert.equal((await logouts.claim(now, now + 30, 10)).length, 1)
  })

  await storeCase(
    t,
    makeStore,
    'processes that claim at once share the messages, none gets one twice',
    async ({ open, clock }) => {
      const stores = [(await open()).store, (await open()).store, (await open()).store]
      const now = clock.now()
      await concurrentCalls([stores[0]], messages, (store, at) =>
        store!.logouts.keep(`id-${String(at)}`, { at }, now + 600),
      )
      const claimed = await concurrentCalls(stores, concurrentCallers, ({ logouts }) => logouts.claim(now, now + 30, 3))
      assert.ok(claimed.every((some) => some.length <= 3))
      const ids = claimed.flat().map(({ id }) => id)
      assert.equal(new Set(ids).size, ids.length, 'a message was claimed twice')
      const rest = await stores[0]!.logouts.claim(now, now + 30, messages)
      assert.equal(ids.length + rest.length, messages)
    },
  )
}

const messages = 60
