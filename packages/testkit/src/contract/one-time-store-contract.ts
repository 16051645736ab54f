import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { OneTimeStore } from '@holdfast/core'
import { concurrentCallers, concurrentCalls } from './concurrent-calls.ts'
import { storeCase } from './store-case.ts'
import type { MakeStore } from './store-under-test.ts'

/** Two stores on the same data, for different purposes. */
export interface OneTimeStoresUnderTest {
  readonly pushed: OneTimeStore<unknown>
  readonly interactions: OneTimeStore<unknown>
}

/** Proves that a store keeps the promises of `OneTimeStore`. */
export async function oneTimeStoreContract(
  t: TestContext,
  makeStore: MakeStore<OneTimeStoresUnderTest>,
): Promise<void> {
  await storeCase(t, makeStore, 'an entry is found as it was kept, as often as one looks', async ({ open, clock }) => {
    const before = await open()
    const expiresAt = clock.now() + 60
    for (const [at, entry] of entries.entries()) await before.store.pushed.keep(`d${String(at)}`, entry, expiresAt)
    await before.close()
    const { pushed } = (await open()).store
    for (let times = 0; times < 2; times++) {
      for (const [at, entry] of entries.entries()) assert.deepEqual(await pushed.find(`d${String(at)}`), entry)
    }
    for (const other of ['D0', 'd', 'd0 ', '', '%']) assert.equal(await pushed.find(other), undefined, other)
  })

  await storeCase(t, makeStore, 'an entry is taken once, durably', async ({ open, clock }) => {
    const before = await open()
    await before.store.pushed.keep('digest', { a: 1 }, clock.now() + 60)
    assert.deepEqual(await before.store.pushed.take('digest'), { a: 1 })
    assert.equal(await before.store.pushed.take('digest'), undefined)
    await before.close()
    const { pushed } = (await open()).store
    assert.equal(await pushed.take('digest'), undefined)
    assert.equal(await pushed.find('digest'), undefined)
    assert.equal(await pushed.replace('digest', { a: 2 }), false)
    assert.equal(await pushed.find('digest'), undefined)
  })

  await storeCase(t, makeStore, 'an expired entry is neither found, replaced nor taken', async ({ open, clock }) => {
    const { pushed } = (await open()).store
    await pushed.keep('digest', { a: 1 }, clock.now() + 60)
    clock.advance(59)
    assert.deepEqual(await pushed.find('digest'), { a: 1 })
    clock.advance(1)
    assert.equal(await pushed.find('digest'), undefined)
    assert.equal(await pushed.replace('digest', { a: 2 }), false)
    assert.equal(await pushed.take('digest'), undefined)
  })

  await storeCase(
    t,
    makeStore,
    'another entry takes the place, not the time, of one that is there',
    async ({ open, clock }) => {
      const { pushed } = (await open()).store
      await pushed.keep('digest', { a: 1 }, clock.now() + 60)
      assert.equal(await pushed.replace('digest', { b: 2 }), true)
      assert.deepEqual(await pushed.find('digest'), { b: 2 })
      assert.equal(await pushed.replace('unknown', { b: 2 }), false)
      assert.equal(await pushed.find('unknown'), undefined)
      clock.advance(60)
      assert.equal(await pushed.take('digest'), undefined)
    },
  )

  await storeCase(t, makeStore, 'what is kept for one purpose is nothing to another', async ({ open, clock }) => {
    const { pushed, interactions } = (await open()).store
    await pushed.keep('digest', { purpose: 'pushed' }, clock.now() + 60)
    assert.equal(await interactions.find('digest'), undefined)
    assert.equal(await interactions.take('digest'), undefined)
    assert.equal(await interactions.replace('digest', {}), false)
    await interactions.keep('digest', { purpose: 'interaction' }, clock.now() + 60)
    assert.deepEqual(await pushed.take('digest'), { purpose: 'pushed' })
    assert.deepEqual(await interactions.take('digest'), { purpose: 'interaction' })
  })

  await storeCase(
    t,
    makeStore,
    'of concurrent calls in several processes exactly one takes it, for each entry',
    async ({ open, clock }) => {
      const stores = [(await open()).store, (await open()).store, (await open()).store]
      for (const digest of ['one', 'two', 'three']) {
        await stores[0]?.pushed.keep(digest, { digest }, clock.now() + 60)
        const answers = await concurrentCalls(stores, concurrentCallers, ({ pushed }) => pushed.take(digest))
        assert.deepEqual(
          answers.filter((answer) => answer !== undefined),
          [{ digest }],
        )
      }
    },
  )

  await storeCase(t, makeStore, 'an entry that was taken is not put back by a replacement', async ({ open, clock }) => {
    const stores = [(await open()).store, (await open()).store]
    for (let round = 0; round < 5; round++) {
      const digest = `digest-${String(round)}`
      await stores[0]?.pushed.keep(digest, { round }, clock.now() + 60)
      const answers = await concurrentCalls(stores, concurrentCallers, ({ pushed }, at) =>
        at % 3 === 1 ? pushed.take(digest) : pushed.replace(digest, { at }),
      )
      assert.equal(answers.filter((answer) => typeof answer === 'object').length, 1)
      assert.equal(await stores[1]?.pushed.find(digest), undefined)
    }
  })
}

const entries: readonly unknown[] = [
  { parameters: [['scope', 'openid']], nested: { nul: '\u0000', text: 'Zoë 𝄞' } },
  [],
  {},
  'text',
]
