import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { LoginKey, UserStore } from '@holdfast/core'
import { concurrentCallers, concurrentCalls, tally, unusualText } from './concurrent-calls.ts'
import { storeCase } from './store-case.ts'
import type { MakeStore } from './store-under-test.ts'

/** Proves that a store keeps the promises of `UserStore`. */
export async function userStoreContract(t: TestContext, makeStore: MakeStore<UserStore<unknown>>): Promise<void> {
  await storeCase(
    t,
    makeStore,
    'a person is found by subject and by each login, after a restart too',
    async ({ open }) => {
      const before = await open()
      const keys: readonly LoginKey[] = [
        name('alice'),
        { kind: 'passkey', value: 'id-1' },
        { kind: 'upstream', value: '["i","s"]' },
      ]
      assert.equal(await before.store.save('s1', alice, keys, 0), 'saved')
      await before.close()
      const { store } = await open()
      const stored = { subject: 's1', version: 1, user: alice }
      assert.deepEqual(await store.find('s1'), stored)
      for (const key of keys) assert.deepEqual(await store.findByLogin(key), stored)
      assert.equal(await store.findByLogin({ kind: 'certificate', value: 'alice' }), undefined)
      for (const other of ['Alice', 'alic', 'alice ', '', '%']) {
        assert.equal(await store.findByLogin(name(other)), undefined, other)
      }
      assert.equal(await store.find('S1'), undefined)
    },
  )

  await storeCase(t, makeStore, 'unusual names stay apart', async ({ open }) => {
    const { store } = await open()
    for (const text of unusualText) assert.equal(await store.save(text, { text }, [name(text)], 0), 'saved', text)
    for (const text of unusualText) {
      assert.deepEqual(await store.findByLogin(name(text)), { subject: text, version: 1, user: { text } })
    }
    assert.equal((await store.list(undefined, 100)).length, unusualText.length)
  })

  await storeCase(t, makeStore, 'a change counts the version up and needs the one that stands', async ({ open }) => {
    const { store } = await open()
    assert.equal(await store.save('s1', alice, [name('alice')], 1), 'conflict')
    assert.equal(await store.find('s1'), undefined)
    assert.equal(await store.save('s1', alice, [name('alice')], 0), 'saved')
    assert.equal(await store.save('s1', { changed: 'no' }, [name('alice')], 0), 'conflict')
    assert.equal(await store.save('s1', { changed: 'yes' }, [name('alice')], 1), 'saved')
    assert.deepEqual(await store.find('s1'), { subject: 's1', version: 2, user: { changed: 'yes' } })
    assert.equal(await store.save('s1', { changed: 'no' }, [name('alice')], 1), 'conflict')
    assert.deepEqual(await store.find('s1'), { subject: 's1', version: 2, user: { changed: 'yes' } })
  })

  await storeCase(t, makeStore, 'a person has exactly the logins that were saved last', async ({ open }) => {
    const { store } = await open()
    await store.save('s1', alice, [name('alice'), name('al')], 0)
    await store.save('s1', alice, [name('al'), name('liz'), name('liz')], 1)
    assert.equal(await store.findByLogin(name('alice')), undefined)
    assert.equal((await store.findByLogin(name('al')))?.subject, 's1')
    assert.equal((await store.findByLogin(name('liz')))?.subject, 's1')
    assert.equal(await store.save('s2', {}, [name('alice')], 0), 'saved')
  })

  await storeCase(t, makeStore, 'somebody else’s login is taken, and nothing changes then', async ({ open }) => {
    const { store } = await open()
    await store.save('s1', alice, [name('alice')], 0)
    await store.save('s2', { bob: 1 }, [name('bob')], 0)
    assert.equal(await store.save('s2', { bob: 2 }, [name('robert'), name('alice')], 1), 'login_taken')
    assert.deepEqual(await store.find('s2'), { subject: 's2', version: 1, user: { bob: 1 } })
    assert.equal((await store.findByLogin(name('bob')))?.subject, 's2')
    assert.equal((await store.findByLogin(name('alice')))?.subject, 's1')
    assert.equal(await store.findByLogin(name('robert')), undefined)
    assert.equal(await store.save('s3', {}, [name('alice')], 0), 'login_taken')
    assert.equal(await store.find('s3'), undefined)
  })

  await storeCase(t, makeStore, 'of concurrent saves of one version exactly one wins', async ({ open }) => {
    const stores = [(await open()).store, (await open()).store]
    for (let version = 0; version < 3; version++) {
      const answers = await concurrentCalls(stores, concurrentCallers, (store, at) =>
        store.save('s1', { at }, [name('alice'), name(`also-${String(at)}`)], version),
      )
      assert.deepEqual(tally(answers), { saved: 1, conflict: concurrentCallers * 2 - 1 })
      const winner = answers.indexOf('saved')
      const stored = { subject: 's1', version: version + 1, user: { at: winner } }
      assert.deepEqual(await stores[0]?.findByLogin(name(`also-${String(winner)}`)), stored)
    }
  })

  await storeCase(t, makeStore, 'of people who want one login at once exactly one gets it', async ({ open }) => {
    const stores = [(await open()).store, (await open()).store]
    const answers = await concurrentCalls(stores, concurrentCallers, (store, at) =>
      store.save(`s${String(at)}`, { at }, [name(`own-${String(at)}`), name('wanted')], 0),
    )
    assert.deepEqual(tally(answers), { saved: 1, login_taken: concurrentCallers * 2 - 1 })
    assert.equal((await stores[0]?.list(undefined, 100))?.length, 1)
    assert.equal((await stores[0]?.findByLogin(name('wanted')))?.subject, `s${String(answers.indexOf('saved'))}`)
  })

  await storeCase(t, makeStore, 'who is removed is gone with every login, once', async ({ open }) => {
    const { store } = await open()
    await store.save('s1', alice, [name('alice'), name('al')], 0)
    assert.equal(await store.remove('s1'), true)
    assert.equal(await store.remove('s1'), false)
    assert.equal(await store.find('s1'), undefined)
    assert.equal(await store.findByLogin(name('alice')), undefined)
    assert.equal(await store.save('s2', {}, [name('alice')], 0), 'saved')
    assert.equal(await store.save('s1', alice, [], 0), 'saved')
  })

  await storeCase(t, makeStore, 'people are listed page by page in the order of subjects', async ({ open }) => {
    const { store } = await open()
    for (const subject of ['c', 'a', 'B', 'd', 'aa']) await store.save(subject, { subject }, [], 0)
    const subjects = async (after: string | undefined, limit: number): Promise<readonly string[]> =>
      (await store.list(after, limit)).map(({ subject }) => subject)
    assert.deepEqual(await subjects(undefined, 10), ['B', 'a', 'aa', 'c', 'd'])
    assert.deepEqual(await subjects(undefined, 2), ['B', 'a'])
    assert.deepEqual(await subjects('a', 2), ['aa', 'c'])
    assert.deepEqual(await subjects('d', 2), [])
  })
}

function name(value: string): LoginKey {
  return { kind: 'name', value }
}

const alice = { name: 'Alice', nested: { list: [1, 'two', null], nul: '\u0000' } }
