import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { type TestContext, test } from 'node:test'
import type {
  AuthorizationCodeStore,
  AuthorizationStore,
  ClientRegistrationStore,
  DecoupledAuthorizationStore,
  OneTimeStore,
  RefreshTokenStore,
  SessionStore,
  UserStore,
} from '@holdfast/core'
import {
  type AuthorizationStoresUnderTest,
  type MakeStore,
  type OneTimeStoresUnderTest,
  authorizationCodeStoreContract,
  authorizationStoreContract,
  clientRegistrationStoreContract,
  decoupledAuthorizationStoreContract,
  inMemoryAccessTokenStore,
  inMemoryClientRegistrationStore,
  inMemoryDecoupledAuthorizationStore,
  inMemoryOneTimeStore,
  inMemorySessionStore,
  inMemoryUserStore,
  oneTimeStoreContract,
  refreshTokenStoreContract,
  sessionStoreContract,
  userStoreContract,
} from '../index.ts'
import { inMemoryStoresUnderTest } from './in-memory-stores-under-test.ts'

/** Each store breaks one promise, and the suite must notice it by the case that is named. */

const authorizationStores: Faults<AuthorizationStoresUnderTest> = {
  'lets opaque tokens outlive their authorization': [
    (clock) => ({ ...inMemoryStoresUnderTest(clock), accessTokens: inMemoryAccessTokenStore() }),
    /ends everything issued from it/,
  ],
  'issues after the end': [
    (clock) => {
      const stores = inMemoryStoresUnderTest(clock)
      const issue = async (...values: Parameters<typeof stores.authorizations.issue>): Promise<'issued'> => {
        await stores.authorizations.issue(...values)
        return 'issued'
      }
      return { ...stores, authorizations: { ...stores.authorizations, issue } }
    },
    /after its revocation is unknown too/,
  ],
  'gives what somebody else has used up': [
    given((stores) => async (given) => {
      const outcome = await stores.authorizations.give(given)
      if (outcome.outcome === 'used_up') await stores.authorizations.give({ ...given, uses: [] })
      return outcome
    }),
    /once for an interaction and a pushed request/,
  ],
  'looks at what it uses up before it takes it': [
    given((stores) => async (given) => {
      for (const { purpose, digest } of given.uses) {
        if ((await stores.oneTime[purpose].find(digest)) === undefined) return { outcome: 'used_up', purpose }
      }
      await turn()
      for (const { purpose, digest } of given.uses) await stores.oneTime[purpose].take(digest)
      return stores.authorizations.give({ ...given, uses: [] })
    }),
    /exactly one is given/,
  ],
  'forgets that a client is told of the end of the session': [
    given(
      (stores) =>
        ({ session: _, ...given }) =>
          stores.authorizations.give(given),
    ),
    /its client joins the session/,
  ],
  'ends what has no session with the session that has no name': [
    (clock) => {
      const stores = inMemoryStoresUnderTest(clock)
      const grant: typeof stores.authorizations.grant = (id, record) =>
        stores.authorizations.grant(id, { sessionId: '', ...record })
      return { ...stores, authorizations: { ...stores.authorizations, grant } }
    },
    /those without a session never/,
  ],
  'never ends by itself': [() => inMemoryStoresUnderTest({ now: () => 0 }), /ends when its time is over/],
}

const codeStores: Faults<AuthorizationStoresUnderTest> = {
  'looks before it redeems': [
    codes((store) => {
      const redeemed = new Set<string>()
      return async (digest) => {
        if ((await store.find(digest)) === undefined) return 'unknown'
        if (redeemed.has(digest)) return 'reused'
        await turn()
        redeemed.add(digest)
        return 'redeemed'
      }
    }),
    /exactly one wins, for each code/,
  ],
  'keeps what those earned who came too late': [
    codes((store, stores) => async (digest, earned) => {
      const outcome = await store.redeem(digest, earned)
      if (outcome === 'reused' && earned !== undefined) await stores.authorizations.issue('authorization', earned)
      return outcome
    }),
    /keeps what it earned with it/,
  ],
  'redeems and forgets what was earned': [
    codes((store) => (digest) => store.redeem(digest)),
    /keeps what it earned with it/,
  ],
  'forgets a code that was redeemed': [
    codes((store) => async (digest) => {
      const outcome = await store.redeem(digest)
      return outcome === 'reused' ? 'unknown' : outcome
    }),
    /reused for as long as the authorization lives/,
  ],
}

const refreshTokenStores: Faults<AuthorizationStoresUnderTest> = {
  'looks before it rotates': [
    refreshTokens((store) => {
      const rotated = new Set<string>()
      return async (digest, successor, record, now, grace) => {
        const seen = rotated.has(digest)
        await turn()
        rotated.add(digest)
        const outcome = await store.rotate(digest, successor, record, now, grace)
        return seen ? outcome : 'rotated'
      }
    }),
    /exactly one wins/,
  ],
  'repeats for ever': [
    refreshTokens((store) => (digest, successor, record, now) => store.rotate(digest, successor, record, now, 1e9)),
    /never after it/,
  ],
  'forgets what is issued beside the successor': [
    refreshTokens(
      (store) => (digest, successor, record, now, grace) => store.rotate(digest, successor, record, now, grace),
    ),
    /keeps what is issued beside it/,
  ],
  'keeps the successor of a token that was reused': [
    refreshTokens((store) => async (digest, successor, record, now, grace) => {
      const outcome = await store.rotate(digest, successor, record, now, grace)
      if (outcome === 'reused') await store.issue(successor, record)
      return outcome
    }),
    /uses the predecessor up/,
  ],
}

const decoupledStores: Faults<DecoupledAuthorizationStore> = {
  'answers an approval to everybody who asks at once': [
    (clock) => {
      const store = inMemoryDecoupledAuthorizationStore(clock)
      const approved = new Map<string, Awaited<ReturnType<typeof store.poll>>>()
      return {
        ...store,
        async poll(digest, clientId, now) {
          const answer = approved.get(digest) ?? (await store.poll(digest, clientId, now))
          if (answer.outcome === 'approved') approved.set(digest, answer)
          return answer
        },
      }
    },
    /is answered once/,
  ],
  'answers any client': [
    (clock) => {
      const store = inMemoryDecoupledAuthorizationStore(clock)
      return {
        ...store,
        poll: async (digest, _clientId, now) => store.poll(digest, (await store.find(digest))?.clientId ?? '', now),
      }
    },
    /another client learns nothing/,
  ],
  'gives one user code twice': [
    (clock) => {
      const store = inMemoryDecoupledAuthorizationStore(clock)
      return {
        ...store,
        request: async (digest, record, userCode) => {
          const outcome = await store.request(digest, record, userCode)
          return outcome === 'kept' ? outcome : store.request(digest, record)
        },
      }
    },
    /a user code that is in use is taken/,
  ],
}

const oneTimeStores: Faults<OneTimeStoresUnderTest> = {
  'looks before it takes': [
    oneTime((store) => ({
      ...store,
      async take(digest) {
        const entry = await store.find(digest)
        await turn()
        await store.take(digest)
        return entry
      },
    })),
    /exactly one takes it/,
  ],
  'keeps everything for every purpose': [
    (clock) => {
      const store = inMemoryOneTimeStore(clock)
      return { pushed: store, interactions: store }
    },
    /for one purpose is nothing to another/,
  ],
  'does not look at the clock': [
    () => ({ pushed: inMemoryOneTimeStore({ now: () => 0 }), interactions: inMemoryOneTimeStore({ now: () => 0 }) }),
    /neither found, replaced nor taken/,
  ],
  'puts back what was taken': [
    oneTime((store) => ({
      ...store,
      async replace(digest, entry) {
        const there = (await store.find(digest)) !== undefined
        await turn()
        if (there) await store.keep(digest, entry, 4e9)
        return there
      },
    })),
    /not put back by a replacement/,
  ],
}

const sessionStores: Faults<SessionStore> = {
  'forgets who joined while the session changed': [
    (clock) => {
      const store = inMemorySessionStore(clock)
      return {
        ...store,
        async replace(digest, record) {
          const ended = await store.end(digest)
          if (ended !== undefined) await store.begin(digest, record)
          return ended !== undefined
        },
      }
    },
    /all stay/,
  ],
  'goes on for ever': [() => inMemorySessionStore({ now: () => 0 }), /is over when its time is/],
  'ends a session for everybody who asks at once': [
    (clock) => {
      const store = inMemorySessionStore(clock)
      const end: SessionStore['end'] = async (digest) => {
        const record = await store.find(digest)
        await turn()
        await store.end(digest)
        return record
      }
      return { ...store, end }
    },
    /a session ends once/,
  ],
}

const userStores: Faults<UserStore<unknown>> = {
  'looks at the version before it saves': [
    () => {
      const store = inMemoryUserStore<unknown>()
      return {
        ...store,
        async save(subject, user, keys, expected) {
          const version = (await store.find(subject))?.version ?? 0
          if (version !== expected) return 'conflict'
          await turn()
          return store.save(subject, user, keys, (await store.find(subject))?.version ?? 0)
        },
      }
    },
    /of concurrent saves of one version exactly one wins/,
  ],
  'keeps logins that were taken away': [
    () => {
      const store = inMemoryUserStore<unknown>()
      const all = new Map<string, Parameters<typeof store.save>[2]>()
      return {
        ...store,
        async save(subject, user, keys, expected) {
          const every = [...(all.get(subject) ?? []), ...keys]
          const outcome = await store.save(subject, user, every, expected)
          if (outcome === 'saved') all.set(subject, every)
          return outcome
        },
      }
    },
    /exactly the logins that were saved last/,
  ],
}

const clientStores: Faults<ClientRegistrationStore> = {
  'replaces whatever stands': [
    () => {
      const store = inMemoryClientRegistrationStore()
      return {
        ...store,
        replace: async (client) => store.replace(client, (await store.find(client.clientId))?.version ?? 0),
      }
    },
    /a change needs the version that stands/,
  ],
  'does not count changes': [
    () => ({ ...inMemoryClientRegistrationStore(), revision: () => Promise.resolve(1) }),
    /makes the revision grow/,
  ],
}

check('authorization', authorizationStoreContract, authorizationStores)
check('authorization code', authorizationCodeStoreContract, codeStores)
check('refresh token', refreshTokenStoreContract, refreshTokenStores)
check('decoupled authorization', decoupledAuthorizationStoreContract, decoupledStores)
check('one-time', oneTimeStoreContract, oneTimeStores)
check('session', sessionStoreContract, sessionStores)
check('user', userStoreContract, userStores)
check('client registration', clientRegistrationStoreContract, clientStores)

type Clock = Parameters<MakeStore<unknown>>[1]['clock']
type Faults<Store> = Readonly<Record<string, readonly [make: (clock: Clock) => Store, noticedBy: RegExp]>>

function check<Store>(
  kind: string,
  contract: (t: TestContext, makeStore: MakeStore<Store>) => Promise<void>,
  faults: Faults<Store>,
): void {
  for (const [fault, [make, noticedBy]] of Object.entries(faults)) {
    test(`the contract of the ${kind} store notices one that ${fault}`, async () => {
      const failed: string[] = []
      const recorder = {
        async test(name: string, body: (t: { after(): void }) => Promise<void>) {
          try {
            await body({ after: () => undefined })
          } catch {
            failed.push(name)
          }
        },
      }
      await contract(recorder as unknown as TestContext, (_t, { clock }) => {
        const store = make(clock)
        return Promise.resolve({ open: () => Promise.resolve({ store, close: () => Promise.resolve() }) })
      })
      assert.match(failed.join('\n'), noticedBy)
    })
  }
}

function given(
  give: (stores: AuthorizationStoresUnderTest) => AuthorizationStore['give'],
): (clock: Clock) => AuthorizationStoresUnderTest {
  return (clock) => {
    const stores = inMemoryStoresUnderTest(clock)
    return { ...stores, authorizations: { ...stores.authorizations, give: give(stores) } }
  }
}

function codes(
  redeem: (store: AuthorizationCodeStore, stores: AuthorizationStoresUnderTest) => AuthorizationCodeStore['redeem'],
): (clock: Clock) => AuthorizationStoresUnderTest {
  return (clock) => {
    const stores = inMemoryStoresUnderTest(clock)
    return {
      ...stores,
      authorizationCodes: { ...stores.authorizationCodes, redeem: redeem(stores.authorizationCodes, stores) },
    }
  }
}

function refreshTokens(
  rotate: (store: RefreshTokenStore) => RefreshTokenStore['rotate'],
): (clock: Clock) => AuthorizationStoresUnderTest {
  return (clock) => {
    const stores = inMemoryStoresUnderTest(clock)
    return { ...stores, refreshTokens: { ...stores.refreshTokens, rotate: rotate(stores.refreshTokens) } }
  }
}

function oneTime(
  broken: (store: OneTimeStore<unknown>) => OneTimeStore<unknown>,
): (clock: Clock) => OneTimeStoresUnderTest {
  return (clock) => ({ pushed: broken(inMemoryOneTimeStore(clock)), interactions: inMemoryOneTimeStore(clock) })
}
