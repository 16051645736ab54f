import { test } from 'node:test'
import {
  type MakeStore,
  accessTokenStoreContract,
  authorizationCodeStoreContract,
  authorizationStoreContract,
  clientRegistrationStoreContract,
  decoupledAuthorizationStoreContract,
  inMemoryAccessTokenStore,
  inMemoryClientRegistrationStore,
  inMemoryDecoupledAuthorizationStore,
  inMemoryGuessStore,
  inMemoryOneTimeStore,
  inMemoryReplayStore,
  inMemoryRevokedTokenStore,
  inMemorySessionStore,
  inMemorySigningKeyStore,
  inMemoryUserStore,
  guessStoreContract,
  oneTimeStoreContract,
  refreshTokenStoreContract,
  replayStoreContract,
  revokedTokenStoreContract,
  sessionStoreContract,
  signingKeyStoreContract,
  userStoreContract,
} from '../index.ts'
import { inMemoryStoresUnderTest } from './in-memory-stores-under-test.ts'

test('the access token store in memory keeps the contract', (t) =>
  accessTokenStoreContract(
    t,
    inMemory(() => inMemoryAccessTokenStore()),
  ))

test('the revoked token store in memory keeps the contract', (t) =>
  revokedTokenStoreContract(t, inMemory(inMemoryRevokedTokenStore)))

test('the replay store in memory keeps the contract', (t) =>
  replayStoreContract(
    t,
    inMemory(({ clock, capacity }) => inMemoryReplayStore(clock, capacity)),
  ))

test('the signing key store in memory keeps the contract', (t) =>
  signingKeyStoreContract(t, inMemory(inMemorySigningKeyStore)))

test('the authorization store in memory keeps the contract', (t) =>
  authorizationStoreContract(
    t,
    inMemory(({ clock }) => inMemoryStoresUnderTest(clock)),
  ))

test('the authorization code store in memory keeps the contract', (t) =>
  authorizationCodeStoreContract(
    t,
    inMemory(({ clock }) => inMemoryStoresUnderTest(clock)),
  ))

test('the refresh token store in memory keeps the contract', (t) =>
  refreshTokenStoreContract(
    t,
    inMemory(({ clock }) => inMemoryStoresUnderTest(clock)),
  ))

test('the store of decoupled authorizations in memory keeps the contract', (t) =>
  decoupledAuthorizationStoreContract(
    t,
    inMemory(({ clock }) => inMemoryDecoupledAuthorizationStore(clock)),
  ))

test('the one-time store in memory keeps the contract', (t) =>
  oneTimeStoreContract(
    t,
    inMemory(({ clock }) => ({ pushed: inMemoryOneTimeStore(clock), interactions: inMemoryOneTimeStore(clock) })),
  ))

test('the store of guesses in memory keeps the contract', (t) => guessStoreContract(t, inMemory(inMemoryGuessStore)))

test('the session store in memory keeps the contract', (t) =>
  sessionStoreContract(
    t,
    inMemory(({ clock }) => inMemorySessionStore(clock)),
  ))

test('the user store in memory keeps the contract', (t) => userStoreContract(t, inMemory(inMemoryUserStore)))

test('the client registration store in memory keeps the contract', (t) =>
  clientRegistrationStoreContract(t, inMemory(inMemoryClientRegistrationStore)))

function inMemory<Store>(make: (conditions: Parameters<MakeStore<Store>>[1]) => Store): MakeStore<Store> {
  return (_t, conditions) => {
    const store = make(conditions)
    return Promise.resolve({ open: () => Promise.resolve({ store, close: () => Promise.resolve() }) })
  }
}
