import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import {
  type AuthorizationStoresUnderTest,
  authorizationRecord,
  codeRecord,
} from './authorization-stores-under-test.ts'
import { concurrentCallers, concurrentCalls, tally } from './concurrent-calls.ts'
import { storeCase } from './store-case.ts'
import type { MakeStore } from './store-under-test.ts'

/** Proves that a store keeps the promises of `AuthorizationCodeStore`. */
export async function authorizationCodeStoreContract(
  t: TestContext,
  makeStore: MakeStore<AuthorizationStoresUnderTest>,
): Promise<void> {
  await storeCase(t, makeStore, 'a code is found as it was issued, without being used up', async ({ open }) => {
    const before = await open()
    const { redirectUri: _, codeChallenge: __, nonce: ___, ...bare } = codeRecord
    await before.store.authorizations.grant('authorization', authorizationRecord)
    await before.store.authorizationCodes.issue('full', { ...codeRecord, dpopKeyThumbprint: 'jkt' })
    await before.store.authorizationCodes.issue('bare', bare)
    await before.close()
    const { authorizationCodes } = (await open()).store
    for (let times = 0; times < 2; times++) {
      assert.deepEqual(await authorizationCodes.find('full'), { ...codeRecord, dpopKeyThumbprint: 'jkt' })
      assert.deepEqual(await authorizationCodes.find('bare'), bare)
    }
    assert.equal(await authorizationCodes.redeem('full'), 'redeemed')
  })

  await storeCase(t, makeStore, 'a code that was never issued is unknown, in any spelling', async ({ open }) => {
    const { authorizations, authorizationCodes } = (await open()).store
    await authorizations.grant('authorization', authorizationRecord)
    await authorizationCodes.issue('Code', codeRecord)
    for (const other of ['code', 'CODE', 'Code ', 'Cod', '', '%']) {
      assert.equal(await authorizationCodes.find(other), undefined, other)
      assert.equal(await authorizationCodes.redeem(other), 'unknown', other)
    }
  })

  await storeCase(
    t,
    makeStore,
    'a code is redeemed once, then reused for as long as the authorization lives, and found all the while',
    async ({ open, clock }) => {
      const before = await open()
      await before.store.authorizations.grant('authorization', authorizationRecord)
      await before.store.authorizationCodes.issue('code', codeRecord)
      assert.equal(await before.store.authorizationCodes.redeem('code'), 'redeemed')
      assert.equal(await before.store.authorizationCodes.redeem('code'), 'reused')
      await before.close()
      clock.advance(authorizationRecord.expiresAt - clock.now() - 1)
      const { store } = await open()
      assert.equal(await store.authorizationCodes.redeem('code'), 'reused')
      assert.deepEqual(await store.authorizationCodes.find('code'), codeRecord)
      clock.advance(1)
      assert.equal(await store.authorizationCodes.redeem('code'), 'unknown')
      assert.equal(await store.authorizationCodes.find('code'), undefined)
    },
  )

  await storeCase(t, makeStore, 'expiry is the caller’s to judge', async ({ open, clock }) => {
    const { store } = await open()
    await store.authorizations.grant('authorization', authorizationRecord)
    await store.authorizationCodes.issue('code', codeRecord)
    clock.advance(3600)
    assert.deepEqual(await store.authorizationCodes.find('code'), codeRecord)
    assert.equal(await store.authorizationCodes.redeem('code'), 'redeemed')
  })

  await storeCase(
    t,
    makeStore,
    'of concurrent redemptions in several processes exactly one wins, for each code',
    async ({ open }) => {
      const stores = [(await open()).store, (await open()).store, (await open()).store]
      await stores[0]?.authorizations.grant('authorization', authorizationRecord)
      for (const code of ['one', 'two', 'three']) {
        await stores[0]?.authorizationCodes.issue(code, codeRecord)
        const answers = await concurrentCalls(stores, concurrentCallers, (store) =>
          store.authorizationCodes.redeem(code),
        )
        assert.deepEqual(tally(answers), { redeemed: 1, reused: concurrentCallers * 3 - 1 }, code)
      }
    },
  )

  await storeCase(t, makeStore, 'what one process issues another finds at once', async ({ open }) => {
    const one = (await open()).store
    const other = (await open()).store
    await one.authorizations.grant('authorization', authorizationRecord)
    await one.authorizationCodes.issue('code', codeRecord)
    assert.deepEqual(await other.authorizationCodes.find('code'), codeRecord)
    assert.equal(await other.authorizationCodes.redeem('code'), 'redeemed')
    assert.equal(await one.authorizationCodes.redeem('code'), 'reused')
  })
}
