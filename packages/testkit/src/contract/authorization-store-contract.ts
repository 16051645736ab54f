import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { GivenAuthorization, IssuedTokens } from '@holdfast/core'
import {
  type AuthorizationStoresUnderTest,
  accessRecord,
  authorizationRecord,
  codeRecord,
  issueTime,
  refreshRecord,
  sessionRecord,
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
      await issueJwt(one.store, 'other', 'other-jti')
      await issueJwt(one.store, 'authorization', 'jti-1')
      await issueJwt(one.store, 'authorization', 'jti-2')
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
    assert.equal(await issueJwt(store, 'authorization', 'late'), 'ended')
    assert.equal(await store.authorizations.issue('authorization', everything), 'ended')
    assert.deepEqual(await known(store), { authorization: false, code: false, refresh: false, access: false })
    assert.equal(await store.authorizationCodes.redeem('code'), 'unknown')
    assert.equal(await store.refreshTokens.find('new-refresh'), undefined)
    assert.equal(await store.accessTokens.find('new-access'), undefined)
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
        const issued = await concurrentCalls(stores, concurrentCallers, async (store, at) =>
          at === concurrentCallers ? store.authorizations.revoke(id) : issueJwt(store, id, `${id}-${String(at)}`),
        )
        const revoked = await concurrentCalls(stores, concurrentCallers, ({ revokedTokens }, at) =>
          revokedTokens.isRevoked(`${id}-${String(at)}`),
        )
        assert.deepEqual(
          revoked,
          issued.map((outcome) => outcome === 'issued'),
        )
      }
    },
  )

  await storeCase(
    t,
    makeStore,
    'an authorization is given with its code, durably, and its client joins the session',
    async ({ open }) => {
      const before = await open()
      await before.store.sessions.begin('cookie', sessionRecord)
      const { sessionId: _, ...bare } = authorizationRecord
      const { give } = before.store.authorizations
      assert.deepEqual(await give({ ...given('one'), session: 'session' }), { outcome: 'given' })
      assert.deepEqual(await give({ ...given('two'), record: bare, session: 'session' }), { outcome: 'given' })
      assert.deepEqual(await give(given('three')), { outcome: 'given' })
      await before.close()
      const { store } = await open()
      assert.deepEqual(await store.authorizations.find('one'), authorizationRecord)
      assert.deepEqual(await store.authorizations.find('two'), bare)
      assert.deepEqual(await store.authorizationCodes.find('code of one'), given('one').code.record)
      assert.equal(await store.authorizationCodes.redeem('code of three'), 'redeemed')
      assert.deepEqual((await store.sessions.find('cookie'))?.clients, ['acme'])
      await store.authorizations.revoke('one')
      assert.equal(await store.authorizationCodes.find('code of one'), undefined)
    },
  )

  await storeCase(t, makeStore, 'a client joins no session but those in which it was told', async ({ open }) => {
    const stores = [(await open()).store, (await open()).store] as const
    for (const sessionId of ['session', 'other']) {
      await stores[0].sessions.begin(`cookie of ${sessionId}`, { ...sessionRecord, sessionId })
    }
    await stores[0].authorizations.give(given('one'))
    const clients = async (sessionId: string): Promise<readonly string[] | undefined> =>
      (await stores[1].sessions.find(`cookie of ${sessionId}`))?.clients
    assert.deepEqual(await clients('session'), [])
    for (const [at, store] of [...stores, ...stores].entries()) {
      const accessToken = { jti: `jti ${String(at)}`, expiresAt: issueTime + 600 }
      const tokens = { accessToken, session: { sessionId: 'session', clientId: 'acme' } }
      assert.equal(await store.authorizations.issue('one', tokens), 'issued')
      assert.deepEqual(await clients('session'), ['acme'])
    }
    assert.deepEqual(await clients('other'), [])
    await stores[1].sessions.end('cookie of session')
    assert.equal(await stores[0].authorizations.issue('one', everything), 'issued')
    assert.equal(await clients('session'), undefined)
  })

  await storeCase(
    t,
    makeStore,
    'an authorization is given once for an interaction and a pushed request, which are gone then',
    async ({ open, clock }) => {
      const { store } = await open()
      const until = clock.now() + 60
      await store.oneTime.interaction.keep('digest', {}, until)
      await store.oneTime.pushed_request.keep('digest', {}, until)
      await store.oneTime.interaction.keep('another', {}, until)
      const { give, find } = store.authorizations
      const both = { ...given('one'), uses: [interaction, pushed] }
      assert.deepEqual(await give(both), { outcome: 'given' })
      assert.equal(await store.oneTime.interaction.find('digest'), undefined)
      assert.equal(await store.oneTime.pushed_request.find('digest'), undefined)
      const again = { ...given('two'), uses: [interaction, pushed] }
      assert.deepEqual(await give(again), { outcome: 'used_up', purpose: 'interaction' })
      const stale = { ...given('two'), uses: [{ ...interaction, digest: 'another' }, pushed] }
      assert.deepEqual(await give(stale), { outcome: 'used_up', purpose: 'pushed_request' })
      await store.oneTime.pushed_request.keep('digest', {}, until)
      clock.advance(60)
      assert.deepEqual(await give({ ...given('two'), uses: [pushed] }), {
        outcome: 'used_up',
        purpose: 'pushed_request',
      })
      assert.equal(await find('two'), undefined)
      assert.equal(await store.authorizationCodes.find('code of two'), undefined)
      assert.notEqual(await find('one'), undefined)
    },
  )

  await storeCase(
    t,
    makeStore,
    'of those who finish one interaction or one pushed request in several processes exactly one is given',
    async ({ open, clock }) => {
      const stores = [(await open()).store, (await open()).store]
      for (const [round, uses] of [[interaction], [pushed], [interaction, pushed]].entries()) {
        for (const { purpose, digest } of uses) await stores[0]?.oneTime[purpose].keep(digest, {}, clock.now() + 60)
        const answers = await concurrentCalls(stores, concurrentCallers, ({ authorizations }, at) =>
          authorizations.give({ ...given(`${String(round)}-${String(at)}`), uses }),
        )
        const kept = await concurrentCalls(stores, concurrentCallers, ({ authorizations }, at) =>
          authorizations.find(`${String(round)}-${String(at)}`),
        )
        assert.equal(answers.filter(({ outcome }) => outcome === 'given').length, 1)
        assert.deepEqual(
          kept.map((record) => record !== undefined),
          answers.map(({ outcome }) => outcome === 'given'),
        )
      }
    },
  )

  await storeCase(
    t,
    makeStore,
    'what is issued together is kept together, and ends with it',
    async ({ open, clock }) => {
      const before = await open()
      await before.store.authorizations.grant('authorization', authorizationRecord)
      assert.equal(await before.store.authorizations.issue('authorization', everything), 'issued')
      assert.equal(await issueJwt(before.store, 'authorization', 'jti'), 'issued')
      await before.close()
      const { store } = await open()
      assert.deepEqual(await store.accessTokens.find('new-access'), accessRecord)
      assert.deepEqual(await store.refreshTokens.find('new-refresh'), refreshRecord)
      assert.equal(await store.refreshTokens.rotate('new-refresh', 'next', refreshRecord, clock.now(), 0), 'rotated')
      await store.authorizations.revoke('authorization')
      assert.equal(await store.accessTokens.find('new-access'), undefined)
      assert.equal(await store.refreshTokens.find('next'), undefined)
      assert.equal(await store.revokedTokens.isRevoked('jti'), true)
    },
  )

  await storeCase(
    t,
    makeStore,
    'nothing is issued from an authorization whose time is over',
    async ({ open, clock }) => {
      const { store } = await open()
      await store.authorizations.grant('authorization', { ...authorizationRecord, expiresAt: clock.now() + 60 })
      clock.advance(60)
      assert.equal(await store.authorizations.issue('authorization', everything), 'ended')
      await store.authorizations.grant('authorization', authorizationRecord)
      assert.equal(await store.accessTokens.find('new-access'), undefined)
      assert.equal(await store.refreshTokens.find('new-refresh'), undefined)
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
    await issueJwt(store, 'second', 'jti')
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

function issueJwt(
  { authorizations }: AuthorizationStoresUnderTest,
  id: string,
  jti: string,
): Promise<'issued' | 'ended'> {
  return authorizations.issue(id, { accessToken: { jti, expiresAt: issueTime + 600 } })
}

function given(id: string): GivenAuthorization {
  const code = { digest: `code of ${id}`, record: { ...codeRecord, authorizationId: id } }
  return { id, record: authorizationRecord, code, uses: [] }
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

const everything: IssuedTokens = {
  accessToken: { digest: 'new-access', record: accessRecord },
  refreshToken: { digest: 'new-refresh', record: refreshRecord },
  session: { sessionId: 'session', clientId: 'acme' },
}

const interaction = { purpose: 'interaction', digest: 'digest' } as const
const pushed = { purpose: 'pushed_request', digest: 'digest' } as const

/** More than a store ends in one transaction. */
const manyAuthorizations = 250
