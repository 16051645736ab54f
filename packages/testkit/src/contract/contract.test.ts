import { test } from 'node:test'
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

test('the access token store in memory keeps the contract', (t) =>
  accessTokenStoreContract(t, inMemory(inMemoryAccessTokenStore)))

test('the revoked token store in memory keeps the contract', (t) =>
  revokedTokenStoreContract(t, inMemory(inMemoryRevokedTokenStore)))

test('the replay store in memory keeps the contract', (t) =>
  replayStoreContract(
    t,
    inMemory(({ clock, capacity }) => inMemoryReplayStore(clock, capacity)),
  ))

test('the signing key store in memory keeps the contract', (t) =>
  signingKeyStoreContract(t, inMemory(inMemorySigningKeyStore)))

function inMemory<Store>(make: (conditions: Parameters<MakeStore<Store>>[1]) => Store): MakeStore<Store> {
  return (_t, conditions) => {
    const store = make(conditions)
    return Promise.resolve({ open: () => Promise.resolve({ store, close: () => Promise.resolve() }) })
  }
}
