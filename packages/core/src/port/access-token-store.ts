import type { Confirmation } from '../token/confirmation.ts'
import type { ActorClaim } from '../grant/delegation.ts'
import type { AuthorizationDetail } from './authorization-store.ts'
import type { EpochSeconds } from './clock.ts'

/** SHA-256 of an opaque token or identifier, base64url. Tokens never reach a store in the clear. */
export type TokenDigest = string

/** What an opaque access token stands for. Plain JSON: a store keeps it as it is. */
export interface AccessTokenRecord {
  readonly clientId: string
  readonly subject: string
  readonly scope: readonly string[]
  readonly audience: readonly string[]
  readonly issuedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
  /** `cnf` of RFC 7800: the certificate or key that the token is bound to, absent for a bearer token. */
  readonly confirmation?: Confirmation
  /** The authorization it was issued from, and with which it ends; absent where no person gave one. */
  readonly authorizationId?: string
  /** RFC 9396, as granted. */
  readonly authorizationDetails?: readonly AuthorizationDetail[]
  /** RFC 8693 §4.1: who acts for the subject. */
  readonly actor?: ActorClaim
}

export interface AccessTokenStore {
  /** Keeps the record durably: once the promise is fulfilled, the record survives the death of process and machine. */
  issue(digest: TokenDigest, record: AccessTokenRecord): Promise<void>
  /** The record, or `undefined` when unknown or revoked, itself or with its authorization. Expiry is the caller's to judge. */
  find(digest: TokenDigest): Promise<AccessTokenRecord | undefined>
  /** Makes the token unknown, durably. Only a token of this client. Idempotent. */
  revoke(digest: TokenDigest, clientId: string): Promise<'revoked' | 'unknown'>
}

/** Self-contained tokens that were revoked before their time. */
export interface RevokedTokenStore {
  /** Remembers the `jti` durably, at least until `expiresAt`. Idempotent. */
  revoke(jti: string, expiresAt: EpochSeconds): Promise<void>
  isRevoked(jti: string): Promise<boolean>
}
