import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { DecoupledAuthorizationRecord, DecoupledAuthorizationStore } from '@holdfast/core'
import { concurrentCallers, concurrentCalls, tally } from './concurrent-calls.ts'
import { storeCase } from './store-case.ts'
import type { MakeStore } from './store-under-test.ts'

/** Proves that a store keeps the promises of `DecoupledAuthorizationStore`. */
export async function decoupledAuthorizationStoreContract(
  t: TestContext,
  makeStore: MakeStore<DecoupledAuthorizationStore>,
): Promise<void> {
  await storeCase(t, makeStore, 'a request is found as it was kept, after a restart too', async ({ open }) => {
    const before = await open()
    assert.equal(await before.store.request('device', device, 'WDJBMJHT'), 'kept')
    assert.equal(await before.store.request('ciba', ciba), 'kept')
    await before.close()
    const { store } = await open()
    assert.deepEqual(await store.find('device'), device)
    assert.deepEqual(await store.find('ciba'), ciba)
    for (const other of ['DEVICE', 'devic', '', '%']) assert.equal(await store.find(other), undefined, other)
  })

  await storeCase(t, makeStore, 'a user code finds the pending one until it expires', async ({ open, clock }) => {
    const { store } = await open()
    await store.request('device', device, 'WDJBMJHT')
    assert.deepEqual(await store.findByUserCode('WDJBMJHT', clock.now()), { digest: 'device', record: device })
    assert.equal(await store.findByUserCode('wdjbmjht', clock.now()), undefined)
    assert.equal(await store.findByUserCode('WDJBMJH', clock.now()), undefined)
    assert.notEqual(await store.findByUserCode('WDJBMJHT', device.expiresAt - 1), undefined)
    assert.equal(await store.findByUserCode('WDJBMJHT', device.expiresAt), undefined)
    await store.decide('device', 'denied')
    assert.equal(await store.findByUserCode('WDJBMJHT', clock.now()), undefined)
  })

  await storeCase(
    t,
    makeStore,
    'a user code that is in use is taken, one of an expired request is free',
    async ({ open, clock }) => {
      const { store } = await open()
      await store.request('first', device, 'WDJBMJHT')
      assert.equal(await store.request('second', device, 'WDJBMJHT'), 'user_code_taken')
      assert.equal(await store.find('second'), undefined)
      assert.equal((await store.findByUserCode('WDJBMJHT', clock.now()))?.digest, 'first')
      clock.advance(600)
      const later = { ...device, expiresAt: clock.now() + 600 }
      assert.equal(await store.request('third', later, 'WDJBMJHT'), 'kept')
      assert.equal((await store.findByUserCode('WDJBMJHT', clock.now()))?.digest, 'third')
      assert.equal((await store.poll('first', 'tv', clock.now())).outcome, 'expired')
    },
  )

  await storeCase(t, makeStore, 'of concurrent requests with one user code one is kept', async ({ open }) => {
    const stores = [(await open()).store, (await open()).store]
    const answers = await concurrentCalls(stores, concurrentCallers, (store, at) =>
      store.request(`device-${String(at)}`, device, 'WDJBMJHT'),
    )
    assert.deepEqual(tally(answers), { kept: 1, user_code_taken: concurrentCallers * 2 - 1 })
  })

  await storeCase(
    t,
    makeStore,
    'a person sees the own pending ones, the newest first, so many',
    async ({ open, clock }) => {
      const { store } = await open()
      const at = (seconds: number): DecoupledAuthorizationRecord => ({ ...ciba, issuedAt: ciba.issuedAt + seconds })
      await store.request('second', at(20))
      await store.request('first', at(10))
      await store.request('third', at(30))
      await store.request('expired', { ...at(40), expiresAt: clock.now() })
      await store.request('decided', at(50))
      await store.decide('decided', { authorizationId: 'authorization' })
      await store.request('bob', { ...ciba, subject: 'bob' })
      await store.request('device', device, 'WDJBMJHT')
      const digests = async (limit: number): Promise<readonly string[]> =>
        (await store.ofSubject('alice', clock.now(), limit)).map(({ digest }) => digest)
      assert.deepEqual(await digests(10), ['third', 'second', 'first'])
      assert.deepEqual(await digests(1), ['third'])
      assert.deepEqual((await store.ofSubject('bob', clock.now(), 1))[0]?.record, { ...ciba, subject: 'bob' })
    },
  )

  await storeCase(t, makeStore, 'a request waits, is approved, and is answered once', async ({ open, clock }) => {
    const { store } = await open()
    await store.request('device', device, 'WDJBMJHT')
    assert.deepEqual(await store.poll('device', 'tv', clock.now()), { outcome: 'pending', record: device })
    assert.equal(await store.decide('device', { authorizationId: 'authorization' }), true)
    const answer = await store.poll('device', 'tv', clock.now())
    assert.deepEqual(answer, { outcome: 'approved', authorizationId: 'authorization', record: device })
    assert.deepEqual(await store.poll('device', 'tv', clock.now()), { outcome: 'unknown' })
    assert.equal(await store.find('device'), undefined)
    assert.equal(await store.decide('device', 'denied'), false)
  })

  await storeCase(t, makeStore, 'a denial is answered as often as it is asked for', async ({ open, clock }) => {
    const before = await open()
    await before.store.request('ciba', ciba)
    assert.equal(await before.store.decide('ciba', 'denied'), true)
    await before.close()
    const { store } = await open()
    for (let times = 0; times < 2; times++) {
      assert.deepEqual(await store.poll('ciba', 'bank', clock.now()), { outcome: 'denied', record: ciba })
    }
  })

  await storeCase(
    t,
    makeStore,
    'an expired one is expired whatever was decided, and can no longer be decided',
    async ({ open, clock }) => {
      const { store } = await open()
      await store.request('waiting', device, 'WDJBMJHT')
      await store.request('approved', ciba)
      await store.decide('approved', { authorizationId: 'authorization' })
      clock.advance(600)
      for (const [digest, clientId] of [
        ['waiting', 'tv'],
        ['approved', 'bank'],
      ] as const) {
        assert.equal((await store.poll(digest, clientId, clock.now())).outcome, 'expired')
        assert.equal((await store.poll(digest, clientId, clock.now())).outcome, 'expired')
      }
      assert.equal(await store.decide('waiting', 'denied'), false)
    },
  )

  await storeCase(t, makeStore, 'another client learns nothing and uses nothing up', async ({ open, clock }) => {
    const { store } = await open()
    await store.request('device', device, 'WDJBMJHT')
    await store.decide('device', { authorizationId: 'authorization' })
    for (const clientId of ['stranger', 'TV', '', 'tv ']) {
      assert.deepEqual(await store.poll('device', clientId, clock.now()), { outcome: 'unknown' })
    }
    assert.equal((await store.poll('device', 'tv', clock.now())).outcome, 'approved')
  })

  await storeCase(
    t,
    makeStore,
    'who polls sooner than the interval is slowed down, by five seconds more each time',
    async ({ open, clock }) => {
      const stores = [(await open()).store, (await open()).store] as const
      await stores[0].request('device', device, 'WDJBMJHT')
      const poll = async (at: number): Promise<readonly [string, number | undefined]> => {
        const answer = await stores[at % 2 === 0 ? 0 : 1].poll('device', 'tv', clock.now() + at)
        return [answer.outcome, 'record' in answer ? answer.record.interval : undefined]
      }
      assert.deepEqual(await poll(0), ['pending', 5])
      assert.deepEqual(await poll(5), ['pending', 5])
      assert.deepEqual(await poll(9), ['slow_down', 10])
      assert.deepEqual(await poll(18), ['slow_down', 15])
      assert.deepEqual(await poll(33), ['pending', 15])
      assert.equal((await stores[0].find('device'))?.interval, 15)
    },
  )

  await storeCase(
    t,
    makeStore,
    'of concurrent deciders in several processes one decides, of concurrent polls one is approved',
    async ({ open, clock }) => {
      const stores = [(await open()).store, (await open()).store, (await open()).store]
      for (const digest of ['one', 'two', 'three']) {
        await stores[0]?.request(digest, device, digest.toUpperCase())
        const decisions = await concurrentCalls(stores, concurrentCallers, (store, at) =>
          store.decide(digest, { authorizationId: String(at) }),
        )
        assert.deepEqual(tally(decisions), { true: 1, false: concurrentCallers * 3 - 1 })
        const answers = await concurrentCalls(stores, concurrentCallers, (store) =>
          store.poll(digest, 'tv', clock.now()),
        )
        assert.deepEqual(tally(answers.map(({ outcome }) => outcome)), {
          approved: 1,
          unknown: concurrentCallers * 3 - 1,
        })
        const approved = answers.find((answer) => answer.outcome === 'approved')
        assert.equal(approved?.authorizationId, String(decisions.indexOf(true)))
      }
    },
  )
}

const device: DecoupledAuthorizationRecord = {
  kind: 'device_code',
  clientId: 'tv',
  scope: ['play'],
  audience: [],
  interval: 5,
  issuedAt: 1_767_225_600,
  expiresAt: 1_767_226_200,
}

const ciba: DecoupledAuthorizationRecord = {
  kind: 'ciba',
  clientId: 'bank',
  scope: ['openid', 'pay'],
  audience: ['https://api.example'],
  authorizationDetails: [{ type: 'payment', amount: '1.00' }],
  subject: 'alice',
  bindingMessage: 'W4SCT 𝄞',
  notification: { endpoint: 'https://bank.example/cb', token: 'n-token', authReqId: 'a-request' },
  acrValues: ['urn:loa:2'],
  interval: 5,
  issuedAt: 1_767_225_600,
  expiresAt: 1_767_226_200,
}
