import type { TokenDigest } from './access-token-store.ts'
import type { IssuedTokens } from './authorization-store.ts'
import type { EpochSeconds } from './clock.ts'

/** What a code stands for (RFC 6749 §4.1.2). Plain JSON. */
export interface AuthorizationCodeRecord {
  readonly clientId: string
  /** The authorization that it was issued from. */
  readonly authorizationId: string
  /** As it stood in the authorization request; absent when the request had none and the client registered one. */
  readonly redirectUri?: string
  /** RFC 7636, method S256. */
  readonly codeChallenge?: string
  readonly nonce?: string
  /** RFC 9449 §10: the thumbprint of the key that must redeem it. */
  readonly dpopKeyThumbprint?: string
  readonly issuedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
}

export interface AuthorizationCodeStore {
  issue(digest: TokenDigest, record: AuthorizationCodeRecord): Promise<void>
  /** What it stands for, without using it up; redeemed ones too, as long as they are remembered. */
  find(digest: TokenDigest): Promise<AuthorizationCodeRecord | undefined>
  /**
   * Uses the code up. Of any number of concurrent calls, in any number of processes, exactly one answers `redeemed`, durably;
   * the others answer `reused` for as long as the authorization lives. What it earned is kept in the same transaction, and only
   * by the one. Expiry is the caller's to judge, before this call.
   */
  redeem(digest: TokenDigest, earned?: IssuedTokens): Promise<'redeemed' | 'reused' | 'unknown'>
}
