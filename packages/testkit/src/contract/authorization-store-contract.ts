import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { AccessTokenRecord } from '@holdfast/core'
import {
  type AuthorizationStoresUnderTest,
  authorizationRecord,
  codeRecord,
  issueTime,
  refreshRecord,
} from './authorization-stores-under-test.ts'
import { concurrentCallers, concurrentCalls, unusualText } from './concurrent-calls.ts'
import { storeCase } from './store-case.ts'
import type { MakeStore } from './store-under-test.ts'

/** Proves that a store keeps the promises of `AuthorizationStore`, with the stores of what is issued from authorizations. */
export async function authorizationStoreContract(
  t: TestContext,
  makeStore: MakeStore<AuthorizationStoresUnderTest>,
): Promise<void> {
  await storeCase(
    t,
    makeStore,
    'an authorization is found as it was granted, after a restart too',
    async ({ open }) => {
      const before = await open()
      const { sessionId: _, authorizationDetails: __, claims: ___, ...bare } = authorizationRecord
      await before.store.authorizations.grant('one', authorizationRecord)
      await before.store.authorizations.grant('two', bare)
      assert.deepEqual(await before.store.authorizations.find('one'), authorizationRecord)
      await before.close()
      const { authorizations } = (await open()).store
      assert.deepEqual(await authorizations.find('one'), authorizationRecord)
      assert.deepEqual(await authorizations.find('two'), bare)
    },
  )

  await storeCase(t, makeStore, 'an id that was never granted is unknown, in any spelling', async ({ open }) => {
    const { authorizations } = (await open()).store
    await authorizations.grant('One', authorizationRecord)
    for (const other of ['one', 'ONE', 'One ', 'On', '', '%', ...unusualText]) {
      assert.equal(await authorizations.find(other), undefined, other)
    }
  })

  await storeCase(t, makeStore, 'unusual identifiers stay apart and come back as they were', async ({ open }) => {
    const { authorizations } = (await open()).store
    for (const text of unusualText) {
      await authorizations.grant(text, { ...authorizationRecord, subject: text, clientId: text, sessionId: text })
    }
    for (const text of unusualText) {
      assert.equal((await authorizations.find(text))?.subject, text)
      assert.deepEqual(
        (await authorizations.ofSubject(text, 10)).map(({ id, record }) => [id, record.clientId]),
        [[text, text]],
      )
    }
    for (const text of unusualText) assert.equal(await authorizations.revokeClient(text), 1, text)
  })

  await storeCase(
    t,
    makeStore,
    'an authorization ends when its time is over, whoever looks',
    async ({ open, clock }) => {
      const { store } = await open()
      await store.authorizations.grant('authorization', { ...authorizationRecord, expiresAt: clock.now() + 60 })
      await issueAll(store)
      clock.advance(59)
      assert.deepEqual(await known(store), { authorization: true, code: true, refresh: true, access: true })
      clock.advance(1)
      assert.deepEqual(await known(store), { authorization: false, code: false, refresh: false, access: false })
      assert.deepEqual(await store.authorizations.ofSubject('alice', 10), [])
    },
  )

  await storeCase(t, makeStore, 'the same id once more puts the new record in its place', async ({ open, clock }) => {
    const { store } = await open()
    await store.authorizations.grant('authorization', { ...authorizationRecord, expiresAt: clock.now() + 60 })
    await issueAll(store)
    const longer = { ...authorizationRecord, scope: ['openid'], subject: 'alice', expiresAt: clock.now() + 3600 }
    await store.authorizations.grant('authorization', longer)
    assert.deepEqual(await store.authorizations.find('authorization'), longer)
    assert.equal((await store.authorizations.ofSubject('alice', 10)).length, 1)
    clock.advance(61)
    assert.deepEqual(await known(store), { authorization: true, code: true, refresh: true, access: true })
  })

  await storeCase(
    t,
    makeStore,
    'a revocation ends everything issued from it, everywhere and for good, and nothing else',
    async ({ open, clock }) => {
      const one = await open()
      const other = (await open()).store
      await one.store.authorizations.grant('authorization', authorizationRecord)
      await one.store.authorizations.grant('other', authorizationRecord)
      await issueAll(one.store)
      await one.store.authorizationCodes.issue('other-code', { ...codeRecord, authorizationId: 'other' })
      await one.store.refreshTokens.issue('other-refresh', { ...refreshRecord, authorizationId: 'other' })
      await one.store.authorizations.issued('other', 'other-jti', issueTime + 600)
      await one.store.authorizations.issued('authorization', 'jti-1', issueTime + 600)
      await one.store.authorizations.issued('authorization', 'jti-2', issueTime + 900)
      await other.authorizations.revoke('authorization')
      const gone = { authorization: false, code: false, refresh: false, access: false }
      assert.deepEqual(await known(one.store), gone)
      assert.equal(await one.store.authorizationCodes.redeem('code'), 'unknown')
      const rotation = one.store.refreshTokens.rotate('refresh', 'successor', refreshRecord, clock.now(), 30)
      assert.equal(await rotation, 'unknown')
      assert.equal(await one.store.refreshTokens.find('successor'), undefined)
      assert.equal(await one.store.revokedTokens.isRevoked('jti-1'), true)
      await one.close()
      const again = (await open()).store
      assert.deepEqual(await known(again), gone)
      assert.equal(await again.revokedTokens.isRevoked('jti-2'), true)
      assert.equal(await again.revokedTokens.isRevoked('other-jti'), false)
      assert.deepEqual(await again.authorizations.find('other'), authorizationRecord)
      assert.notEqual(await again.authorizationCodes.find('other-code'), undefined)
      assert.notEqual(await again.refreshTokens.find('other-refresh'), undefined)
      await again.authorizations.revoke('authorization')
      await again.authorizations.revoke('never granted')
    },
  )

  await storeCase(t, makeStore, 'what is issued from it after its revocation is unknown too', async ({ open }) => {
    const { store } = await open()
    await store.authorizations.grant('authorization', authorizationRecord)
    await store.authorizations.revoke('authorization')
    await issueAll(store)
    await store.authorizations.issued('authorization', 'late', issueTime + 600)
    assert.deepEqual(await known(store), { authorization: false, code: false, refresh: false, access: false })
    assert.equal(await store.authorizationCodes.redeem('code'), 'unknown')
    assert.equal(await store.revokedTokens.isRevoked('late'), true)
  })

  await storeCase(
    t,
    makeStore,
    'of tokens issued while it is being revoked in another process none stays good',
    async ({ open }) => {
      const stores = [(await open()).store, (await open()).store]
      for (let round = 0; round < 5; round++) {
        const id = `authorization-${String(round)}`
        await stores[0]?.authorizations.grant(id, authorizationRecord)
        await concurrentCalls(stores, concurrentCallers, async ({ authorizations }, at) =>
          at === concurrentCallers
            ? authorizations.revoke(id)
            : authorizations.issued(id, `${id}-${String(at)}`, issueTime + 600),
        )
        const revoked = await concurrentCalls(stores, concurrentCallers, ({ revokedTokens }, at) =>
          at === concurrentCallers ? Promise.resolve(true) : revokedTokens.isRevoked(`${id}-${String(at)}`),
        )
        assert.equal(revoked.filter((answer) => !answer).length, 0)
      }
    },
  )

  await storeCase(t, makeStore, 'a person sees the own authorizations, the newest first, so many', async ({ open }) => {
    const { authorizations } = (await open()).store
    const at = (seconds: number): typeof authorizationRecord => ({
      ...authorizationRecord,
      createdAt: issueTime + seconds,
    })
    await authorizations.grant('second', at(20))
    await authorizations.grant('first', at(10))
    await authorizations.grant('third', at(30))
    await authorizations.grant('third, later', at(30))
    await authorizations.grant('bob', { ...authorizationRecord, subject: 'bob' })
    await authorizations.grant('Alice', { ...authorizationRecord, subject: 'Alice' })
    const ids = async (limit: number): Promise<readonly string[]> =>
      (await authorizations.ofSubject('alice', limit)).map(({ id }) => id)
    assert.deepEqual(await ids(10), ['third, later', 'third', 'second', 'first'])
    assert.deepEqual(await ids(2), ['third, later', 'third'])
    assert.deepEqual((await authorizations.ofSubject('bob', 1))[0]?.record.subject, 'bob')
    await authorizations.grant('elsewhere', { ...at(40), clientId: 'acme 2' })
    const at2 = await authorizations.ofSubject('alice', 1, 'acme 2')
    assert.deepEqual(
      at2.map(({ id }) => id),
      ['elsewhere'],
    )
    const atFirst = await authorizations.ofSubject('alice', 2, authorizationRecord.clientId)
    assert.deepEqual(
      atFirst.map(({ id }) => id),
      ['third, later', 'third'],
    )
    assert.deepEqual(await authorizations.ofSubject('alice', 10, 'nobody'), [])
    await authorizations.revoke('elsewhere')
    await authorizations.revoke('third')
    assert.deepEqual(await ids(10), ['third, later', 'second', 'first'])
  })

  await storeCase(t, makeStore, 'all of one client end at once, counted, with what was issued', async ({ open }) => {
    const { store } = await open()
    await store.authorizations.grant('authorization', authorizationRecord)
    await store.authorizations.grant('second', { ...authorizationRecord, subject: 'bob' })
    await store.authorizations.grant('stranger', { ...authorizationRecord, clientId: 'acm' })
    await store.authorizations.issued('second', 'jti', issueTime + 600)
    await issueAll(store)
    assert.equal(await store.authorizations.revokeClient('acme'), 2)
    assert.deepEqual(await known(store), { authorization: false, code: false, refresh: false, access: false })
    assert.equal(await store.revokedTokens.isRevoked('jti'), true)
    assert.deepEqual(await store.authorizations.find('stranger'), { ...authorizationRecord, clientId: 'acm' })
    assert.equal(await store.authorizations.revokeClient('acme'), 0)
  })

  await storeCase(t, makeStore, 'more than one slice of a client’s authorizations end', async ({ open }) => {
    const stores = [(await open()).store]
    const { authorizations } = stores[0] as AuthorizationStoresUnderTest
    await concurrentCalls(stores, manyAuthorizations, (_, at) =>
      authorizations.grant(`a-${String(at)}`, authorizationRecord),
    )
    assert.equal(await authorizations.revokeClient('acme'), manyAuthorizations)
    assert.deepEqual(await authorizations.ofSubject('alice', manyAuthorizations), [])
  })

  await storeCase(t, makeStore, 'all of one login session end, those without a session never', async ({ open }) => {
    const { store } = await open()
    const { sessionId: _, ...without } = authorizationRecord
    await store.authorizations.grant('authorization', authorizationRecord)
    await store.authorizations.grant('other session', { ...authorizationRecord, sessionId: 'other' })
    await store.authorizations.grant('no session', without)
    await issueAll(store)
    assert.equal(await store.authorizations.revokeSession('session'), 1)
    assert.deepEqual(await known(store), { authorization: false, code: false, refresh: false, access: false })
    assert.equal(await store.authorizations.revokeSession(''), 0)
    assert.notEqual(await store.authorizations.find('other session'), undefined)
    assert.notEqual(await store.authorizations.find('no session'), undefined)
  })
}

async function issueAll(store: AuthorizationStoresUnderTest): Promise<void> {
  await store.authorizationCodes.issue('code', codeRecord)
  await store.refreshTokens.issue('refresh', refreshRecord)
  await store.accessTokens.issue('access', accessRecord)
}

async function known(store: AuthorizationStoresUnderTest): Promise<Record<string, boolean>> {
  return {
    authorization: (await store.authorizations.find('authorization')) !== undefined,
    code: (await store.authorizationCodes.find('code')) !== undefined,
    refresh: (await store.refreshTokens.find('refresh')) !== undefined,
    access: (await store.accessTokens.find('access')) !== undefined,
  }
}

const accessRecord: AccessTokenRecord = {
  clientId: 'acme',
  subject: 'alice',
  scope: ['orders:read'],
  audience: ['https://api.example'],
  authorizationId: 'authorization',
  issuedAt: issueTime,
  expiresAt: issueTime + 300,
}

/** More than a store ends in one transaction. */
const manyAuthorizations = 250
