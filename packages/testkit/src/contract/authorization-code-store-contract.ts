import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import {
  type AuthorizationStoresUnderTest,
  accessRecord,
  authorizationRecord,
  codeRecord,
  issueTime,
  refreshRecord,
  sessionRecord,
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

  await storeCase(
    t,
    makeStore,
    'the redemption that wins keeps what it earned with it, the others keep nothing, and all ends together',
    async ({ open, clock }) => {
      const stores = [(await open()).store, (await open()).store] as const
      await stores[0].authorizations.grant('authorization', authorizationRecord)
      await stores[0].sessions.begin('cookie', sessionRecord)
      await stores[0].authorizationCodes.issue('code', codeRecord)
      const answers = await concurrentCalls(stores, concurrentCallers, ({ authorizationCodes }, at) =>
        authorizationCodes.redeem('code', {
          accessToken:
            at % 3 === 0
              ? { jti: `jti-${String(at)}`, expiresAt: issueTime + 600 }
              : { digest: `access-${String(at)}`, record: accessRecord },
          refreshToken: { digest: `refresh-${String(at)}`, record: refreshRecord },
          session: { sessionId: 'session', clientId: 'acme' },
        }),
      )
      const winner = answers.indexOf('redeemed')
      const kept = async (at: number): Promise<readonly boolean[]> => [
        (await stores[1].refreshTokens.find(`refresh-${String(at)}`)) !== undefined,
        (await stores[1].accessTokens.find(`access-${String(at)}`)) !== undefined,
      ]
      for (const at of answers.keys()) {
        assert.deepEqual(await kept(at), at === winner ? [true, at % 3 !== 0] : [false, false], String(at))
      }
      assert.deepEqual((await stores[0].sessions.find('cookie'))?.clients, ['acme'])
      const successor = stores[0].refreshTokens.rotate(
        `refresh-${String(winner)}`,
        'next',
        refreshRecord,
        clock.now(),
        0,
      )
      assert.equal(await successor, 'rotated')
      await stores[0].authorizations.revoke('authorization')
      assert.deepEqual(await kept(winner), [false, false])
      for (const at of answers.keys()) {
        const revoked = await stores[0].revokedTokens.isRevoked(`jti-${String(at)}`)
        assert.equal(revoked, at === winner && at % 3 === 0)
      }
    },
  )

  await storeCase(
    t,
    makeStore,
    'a code of an ended authorization earns nothing that is kept',
    async ({ open, clock }) => {
      const { store } = await open()
      await store.authorizations.grant('authorization', { ...authorizationRecord, expiresAt: clock.now() + 60 })
      await store.authorizationCodes.issue('code', codeRecord)
      clock.advance(60)
      const refreshToken = { digest: 'refresh', record: refreshRecord }
      const earned = { accessToken: { digest: 'access', record: accessRecord }, refreshToken }
      assert.equal(await store.authorizationCodes.redeem('code', earned), 'unknown')
      await store.authorizations.grant('authorization', authorizationRecord)
      assert.equal(await store.refreshTokens.find('refresh'), undefined)
      assert.equal(await store.accessTokens.find('access'), undefined)
      assert.equal(await store.authorizationCodes.redeem('code', earned), 'redeemed')
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
