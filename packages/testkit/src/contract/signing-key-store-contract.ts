import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { SigningAlgorithm, SigningKeyRecord, SigningKeyStore } from '@holdfast/core'
import { storeCase } from './store-case.ts'
import type { MakeStore } from './store-under-test.ts'

/** Proves that a store keeps the promises of `SigningKeyStore`. */
export async function signingKeyStoreContract(t: TestContext, makeStore: MakeStore<SigningKeyStore>): Promise<void> {
  await storeCase(t, makeStore, 'an empty store lists nothing', async ({ open }) => {
    assert.deepEqual(await (await open()).store.list(), [])
  })

  await storeCase(t, makeStore, 'a first key is listed as it was, octet for octet', async ({ open }) => {
    const before = await open()
    assert.equal(await before.store.rotate({ successor: key('first'), predecessors: [] }), 'rotated')
    assert.deepEqual(await listed(before.store), [key('first')])
    await before.close()
    assert.deepEqual(await listed((await open()).store), [key('first')])
  })

  await storeCase(t, makeStore, 'a rotation adds the successor and ends its predecessor, durably', async ({ open }) => {
    const before = await open()
    await before.store.rotate({ successor: key('a'), predecessors: [] })
    const ended = { kid: 'a', signsUntil: 2000, publishedUntil: 3000 }
    assert.equal(await before.store.rotate({ successor: key('b'), predecessors: [ended] }), 'rotated')
    const expected = [{ ...key('a'), signsUntil: 2000, publishedUntil: 3000 }, key('b')]
    assert.deepEqual(await listed(before.store), expected)
    await before.close()
    assert.deepEqual(await listed((await open()).store), expected)
  })

  await storeCase(
    t,
    makeStore,
    'a rotation that names a predecessor already ended is superseded and changes nothing',
    async ({ open }) => {
      const { store } = await open()
      await store.rotate({ successor: key('a'), predecessors: [] })
      await store.rotate({ successor: key('b'), predecessors: [{ kid: 'a', signsUntil: 2000, publishedUntil: 3000 }] })
      const before = await listed(store)
      const late = { successor: key('c'), predecessors: [{ kid: 'a', signsUntil: 2500, publishedUntil: 3500 }] }
      assert.equal(await store.rotate(late), 'superseded')
      assert.deepEqual(await listed(store), before)
    },
  )

  await storeCase(
    t,
    makeStore,
    'a rotation that names a predecessor no one knows is superseded and changes nothing',
    async ({ open }) => {
      const { store } = await open()
      await store.rotate({ successor: key('a'), predecessors: [] })
      const wrong = { successor: key('b'), predecessors: [{ kid: 'x', signsUntil: 2000, publishedUntil: 3000 }] }
      assert.equal(await store.rotate(wrong), 'superseded')
      assert.deepEqual(await listed(store), [key('a')])
    },
  )

  await storeCase(t, makeStore, 'keys of another algorithm are neither ended nor in the way', async ({ open }) => {
    const { store } = await open()
    assert.equal(await store.rotate({ successor: key('a', 'ES256'), predecessors: [] }), 'rotated')
    assert.equal(await store.rotate({ successor: key('b', 'EdDSA'), predecessors: [] }), 'rotated')
    assert.deepEqual(await listed(store), [key('a', 'ES256'), key('b', 'EdDSA')])
  })

  await storeCase(
    t,
    makeStore,
    'of processes that start on an empty store at once exactly one makes the first key',
    async ({ open }) => {
      const stores = [(await open()).store, (await open()).store] as const
      const answers = await Promise.all(
        [...Array(10).keys()].map((at) =>
          (stores[at % 2] ?? stores[0]).rotate({ successor: key(`k${String(at)}`), predecessors: [] }),
        ),
      )
      assert.equal(answers.filter((answer) => answer === 'rotated').length, 1)
      assert.equal(answers.filter((answer) => answer === 'superseded').length, 9)
      for (const store of stores) {
        assert.deepEqual(
          (await listed(store)).map(({ kid }) => kid),
          [`k${String(answers.indexOf('rotated'))}`],
        )
      }
    },
  )

  await storeCase(
    t,
    makeStore,
    'of concurrent rotations of the same predecessor exactly one wins, and the list is the winner’s',
    async ({ open }) => {
      const stores = [(await open()).store, (await open()).store] as const
      await stores[0].rotate({ successor: key('a'), predecessors: [] })
      const answers = await Promise.all(
        [...Array(10).keys()].map((at) =>
          (stores[at % 2] ?? stores[0]).rotate({
            successor: key(`k${String(at)}`),
            predecessors: [{ kid: 'a', signsUntil: 2000 + at, publishedUntil: 3000 + at }],
          }),
        ),
      )
      assert.equal(answers.filter((answer) => answer === 'rotated').length, 1)
      const winner = answers.indexOf('rotated')
      for (const store of stores) {
        assert.deepEqual(await listed(store), [
          { ...key('a'), signsUntil: 2000 + winner, publishedUntil: 3000 + winner },
          key(`k${String(winner)}`),
        ])
      }
    },
  )
}

/** In the order of `kid`, with plain octets, so that a store may answer in any order and with any `Uint8Array`. */
async function listed(store: SigningKeyStore): Promise<SigningKeyRecord[]> {
  const records = await store.list()
  return records
    .map((record) => ({ ...record, sealedPrivateKey: Uint8Array.from(record.sealedPrivateKey) }))
    .toSorted((a, b) => (a.kid < b.kid ? -1 : 1))
}

function key(kid: string, algorithm: SigningAlgorithm = 'ES256'): SigningKeyRecord {
  return {
    kid,
    algorithm,
    publicJwk: { kty: 'EC', crv: 'P-256', x: 'eA', y: 'eQ', kid },
    sealedPrivateKey: Uint8Array.from([0, 255, 0, 10, 13, 39, ...new TextEncoder().encode(kid)]),
    createdAt: 1000,
    signsFrom: 1100,
    signsUntil: undefined,
    publishedUntil: undefined,
  }
}
