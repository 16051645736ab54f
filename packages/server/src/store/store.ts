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
  SigningKeyRecord,
  SigningKeyStore,
  UserStore,
} from '@holdfast/core'

/** All ports on one database. Any number of processes may open the same one. */
export interface Store {
  readonly accessTokens: AccessTokenStore
  readonly revokedTokens: RevokedTokenStore
  readonly boundCertificates: BoundCertificates
  readonly replay: ReplayStore
  readonly signingKeys: ResealableSigningKeyStore
  /** The stores behind people's authorizations: loaded when first asked for, since a server of machines needs none of them. */
  people(): Promise<PeopleStores>
  /** Whether a write can be committed now. */
  isWritable(): Promise<boolean>
  /** Commits what waits and lets go of the database. */
  close(): Promise<void>
}

export interface PeopleStores {
  readonly authorizations: AuthorizationStore
  readonly authorizationCodes: AuthorizationCodeStore
  readonly refreshTokens: RefreshTokenStore
  readonly decoupled: DecoupledAuthorizationStore
  readonly sessions: SessionStore
  readonly clients: ClientRegistrationStore
  readonly guesses: GuessStore
  /** What is kept for one purpose is nothing to another. Entries are plain JSON. */
  oneTime<Entry>(purpose: string): OneTimeStore<Entry>
  /** What is kept for one purpose is nothing to another. Messages are plain JSON. */
  outbox<Message>(purpose: string): Outbox<Message>
  /** People are plain JSON. */
  users<User>(): UserStore<User>
}

/** {@link SigningKeyStore} that can also seal its keys anew, under another master key. */
export interface ResealableSigningKeyStore extends SigningKeyStore {
  /** Replaces the sealed private part of each key by what `reseal` makes of it; `undefined` leaves it. One transaction. */
  reseal(reseal: (record: SigningKeyRecord) => Uint8Array | undefined): Promise<number>
}
