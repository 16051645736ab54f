import type { TokenDigest } from './access-token-store.ts'
import type { IssuedTokens } from './authorization-store.ts'
import type { EpochSeconds } from './clock.ts'
import type { Confirmation } from '../token/confirmation.ts'

/** What a refresh token stands for (RFC 6749 §6). Plain JSON. */
export interface RefreshTokenRecord {
  readonly clientId: string
  readonly authorizationId: string
  /** What may be asked for at most: a refreshed token never gets more (RFC 6749 §6). */
  readonly scope: readonly string[]
  /** For public clients: the certificate or key that must present it (RFC 8705 §4, RFC 9449 §5). */
  readonly confirmation?: Confirmation
  /** The access token that it came with was bound, to whatever it was: so are those that it earns. */
  readonly accessTokens?: 'bound'
  readonly issuedAt: EpochSeconds
  /** Of this token; never later than the authorization's. */
  readonly expiresAt: EpochSeconds
}

/** What became of a refresh token that was to be replaced. */
export type RotationOutcome =
  /** The successor is kept, the predecessor is used up. */
  | 'rotated'
  /** It was rotated already, less than the grace ago: the answer was lost. The successor is kept beside the first one. */
  | 'repeated'
  /** It was rotated longer ago: someone has a copy. Nothing is kept; the caller revokes the authorization. */
  | 'reused'
  | 'unknown'

export interface RefreshTokenStore {
  issue(digest: TokenDigest, record: RefreshTokenRecord): Promise<void>
  /** The record, rotated ones too as long as their authorization lives; `undefined` when unknown, revoked or expired. */
  find(digest: TokenDigest): Promise<RefreshTokenRecord | undefined>
  /**
   * Replaces a token by its successor, durably and atomically, in any number of processes: of concurrent calls exactly one answers
   * `rotated`. `grace` in seconds; 0: no second answer is ever given. What is issued beside the successor is kept with it, in the
   * same transaction.
   */
  rotate(
    digest: TokenDigest,
    successorDigest: TokenDigest,
    successor: RefreshTokenRecord,
    now: EpochSeconds,
    grace: number,
    beside?: Omit<IssuedTokens, 'refreshToken'>,
  ): Promise<RotationOutcome>
  /** Makes the token unknown, durably. Only a token of this client. */
  revoke(digest: TokenDigest, clientId: string): Promise<'revoked' | 'unknown'>
}
