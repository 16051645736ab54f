import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { RevokedTokenStore } from '@holdfast/core'
import { storeCase } from './store-case.ts'
import type { MakeStore } from './store-under-test.ts'

/** Proves that a store keeps the promises of `RevokedTokenStore`. */
export async function revokedTokenStoreContract(
  t: TestContext,
  makeStore: MakeStore<RevokedTokenStore>,
): Promise<void> {
  await storeCase(
    t,
    makeStore,
    'a revoked jti is revoked, its neighbours in spelling are not',
    async ({ open, clock }) => {
      const { store } = await open()
      await store.revoke('Abc', clock.now() + 600)
      assert.equal(await store.isRevoked('Abc'), true)
      for (const other of ['abc', 'Ab', 'Abcd', 'Abc ', '', 'A_c', 'A%'])
        assert.equal(await store.isRevoked(other), false, other)
    },
  )

  await storeCase(t, makeStore, 'revoking twice is the same as once, also concurrently', async ({ open, clock }) => {
    const stores = [(await open()).store, (await open()).store]
    const expiresAt = clock.now() + 600
    await Promise.all(
      [...Array(concurrentCallers).keys()].flatMap(() => stores.map((store) => store.revoke('jti', expiresAt))),
    )
    for (const store of stores) assert.equal(await store.isRevoked('jti'), true)
  })

  await storeCase(t, makeStore, 'concurrent revocations of different tokens are all kept', async ({ open, clock }) => {
    const before = await open()
    const all = [...Array(concurrentCallers).keys()].map((at) => `jti-${String(at)}`)
    await Promise.all(all.map((jti) => before.store.revoke(jti, clock.now() + 600)))
    await before.close()
    const { store } = await open()
    assert.deepEqual(
      await Promise.all(all.map((jti) => store.isRevoked(jti))),
      all.map(() => true),
    )
  })

  await storeCase(t, makeStore, 'what one process revokes is revoked for another at once', async ({ open, clock }) => {
    const one = (await open()).store
    const other = (await open()).store
    assert.equal(await other.isRevoked('jti'), false)
    await one.revoke('jti', clock.now() + 600)
    assert.equal(await other.isRevoked('jti'), true)
  })

  await storeCase(t, makeStore, 'a revocation survives close and reopen', async ({ open, clock }) => {
    const before = await open()
    await before.store.revoke('jti', clock.now() + 600)
    await before.close()
    assert.equal(await (await open()).store.isRevoked('jti'), true)
  })

  await storeCase(
    t,
    makeStore,
    'a revocation is remembered until the token expires, whatever else happens',
    async ({ open, clock }) => {
      const { store } = await open()
      const expiresAt = clock.now() + 600
      await store.revoke('jti', expiresAt)
      clock.advance(599)
      await store.revoke('other', expiresAt + 600)
      assert.equal(await store.isRevoked('jti'), true)
    },
  )

  await storeCase(
    t,
    makeStore,
    'a second revocation with an earlier end does not shorten the first',
    async ({ open, clock }) => {
      const before = await open()
      const start = clock.now()
      await before.store.revoke('jti', start + 600)
      await before.store.revoke('jti', start + 10)
      clock.advance(300)
      await before.store.revoke('other', start + 900)
      await before.close()
      assert.equal(await (await open()).store.isRevoked('jti'), true)
    },
  )
}

const concurrentCallers = 50
