import type { TokenDigest } from './access-token-store.ts'
import type { AuthenticationEvent } from './authorization-store.ts'
import type { EpochSeconds } from './clock.ts'

/** A person's login session in one browser. Plain JSON. The cookie's value never reaches the store, only its digest. */
export interface SessionRecord {
  /** `sid` of OpenID Connect logout: stands in tokens, is no secret and opens nothing. */
  readonly sessionId: string
  readonly subject: string
  readonly authentication: AuthenticationEvent
  /** The clients that got an ID token in it: told at logout. */
  readonly clients: readonly string[]
  readonly createdAt: EpochSeconds
  readonly expiresAt: EpochSeconds
}

export interface SessionStore {
  begin(digest: TokenDigest, record: SessionRecord): Promise<void>
  /** `undefined` when unknown, ended or expired. */
  find(digest: TokenDigest): Promise<SessionRecord | undefined>
  /** Puts a new state in its place, when it is still there; clients that joined before stay. */
  replace(digest: TokenDigest, record: SessionRecord): Promise<boolean>
  /** Adds the client to those that are told at logout. */
  joined(sessionId: string, clientId: string): Promise<void>
  /** Ends it. Of concurrent calls exactly one gets the record. */
  end(digest: TokenDigest): Promise<SessionRecord | undefined>
  /** Ends the session of this person that has this `sid`; `undefined` when it is not there, or somebody else's. */
  endOne(subject: string, sessionId: string): Promise<SessionRecord | undefined>
  /** The live ones, the newest first: at most `limit`. */
  ofSubject(subject: string, limit: number): Promise<readonly SessionRecord[]>
  /** Ends every session of the person. */
  endAll(subject: string): Promise<readonly SessionRecord[]>
}
