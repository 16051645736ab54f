import type { TokenDigest } from './access-token-store.ts'
import type { EpochSeconds } from './clock.ts'

/**
 * Things behind an unguessable handle that are used up once: pushed requests, interactions, challenges. Records are plain JSON.
 * Handles never reach the store in the clear, only their digests.
 */
export interface OneTimeStore<Entry> {
  /** Keeps the record durably, until `expiresAt` at the latest. */
  keep(digest: TokenDigest, entry: Entry, expiresAt: EpochSeconds): Promise<void>
  /** The record, or `undefined` when unknown, taken or expired. */
  find(digest: TokenDigest): Promise<Entry | undefined>
  /** Puts another record in the place of one that is still there; answers whether it was. */
  replace(digest: TokenDigest, entry: Entry): Promise<boolean>
  /** Takes the record away. Of any number of concurrent calls, in any number of processes, exactly one gets it, durably. */
  take(digest: TokenDigest): Promise<Entry | undefined>
}
