import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixedClock } from '@holdfast/testkit'
import { openStore } from '../src/store/open-store.ts'
import type { Store } from '../src/store/store.ts'
import { databases, openDatabase } from './databases.ts'

for (const kind of databases)
  test(`the outbox on ${kind} lends each message to one at a time, and keeps it until it is done or too old`, async (t) => {
    const database = await openDatabase(t, kind)
    if (database === undefined) return
    const clock = fixedClock()
    const open = async (): Promise<Store> => {
      const store = await openStore(database.settings as never, clock)
      t.after(() => store.close())
      return store
    }
    const [one, other] = [await open(), await open()]
    const outboxOf = async (store: Store): Promise<ReturnType<Awaited<ReturnType<Store['people']>>['outbox']>> =>
      (await store.people()).outbox('logout')
    const [mine, theirs] = [await outboxOf(one), await outboxOf(other)]
    const now = clock.now()
    for (let id = 0; id < 20; id++) await mine.keep(`m${id}`, { id }, now + 100)
    await mine.keep('m0', { id: 'another' }, now + 100)
    const claimed = await Promise.all([mine, theirs, mine, theirs].map((outbox) => outbox.claim(now, now + 30, 20)))
    const ids = claimed.flat().map(({ id }) => id)
    assert.equal(new Set(ids).size, ids.length, 'nobody is lent what somebody has')
    assert.deepEqual(claimed.flat().find(({ id }) => id === 'm0')?.message, { id: 0 })
    const rest = await theirs.claim(now, now + 30, 20)
    assert.equal(ids.length + rest.length, 20)
    assert.deepEqual(await mine.claim(now + 29, now + 60, 20), [], 'lent until its time')
    await mine.done('m0')
    await theirs.later('m1', now + 50)
    const again = await mine.claim(now + 30, now + 60, 100)
    assert.equal(again.length, 18)
    assert.ok(again.every(({ attempts }) => attempts === 2))
    assert.deepEqual(
      (await theirs.claim(now + 50, now + 90, 1)).map(({ id }) => id),
      ['m1'],
    )
    assert.deepEqual(await mine.claim(now + 100, now + 200, 100), [], 'too old')
    assert.deepEqual(await (await one.people()).outbox('another').claim(now, now + 30, 10), [])
  })
