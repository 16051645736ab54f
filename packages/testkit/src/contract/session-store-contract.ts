import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { SessionRecord, SessionStore } from '@holdfast/core'
import { concurrentCallers, concurrentCalls, unusualText } from './concurrent-calls.ts'
import { storeCase } from './store-case.ts'
import type { MakeStore } from './store-under-test.ts'

/** Proves that a store keeps the promises of `SessionStore`. */
export async function sessionStoreContract(t: TestContext, makeStore: MakeStore<SessionStore>): Promise<void> {
  await storeCase(t, makeStore, 'a session is found as it began, after a restart too', async ({ open }) => {
    const before = await open()
    await before.store.begin('digest', record)
    await before.store.begin('with clients', { ...record, sessionId: 'two', clients: ['b', 'a'] })
    assert.deepEqual(await before.store.find('digest'), record)
    await before.close()
    const { store } = await open()
    assert.deepEqual(await store.find('digest'), record)
    assert.deepEqual((await store.find('with clients'))?.clients, ['b', 'a'])
    for (const other of ['DIGEST', 'diges', '', '%', 'sid']) assert.equal(await store.find(other), undefined, other)
  })

  await storeCase(t, makeStore, 'a session is over when its time is, whoever looks', async ({ open, clock }) => {
    const { store } = await open()
    await store.begin('digest', { ...record, expiresAt: clock.now() + 60 })
    clock.advance(59)
    assert.notEqual(await store.find('digest'), undefined)
    clock.advance(1)
    assert.equal(await store.find('digest'), undefined)
    assert.equal(await store.replace('digest', record), false)
    assert.deepEqual(await store.ofSubject('alice', 10), [])
    assert.equal(await store.end('digest'), undefined)
    assert.deepEqual(await store.endAll('alice'), [])
  })

  await storeCase(t, makeStore, 'a new state takes the place of one that is there', async ({ open, clock }) => {
    const { store } = await open()
    await store.begin('digest', record)
    const after = {
      ...record,
      authentication: { time: clock.now(), amr: ['pwd', 'otp'], acr: 'urn:loa:2' },
      expiresAt: clock.now() + 7200,
    }
    assert.equal(await store.replace('digest', after), true)
    assert.deepEqual(await store.find('digest'), after)
    clock.advance(3601)
    assert.deepEqual(await store.find('digest'), after)
    assert.equal(await store.replace('unknown', record), false)
    assert.equal(await store.find('unknown'), undefined)
  })

  await storeCase(t, makeStore, 'clients that joined are told at logout, each once', async ({ open }) => {
    const stores = [(await open()).store, (await open()).store] as const
    await stores[0].begin('digest', record)
    await stores[0].begin('other', { ...record, sessionId: 'other' })
    await stores[0].joined('sid', 'acme')
    await stores[1].joined('sid', 'beta')
    await stores[0].joined('sid', 'acme')
    await stores[0].joined('unknown', 'acme')
    for (const text of unusualText) await stores[1].joined('sid', text)
    const clients = ['acme', 'beta', ...unusualText]
    assert.deepEqual((await stores[1].find('digest'))?.clients, clients)
    assert.deepEqual((await stores[1].find('other'))?.clients, [])
    assert.deepEqual((await stores[1].end('digest'))?.clients, clients)
  })

  await storeCase(t, makeStore, 'clients that join at once, while the state changes, all stay', async ({ open }) => {
    const stores = [(await open()).store, (await open()).store]
    await stores[0]?.begin('digest', record)
    await concurrentCalls(stores, concurrentCallers, async (store, at) =>
      at % 5 === 0 ? store.replace('digest', record) : store.joined('sid', `client-${String(at)}`),
    )
    const joined = Array.from({ length: concurrentCallers * 2 }, (_, at) => at).filter((at) => at % 5 !== 0)
    assert.deepEqual(
      (await stores[0]?.find('digest'))?.clients.toSorted(),
      joined.map((at) => `client-${String(at)}`).toSorted(),
    )
  })

  await storeCase(t, makeStore, 'a session ends once, durably', async ({ open }) => {
    const stores = [await open(), await open()] as const
    await stores[0].store.begin('digest', record)
    await stores[0].store.begin('other', { ...record, sessionId: 'other' })
    const answers = await concurrentCalls([stores[0].store, stores[1].store], concurrentCallers, (store) =>
      store.end('digest'),
    )
    assert.deepEqual(
      answers.filter((answer) => answer !== undefined),
      [record],
    )
    for (const open of stores) await open.close()
    const { store } = await open()
    assert.equal(await store.find('digest'), undefined)
    assert.equal(await store.replace('digest', record), false)
    assert.notEqual(await store.find('other'), undefined)
  })

  await storeCase(t, makeStore, 'a person’s sessions are listed and ended, nobody else’s', async ({ open, clock }) => {
    const { store } = await open()
    const of = (sessionId: string, seconds: number, subject = 'alice'): SessionRecord => ({
      ...record,
      sessionId,
      subject,
      createdAt: record.createdAt + seconds,
    })
    await store.begin('d2', of('second', 20))
    await store.begin('d1', of('first', 10))
    await store.begin('d3', of('third', 30))
    await store.begin('d4', { ...of('expired', 40), expiresAt: clock.now() })
    await store.begin('d5', of('bob', 0, 'bob'))
    await store.begin('d6', of('Alice', 0, 'Alice'))
    await store.joined('second', 'acme')
    const ids = (records: readonly SessionRecord[]): readonly string[] => records.map(({ sessionId }) => sessionId)
    assert.deepEqual(ids(await store.ofSubject('alice', 10)), ['third', 'second', 'first'])
    assert.deepEqual(ids(await store.ofSubject('alice', 2)), ['third', 'second'])
    assert.deepEqual((await store.ofSubject('alice', 2))[1]?.clients, ['acme'])
    await store.begin('d7', of('seventh', 5))
    assert.equal(await store.endOne('bob', 'seventh'), undefined)
    assert.equal((await store.endOne('alice', 'seventh'))?.sessionId, 'seventh')
    assert.equal(await store.endOne('alice', 'seventh'), undefined)
    const ended = await store.endAll('alice')
    assert.deepEqual(ids(ended).toSorted(), ['first', 'second', 'third'])
    assert.deepEqual(ended.find(({ sessionId }) => sessionId === 'second')?.clients, ['acme'])
    assert.deepEqual(await store.ofSubject('alice', 10), [])
    assert.equal(await store.find('d1'), undefined)
    assert.notEqual(await store.find('d5'), undefined)
    assert.notEqual(await store.find('d6'), undefined)
  })
}

const record: SessionRecord = {
  sessionId: 'sid',
  subject: 'alice',
  authentication: { time: 1_767_225_600, amr: ['pwd'] },
  clients: [],
  createdAt: 1_767_225_600,
  expiresAt: 1_767_229_200,
}
