import type { EpochSeconds } from './clock.ts'

/**
 * What a person allowed a client. Everything that is issued from it ends with it. Plain JSON.
 *
 * `subject` is the person's identifier in this server, never the pairwise one that a client sees.
 */
export interface AuthorizationRecord {
  readonly clientId: string
  readonly subject: string
  /** The login session it was given in (`sid` of OpenID Connect logout); absent where there was none. */
  readonly sessionId?: string
  readonly scope: readonly string[]
  readonly audience: readonly string[]
  /** RFC 9396, as granted. */
  readonly authorizationDetails?: readonly AuthorizationDetail[]
  /** The `claims` parameter of OpenID Connect Core §5.5, as asked. */
  readonly claims?: ClaimsRequest
  readonly authentication: AuthenticationEvent
  readonly createdAt: EpochSeconds
  /** When the last token that is issued from it must have ended. */
  readonly expiresAt: EpochSeconds
}

/** One object of `authorization_details` (RFC 9396 §2). */
export interface AuthorizationDetail {
  readonly type: string
  readonly [member: string]: unknown
}

/** OpenID Connect Core §5.5. */
export interface ClaimsRequest {
  readonly id_token?: Readonly<Record<string, IndividualClaim | null>>
  readonly userinfo?: Readonly<Record<string, IndividualClaim | null>>
}

export interface IndividualClaim {
  readonly essential?: boolean
  readonly value?: unknown
  readonly values?: readonly unknown[]
}

/** How and when a person logged in (OpenID Connect Core §2: `auth_time`, `amr`, `acr`). */
export interface AuthenticationEvent {
  readonly time: EpochSeconds
  /** RFC 8176: `pwd`, `otp`, `hwk`, `swk`, `sc`, `mfa`, … */
  readonly amr: readonly string[]
  readonly acr?: string
  /** Further contexts whose demands this login meets. */
  readonly meets?: readonly string[]
}

export interface AuthorizationStore {
  /** Keeps the record durably, until its `expiresAt`. The same id once more puts a new record in the place of the one that lives. */
  grant(id: string, record: AuthorizationRecord): Promise<void>
  /** The record, or `undefined` when unknown, revoked or expired. */
  find(id: string): Promise<AuthorizationRecord | undefined>
  /**
   * Remembers that a self-contained token was issued from it, so that it can be revoked with it; when it was revoked meanwhile,
   * revokes the token.
   */
  issued(id: string, jti: string, expiresAt: EpochSeconds): Promise<void>
  /**
   * Ends the authorization and, in the same transaction, everything issued from it: codes, refresh tokens and opaque tokens
   * become unknown, the `jti`s of self-contained tokens revoked. What is issued from it afterwards is unknown too. Idempotent.
   */
  revoke(id: string): Promise<void>
  /** What this person allowed, one client only where `clientId` says so, the newest first: at most `limit`. */
  ofSubject(
    subject: string,
    limit: number,
    clientId?: string,
  ): Promise<readonly { readonly id: string; readonly record: AuthorizationRecord }[]>
  /** Ends all of this client's. Answers how many. */
  revokeClient(clientId: string): Promise<number>
  /** Ends all that were given in this login session. Answers how many. */
  revokeSession(sessionId: string): Promise<number>
}
