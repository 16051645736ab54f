import { test } from 'node:test'
import type {
  AccessTokenStore,
  AuthorizationCodeStore,
  AuthorizationStore,
  BoundCertificates,
  ClientRegistrationStore,
  DecoupledAuthorizationStore,
  GuessStore,
  OneTimeStore,
  Outbox,
  RefreshTokenStore,
  ReplayStore,
  RevokedTokenStore,
  SessionStore,
  SigningKeyStore,
  UserStore,
} from '@holdfast/core'
import { accessTokenStoreContract } from './access-token-store-contract.ts'
import { authorizationCodeStoreContract } from './authorization-code-store-contract.ts'
import { authorizationStoreContract } from './authorization-store-contract.ts'
import type { AuthorizationStoresUnderTest } from './authorization-stores-under-test.ts'
import { boundCertificatesContract } from './bound-certificates-contract.ts'
import { clientRegistrationStoreContract } from './client-registration-store-contract.ts'
import { decoupledAuthorizationStoreContract } from './decoupled-authorization-store-contract.ts'
import { guessStoreContract } from './guess-store-contract.ts'
import { oneTimeStoreContract } from './one-time-store-contract.ts'
import { outboxContract } from './outbox-contract.ts'
import { refreshTokenStoreContract } from './refresh-token-store-contract.ts'
import { replayStoreContract } from './replay-store-contract.ts'
import { revokedTokenStoreContract } from './revoked-token-store-contract.ts'
import { sessionStoreContract } from './session-store-contract.ts'
import { signingKeyStoreContract } from './signing-key-store-contract.ts'
import type { MakeStore } from './store-under-test.ts'
import { userStoreContract } from './user-store-contract.ts'

/** Every port on one database. */
export interface WholeStore {
  readonly accessTokens: AccessTokenStore
  readonly revokedTokens: RevokedTokenStore
  readonly boundCertificates: BoundCertificates
  readonly replay: ReplayStore
  readonly signingKeys: SigningKeyStore
  people(): Promise<WholePeopleStores>
}

export interface WholePeopleStores {
  readonly authorizations: AuthorizationStore
  readonly authorizationCodes: AuthorizationCodeStore
  readonly refreshTokens: RefreshTokenStore
  readonly decoupled: DecoupledAuthorizationStore
  readonly sessions: SessionStore
  readonly clients: ClientRegistrationStore
  readonly guesses: GuessStore
  oneTime<Entry>(purpose: string): OneTimeStore<Entry>
  outbox<Message>(purpose: string): Outbox<Message>
  users<User>(): UserStore<User>
}

/** Makes the part of an empty store that a suite is about. */
export type MakePart = <Part>(choose: (store: WholeStore) => Part | Promise<Part>) => MakeStore<Part>

/** Declares a test for each port that the store on `database` must pass. */
export function storeContracts(database: string, part: MakePart): void {
  const authorizationStores = part(
    async ({ accessTokens, revokedTokens, people }): Promise<AuthorizationStoresUnderTest> => {
      const { authorizations, authorizationCodes, refreshTokens, sessions, ...more } = await people()
      const oneTime = { interaction: more.oneTime('interaction'), pushed_request: more.oneTime('pushed_request') }
      return { authorizations, authorizationCodes, refreshTokens, accessTokens, revokedTokens, sessions, oneTime }
    },
  )
  const keeps = `on ${database} keeps the contract`
  test(`the access token store ${keeps}`, (t) =>
    accessTokenStoreContract(
      t,
      part(({ accessTokens }) => accessTokens),
    ))
  test(`the revoked token store ${keeps}`, (t) =>
    revokedTokenStoreContract(
      t,
      part(({ revokedTokens }) => revokedTokens),
    ))
  test(`the replay store ${keeps}`, (t) =>
    replayStoreContract(
      t,
      part(({ replay }) => replay),
    ))
  test(`the signing key store ${keeps}`, (t) =>
    signingKeyStoreContract(
      t,
      part(({ signingKeys }) => signingKeys),
    ))
  test(`the store of bound certificates ${keeps}`, (t) =>
    boundCertificatesContract(
      t,
      part(({ boundCertificates }) => boundCertificates),
    ))
  test(`the authorization store ${keeps}`, (t) => authorizationStoreContract(t, authorizationStores))
  test(`the authorization code store ${keeps}`, (t) => authorizationCodeStoreContract(t, authorizationStores))
  test(`the refresh token store ${keeps}`, (t) => refreshTokenStoreContract(t, authorizationStores))
  test(`the store of decoupled authorizations ${keeps}`, (t) =>
    decoupledAuthorizationStoreContract(
      t,
      part(async ({ people }) => (await people()).decoupled),
    ))
  test(`the one-time store ${keeps}`, (t) =>
    oneTimeStoreContract(
      t,
      part(async ({ people }) => {
        const { oneTime } = await people()
        return { pushed: oneTime('pushed'), interactions: oneTime('interaction') }
      }),
    ))
  test(`the store of guesses ${keeps}`, (t) =>
    guessStoreContract(
      t,
      part(async ({ people }) => (await people()).guesses),
    ))
  test(`the outbox ${keeps}`, (t) =>
    outboxContract(
      t,
      part(async ({ people }) => {
        const { outbox } = await people()
        return { logouts: outbox('logout'), pings: outbox('ping') }
      }),
    ))
  test(`the session store ${keeps}`, (t) =>
    sessionStoreContract(
      t,
      part(async ({ people }) => (await people()).sessions),
    ))
  test(`the user store ${keeps}`, (t) =>
    userStoreContract(
      t,
      part(async ({ people }) => (await people()).users()),
    ))
  test(`the client registration store ${keeps}`, (t) =>
    clientRegistrationStoreContract(
      t,
      part(async ({ people }) => (await people()).clients),
    ))
}
