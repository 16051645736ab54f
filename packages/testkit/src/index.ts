export {
  createSelfSignedCertificate,
  createTestAuthority,
  type TestAuthority,
  type TestAuthorityOptions,
  type TestSubordinateAuthority,
} from './authority/create-test-authority.ts'
export { certificatePem, type TestCertificate, type TestCertificateOptions } from './authority/test-certificate.ts'
export { createKeyPool, spkiOf, type KeyKind, type KeyPool } from './authority/key-pool.ts'
export type { SubjectAltNames } from './authority/subject-alt-names.ts'
export { fixedClock, type FixedClock } from './fixed-clock.ts'
export { type PostgresOptions, startPostgres, type TestPostgres } from './postgres/start-postgres.ts'
export { temporaryDirectory } from './temporary-directory.ts'
export type { Breakable } from './store/breakable.ts'
export { inMemoryAccessTokenStore } from './store/in-memory-access-token-store.ts'
export {
  inMemoryAuthorizationStores,
  type InMemoryAuthorizationStores,
} from './store/in-memory-authorization-stores.ts'
export { inMemoryClientRegistrationStore } from './store/in-memory-client-registration-store.ts'
export { inMemoryDecoupledAuthorizationStore } from './store/in-memory-decoupled-authorization-store.ts'
export { inMemoryGuessStore } from './store/in-memory-guess-store.ts'
export { inMemoryOneTimeStore } from './store/in-memory-one-time-store.ts'
export { inMemoryReplayStore } from './store/in-memory-replay-store.ts'
export { inMemoryRevokedTokenStore } from './store/in-memory-revoked-token-store.ts'
export { inMemorySessionStore } from './store/in-memory-session-store.ts'
export { inMemorySigningKeyStore } from './store/in-memory-signing-key-store.ts'
export { inMemoryUserStore } from './store/in-memory-user-store.ts'
export type { MakeStore, OpenStore, StoreConditions, StoreUnderTest } from './contract/store-under-test.ts'
export { accessTokenStoreContract } from './contract/access-token-store-contract.ts'
export { authorizationCodeStoreContract } from './contract/authorization-code-store-contract.ts'
export { authorizationStoreContract } from './contract/authorization-store-contract.ts'
export type { AuthorizationStoresUnderTest } from './contract/authorization-stores-under-test.ts'
export { boundCertificatesContract } from './contract/bound-certificates-contract.ts'
export { clientRegistrationStoreContract } from './contract/client-registration-store-contract.ts'
export { decoupledAuthorizationStoreContract } from './contract/decoupled-authorization-store-contract.ts'
export { guessStoreContract } from './contract/guess-store-contract.ts'
export { oneTimeStoreContract, type OneTimeStoresUnderTest } from './contract/one-time-store-contract.ts'
export { outboxContract, type OutboxesUnderTest } from './contract/outbox-contract.ts'
export { refreshTokenStoreContract } from './contract/refresh-token-store-contract.ts'
export { replayStoreContract } from './contract/replay-store-contract.ts'
export { revokedTokenStoreContract } from './contract/revoked-token-store-contract.ts'
export { sessionStoreContract } from './contract/session-store-contract.ts'
export { signingKeyStoreContract } from './contract/signing-key-store-contract.ts'
export { userStoreContract } from './contract/user-store-contract.ts'
export { type MakePart, storeContracts, type WholePeopleStores, type WholeStore } from './contract/store-contracts.ts'
export { listenOnLoopback } from './listen-on-loopback.ts'
