import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { type TestContext, test } from 'node:test'
import type { AccessTokenStore, ReplayStore, RevokedTokenStore, SigningKeyStore } from '@holdfast/core'
import {
  type MakeStore,
  accessTokenStoreContract,
  inMemoryAccessTokenStore,
  inMemoryReplayStore,
  inMemoryRevokedTokenStore,
  inMemorySigningKeyStore,
  replayStoreContract,
  revokedTokenStoreContract,
  signingKeyStoreContract,
} from '../index.ts'

/** Each store breaks one promise, and the suite must notice it by the case that is named. */

const accessTokenStores: Faults<AccessTokenStore> = {
  'forgets what was issued when it is closed': [forgetful(inMemoryAccessTokenStore), /survives close and reopen/],
  'takes upper and lower case for the same': [
    always(() => {
      const records = new Map<string, Parameters<AccessTokenStore['issue']>[1]>()
      return {
        ...inMemoryAccessTokenStore(),
        issue: (digest, record) => Promise.resolve(void records.set(digest.toLowerCase(), record)),
        find: (digest) => Promise.resolve(records.get(digest.toLowerCase())),
      }
    }),
    /neighbour in spelling/,
  ],
  'lets anybody revoke': [
    always(() => {
      const store = inMemoryAccessTokenStore()
      const revoke: AccessTokenStore['revoke'] = async (digest) =>
        store.revoke(digest, (await store.find(digest))?.clientId ?? '')
      return { ...store, revoke }
    }),
    /another client/,
  ],
  'looks before it revokes': [
    always(() => {
      const store = inMemoryAccessTokenStore()
      const revoke: AccessTokenStore['revoke'] = async (digest, clientId) => {
        const there = (await store.find(digest))?.clientId === clientId
        await turn()
        await store.revoke(digest, clientId)
        return there ? 'revoked' : 'unknown'
      }
      return { ...store, revoke }
    }),
    /exactly one answers revoked/,
  ],
}

const revokedTokenStores: Faults<RevokedTokenStore> = {
  'forgets when it is closed': [forgetful(inMemoryRevokedTokenStore), /survives close and reopen/],
  'lets the last end count': [
    ({ clock }) => {
      const ends = new Map<string, number>()
      return shared<RevokedTokenStore>({
        revoke: (jti, expiresAt) => Promise.resolve(void ends.set(jti, expiresAt)),
        isRevoked: (jti) => Promise.resolve((ends.get(jti) ?? 0) > clock.now()),
      })
    },
    /earlier end does not shorten/,
  ],
}

const replayStores: Faults<ReplayStore> = {
  'forgets when it is closed': [
    ({ clock, capacity }) => forgetful(() => inMemoryReplayStore(clock, capacity))({ clock, capacity }),
    /over close and reopen/,
  ],
  'looks before it takes': [
    always(() => {
      const taken = new Set<string>()
      return {
        async take(scope, id) {
          const key = JSON.stringify([scope, id])
          if (taken.has(key)) return 'replayed'
          await turn()
          taken.add(key)
          return 'first'
        },
      }
    }),
    /exactly one is first/,
  ],
  'runs scope and identifier together': [
    ({ clock, capacity }) => {
      const store = inMemoryReplayStore(clock, capacity)
      return shared<ReplayStore>({ take: (scope, id, expiresAt) => store.take('', `${scope}:${id}`, expiresAt) })
    },
    /scopes and spellings/,
  ],
  'has no bound': [({ clock }) => shared(inMemoryReplayStore(clock)), /full store/],
  'forgets a second early': [
    ({ clock, capacity }) => {
      const store = inMemoryReplayStore(clock, capacity)
      return shared<ReplayStore>({ take: (scope, id, expiresAt) => store.take(scope, id, expiresAt - 1) })
    },
    /until it expires/,
  ],
}

const signingKeyStores: Faults<SigningKeyStore> = {
  'forgets when it is closed': [forgetful(inMemorySigningKeyStore), /octet for octet/],
  'looks before it rotates': [
    always(() => {
      const store = inMemorySigningKeyStore()
      let rotations = 0
      const rotate: SigningKeyStore['rotate'] = async (change) => {
        const seen = (await store.list()).filter(({ signsUntil }) => signsUntil === undefined).map(({ kid }) => kid)
        await turn()
        const free = seen.length === change.predecessors.length
        if (free) rotations++
        if (free && rotations > 1 && change.predecessors.length === 0) return 'rotated'
        return store.rotate(change)
      }
      return { ...store, rotate }
    }),
    /exactly one makes the first key/,
  ],
}

check('access token', accessTokenStoreContract, accessTokenStores)
check('revoked token', revokedTokenStoreContract, revokedTokenStores)
check('replay', replayStoreContract, replayStores)
check('signing key', signingKeyStoreContract, signingKeyStores)

type Make<Store> = (conditions: Parameters<MakeStore<Store>>[1]) => Awaited<ReturnType<MakeStore<Store>>>
type Faults<Store> = Readonly<Record<string, readonly [make: Make<Store>, noticedBy: RegExp]>>

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
      await contract(recorder as unknown as TestContext, (_t, conditions) => Promise.resolve(make(conditions)))
      assert.match(failed.join('\n'), noticedBy)
    })
  }
}

function shared<Store>(store: Store): ReturnType<Make<Store>> {
  return { open: () => Promise.resolve({ store, close: () => Promise.resolve() }) }
}

function always<Store>(make: () => Store): Make<Store> {
  return () => shared(make())
}

/** Two that are open at once share; once the last is closed, all is gone. */
function forgetful<Store>(make: () => Store): Make<Store> {
  return () => {
    let open = 0
    let store = make()
    return {
      open() {
        if (open++ === 0) store = make()
        return Promise.resolve({
          store,
          close() {
            open--
            return Promise.resolve()
          },
        })
      },
    }
  }
}
