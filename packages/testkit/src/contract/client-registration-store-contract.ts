import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { ClientRegistrationStore, StoredClient } from '@holdfast/core'
import { concurrentCallers, concurrentCalls, tally, unusualText } from './concurrent-calls.ts'
import { storeCase } from './store-case.ts'
import type { MakeStore } from './store-under-test.ts'

/** Proves that a store keeps the promises of `ClientRegistrationStore`. */
export async function clientRegistrationStoreContract(
  t: TestContext,
  makeStore: MakeStore<ClientRegistrationStore>,
): Promise<void> {
  await storeCase(t, makeStore, 'a client is found as it was added, after a restart too', async ({ open }) => {
    const before = await open()
    const full = { ...client('full'), registrationTokenDigest: 'digest', disabled: true }
    assert.equal(await before.store.add(client('bare')), true)
    assert.equal(await before.store.add(full), true)
    await before.close()
    const { store } = await open()
    assert.deepEqual(await store.find('bare'), client('bare'))
    assert.deepEqual(await store.find('full'), full)
    for (const other of ['BARE', 'bar', 'bare ', '', '%']) assert.equal(await store.find(other), undefined, other)
  })

  await storeCase(t, makeStore, 'unusual ids stay apart', async ({ open }) => {
    const { store } = await open()
    for (const text of unusualText) assert.equal(await store.add(client(text)), true, text)
    for (const text of unusualText) assert.deepEqual(await store.find(text), client(text))
    for (const text of unusualText) assert.equal(await store.add(client(text)), false, text)
  })

  await storeCase(
    t,
    makeStore,
    'an id in use is not added again, of concurrent additions one wins',
    async ({ open }) => {
      const stores = [(await open()).store, (await open()).store]
      const answers = await concurrentCalls(stores, concurrentCallers, (store, at) =>
        store.add({ ...client('id'), metadata: { at } }),
      )
      assert.deepEqual(tally(answers), { true: 1, false: concurrentCallers * 2 - 1 })
      assert.deepEqual((await stores[0]?.find('id'))?.metadata, { at: answers.indexOf(true) })
    },
  )

  await storeCase(t, makeStore, 'a change needs the version that stands, and counts it up', async ({ open }) => {
    const stores = [(await open()).store, (await open()).store]
    await stores[0]?.add(client('id'))
    for (let version = 1; version < 4; version++) {
      const answers = await concurrentCalls(stores, concurrentCallers, (store, at) =>
        store.replace({ ...client('id'), version: version + 1, metadata: { at } }, version),
      )
      assert.deepEqual(tally(answers), { true: 1, false: concurrentCallers * 2 - 1 })
      const stored = await stores[1]?.find('id')
      assert.deepEqual([stored?.version, stored?.metadata], [version + 1, { at: answers.indexOf(true) }])
    }
    assert.equal(await stores[0]?.replace({ ...client('id'), version: 2 }, 1), false)
    assert.equal((await stores[1]?.find('id'))?.version, 4)
    assert.equal(await stores[0]?.replace(client('unknown'), 1), false)
    assert.equal(await stores[0]?.find('unknown'), undefined)
  })

  await storeCase(t, makeStore, 'who is removed is gone, once', async ({ open }) => {
    const { store } = await open()
    await store.add(client('id'))
    assert.equal(await store.remove('id'), true)
    assert.equal(await store.remove('id'), false)
    assert.equal(await store.find('id'), undefined)
    assert.equal(await store.replace({ ...client('id'), version: 2 }, 1), false)
    assert.equal(await store.add(client('id')), true)
  })

  await storeCase(t, makeStore, 'clients are listed page by page in the order of ids', async ({ open }) => {
    const { store } = await open()
    for (const id of ['c', 'a', 'B', 'd', 'aa']) await store.add(client(id))
    const ids = async (after: string | undefined, limit: number): Promise<readonly string[]> =>
      (await store.list(after, limit)).map(({ clientId }) => clientId)
    assert.deepEqual(await ids(undefined, 10), ['B', 'a', 'aa', 'c', 'd'])
    assert.deepEqual(await ids('a', 2), ['aa', 'c'])
    assert.deepEqual(await ids('d', 2), [])
    assert.deepEqual((await store.list(undefined, 1))[0], client('B'))
  })

  await storeCase(
    t,
    makeStore,
    'every change makes the revision grow, in every process, and nothing else does',
    async ({ open }) => {
      const one = (await open()).store
      const other = (await open()).store
      let last = await one.revision()
      const grew = async (): Promise<boolean> => {
        const now = await other.revision()
        const before = last
        last = now
        return now > before
      }
      assert.equal(await grew(), false)
      await one.add(client('id'))
      assert.equal(await grew(), true)
      await one.find('id')
      await one.add(client('id'))
      await one.replace({ ...client('id'), version: 8 }, 7)
      await one.remove('unknown')
      assert.equal(await grew(), false)
      await one.replace({ ...client('id'), version: 2 }, 1)
      assert.equal(await grew(), true)
      await one.remove('id')
      assert.equal(await grew(), true)
    },
  )
}

function client(clientId: string): StoredClient {
  return {
    clientId,
    version: 1,
    metadata: { client_name: 'Zoë 𝄞 \u0000', redirect_uris: ['https://acme.example/back'], jwks: { keys: [] } },
    disabled: false,
    createdAt: 1_767_225_600,
  }
}
