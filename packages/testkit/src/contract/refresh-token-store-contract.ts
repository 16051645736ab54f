import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { RotationOutcome } from '@holdfast/core'
import {
  type AuthorizationStoresUnderTest,
  accessRecord,
  authorizationRecord,
  issueTime,
  refreshRecord,
  sessionRecord,
} from './authorization-stores-under-test.ts'
import { concurrentCallers, concurrentCalls, tally } from './concurrent-calls.ts'
import { storeCase } from './store-case.ts'
import type { MakeStore } from './store-under-test.ts'

/** Proves that a store keeps the promises of `RefreshTokenStore`. */
export async function refreshTokenStoreContract(
  t: TestContext,
  makeStore: MakeStore<AuthorizationStoresUnderTest>,
): Promise<void> {
  await storeCase(t, makeStore, 'a refresh token is found as it was issued, after a restart too', async ({ open }) => {
    const before = await open()
    const { confirmation: _, ...bearer } = refreshRecord
    await before.store.authorizations.grant('authorization', authorizationRecord)
    await before.store.refreshTokens.issue('bound', refreshRecord)
    await before.store.refreshTokens.issue('bearer', bearer)
    await before.close()
    const { refreshTokens } = (await open()).store
    assert.deepEqual(await refreshTokens.find('bound'), refreshRecord)
    assert.deepEqual(await refreshTokens.find('bearer'), bearer)
    for (const other of ['BOUND', 'boun', 'bound ', '', '%']) assert.equal(await refreshTokens.find(other), undefined)
  })

  await storeCase(t, makeStore, 'an expired token is unknown to everyone', async ({ open, clock }) => {
    const { store } = await open()
    await store.authorizations.grant('authorization', authorizationRecord)
    await store.refreshTokens.issue('token', { ...refreshRecord, expiresAt: clock.now() + 60 })
    clock.advance(59)
    assert.notEqual(await store.refreshTokens.find('token'), undefined)
    clock.advance(1)
    assert.equal(await store.refreshTokens.find('token'), undefined)
    assert.equal(await rotate(store, 'token', 'successor', clock.now(), 30), 'unknown')
    assert.equal(await store.refreshTokens.find('successor'), undefined)
    assert.equal(await store.refreshTokens.revoke('token', 'acme'), 'unknown')
  })

  await storeCase(
    t,
    makeStore,
    'a rotation keeps the successor and uses the predecessor up, which is still found',
    async ({ open, clock }) => {
      const before = await open()
      await before.store.authorizations.grant('authorization', authorizationRecord)
      await before.store.refreshTokens.issue('first', refreshRecord)
      assert.equal(await rotate(before.store, 'first', 'second', clock.now(), 0), 'rotated')
      assert.deepEqual(await before.store.refreshTokens.find('second'), successorRecord)
      assert.deepEqual(await before.store.refreshTokens.find('first'), refreshRecord)
      await before.close()
      const { store } = await open()
      assert.equal(await rotate(store, 'first', 'stolen', clock.now(), 0), 'reused')
      assert.equal(await store.refreshTokens.find('stolen'), undefined)
      assert.equal(await rotate(store, 'second', 'third', clock.now(), 0), 'rotated')
    },
  )

  await storeCase(
    t,
    makeStore,
    'a lost answer is repeated within the grace, beside the first one, and never after it',
    async ({ open, clock }) => {
      const { store } = await open()
      await store.authorizations.grant('authorization', authorizationRecord)
      await store.refreshTokens.issue('first', refreshRecord)
      const began = clock.now()
      assert.equal(await rotate(store, 'first', 'a', began, 30), 'rotated')
      assert.equal(await rotate(store, 'first', 'b', began, 30), 'repeated')
      assert.equal(await rotate(store, 'first', 'c', began + 29, 30), 'repeated')
      assert.equal(await rotate(store, 'first', 'd', began + 30, 30), 'reused')
      assert.equal(await store.refreshTokens.find('d'), undefined)
      for (const successor of ['a', 'b', 'c']) {
        assert.deepEqual(await store.refreshTokens.find(successor), successorRecord)
        assert.equal(await rotate(store, successor, `${successor}2`, began + 30, 30), 'rotated')
      }
    },
  )

  await storeCase(t, makeStore, 'without a grace a clock that jumps back repeats nothing', async ({ open, clock }) => {
    const { store } = await open()
    await store.authorizations.grant('authorization', authorizationRecord)
    await store.refreshTokens.issue('first', refreshRecord)
    assert.equal(await rotate(store, 'first', 'a', clock.now(), 0), 'rotated')
    assert.equal(await rotate(store, 'first', 'b', clock.now() - 60, 0), 'reused')
  })

  await storeCase(
    t,
    makeStore,
    'of concurrent rotations in several processes exactly one wins, the others are reused or repeated',
    async ({ open, clock }) => {
      const stores = [(await open()).store, (await open()).store, (await open()).store]
      await stores[0]?.authorizations.grant('authorization', authorizationRecord)
      for (const [token, grace, others] of [
        ['one', 0, 'reused'],
        ['two', 0, 'reused'],
        ['three', 30, 'repeated'],
      ] as const) {
        await stores[0]?.refreshTokens.issue(token, refreshRecord)
        const answers = await concurrentCalls(stores, concurrentCallers, (store, at) =>
          rotate(store, token, `${token}-${String(at)}`, clock.now(), grace),
        )
        assert.deepEqual(tally(answers), { rotated: 1, [others]: concurrentCallers * 3 - 1 }, token)
        const kept = await concurrentCalls(stores, concurrentCallers, (store, at) =>
          store.refreshTokens.find(`${token}-${String(at)}`),
        )
        assert.deepEqual(
          kept.map((record) => record !== undefined),
          answers.map((answer) => answer !== 'reused'),
        )
      }
    },
  )

  await storeCase(
    t,
    makeStore,
    'a rotation keeps what is issued beside it, a repeated one too, one that was reused nothing',
    async ({ open, clock }) => {
      const before = await open()
      await before.store.authorizations.grant('authorization', authorizationRecord)
      await before.store.sessions.begin('cookie', sessionRecord)
      await before.store.refreshTokens.issue('first', refreshRecord)
      const { rotate } = before.store.refreshTokens
      const session = { sessionId: 'session', clientId: 'acme' }
      const outcomes = []
      for (const at of [0, 29, 30]) {
        const beside = { accessToken: { jti: `jti-${String(at)}`, expiresAt: issueTime + 600 }, session }
        outcomes.push(await rotate('first', `next-${String(at)}`, successorRecord, clock.now() + at, 30, beside))
      }
      assert.deepEqual(outcomes, ['rotated', 'repeated', 'reused'])
      const opaque = { accessToken: { digest: 'access', record: accessRecord } }
      assert.equal(await rotate('next-0', 'last', successorRecord, clock.now(), 0, opaque), 'rotated')
      await before.close()
      const { store } = await open()
      assert.deepEqual(await store.accessTokens.find('access'), accessRecord)
      assert.deepEqual(await store.refreshTokens.find('last'), successorRecord)
      assert.deepEqual((await store.sessions.find('cookie'))?.clients, ['acme'])
      await store.authorizations.revoke('authorization')
      assert.equal(await store.accessTokens.find('access'), undefined)
      assert.deepEqual(
        [
          await store.revokedTokens.isRevoked('jti-0'),
          await store.revokedTokens.isRevoked('jti-29'),
          await store.revokedTokens.isRevoked('jti-30'),
        ],
        [true, true, false],
      )
    },
  )

  await storeCase(t, makeStore, 'a token is revoked by its client alone, once, durably', async ({ open, clock }) => {
    const before = await open()
    await before.store.authorizations.grant('authorization', authorizationRecord)
    await before.store.refreshTokens.issue('token', refreshRecord)
    await before.store.refreshTokens.issue('other', refreshRecord)
    assert.equal(await before.store.refreshTokens.revoke('token', 'stranger'), 'unknown')
    assert.equal(await before.store.refreshTokens.revoke('token', 'ACME'), 'unknown')
    assert.notEqual(await before.store.refreshTokens.find('token'), undefined)
    const answers = await concurrentCalls([before.store, (await open()).store], concurrentCallers, (store) =>
      store.refreshTokens.revoke('token', 'acme'),
    )
    assert.deepEqual(tally(answers), { revoked: 1, unknown: concurrentCallers * 2 - 1 })
    await before.close()
    const { store } = await open()
    assert.equal(await store.refreshTokens.find('token'), undefined)
    assert.equal(await rotate(store, 'token', 'successor', clock.now(), 30), 'unknown')
    assert.deepEqual(await store.refreshTokens.find('other'), refreshRecord)
  })
}

function rotate(
  { refreshTokens }: AuthorizationStoresUnderTest,
  digest: string,
  successor: string,
  now: number,
  grace: number,
): Promise<RotationOutcome> {
  return refreshTokens.rotate(digest, successor, successorRecord, now, grace)
}

const successorRecord = { ...refreshRecord, scope: ['orders:read', 'less'] }
