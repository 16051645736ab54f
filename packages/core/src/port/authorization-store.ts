import type { AccessTokenRecord, TokenDigest } from './access-token-store.ts'
import type { AuthorizationCodeRecord } from './authorization-code-store.ts'
import type { EpochSeconds } from './clock.ts'
import type { RefreshTokenRecord } from './refresh-token-store.ts'

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

/** An authorization as a client gets to know of it: with its code, and with what was used up on the way to it. */
export interface GivenAuthorization {
  readonly id: string
  readonly record: AuthorizationRecord
  readonly code: { readonly digest: TokenDigest; readonly record: AuthorizationCodeRecord }
  /** Entries of the `OneTimeStore` for the purpose of this name. */
  readonly uses: readonly { readonly purpose: OneTimePurpose; readonly digest: TokenDigest }[]
  /** The login session in which the client is told who the person is. */
  readonly session?: string
}

/** What an authorization uses up. */
export type OneTimePurpose = 'interaction' | 'pushed_request'

/** What one answer gives a client out of an authorization. */
export interface IssuedTokens {
  readonly accessToken: IssuedAccessToken
  /** A new one. */
  readonly refreshToken?: { readonly digest: TokenDigest; readonly record: RefreshTokenRecord }
  /** The login session in which the client gets an ID token: it is told when that ends. */
  readonly session?: { readonly sessionId: string; readonly clientId: string }
}

/** Self-contained, so that it can be revoked with its authorization; or opaque. */
export type IssuedAccessToken =
  | { readonly jti: string; readonly expiresAt: EpochSeconds }
  | { readonly digest: TokenDigest; readonly record: AccessTokenRecord }

export interface AuthorizationStore {
  /** Keeps the record durably, until its `expiresAt`. The same id once more puts a new record in the place of the one that lives. */
  grant(id: string, record: AuthorizationRecord): Promise<void>
  /** The record, or `undefined` when unknown, revoked or expired. */
  find(id: string): Promise<AuthorizationRecord | undefined>
  /**
   * Keeps a new authorization with its code, durably and atomically, and uses up what led to it: of concurrent calls, in any number
   * of processes, that name the same entry exactly one answers `given`. The others keep nothing and are told which entry was gone,
   * the first in their order.
   */
  give(
    given: GivenAuthorization,
  ): Promise<{ readonly outcome: 'given' } | { readonly outcome: 'used_up'; readonly purpose: OneTimePurpose }>
  /**
   * Keeps what is issued from it, durably and atomically, so that it ends with it. `ended`: the authorization is unknown, revoked or
   * expired, and nothing is kept.
   */
  issue(id: string, tokens: IssuedTokens): Promise<'issued' | 'ended'>
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
