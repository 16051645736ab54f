import type { EpochSeconds } from './clock.ts'

/**
 * How many guesses were made lately, for all processes together. A bucket holds `burst` guesses and loses one in `seconds`; that
 * none of them is a name in the clear is the caller's affair.
 */
export interface GuessStore {
  /**
   * Takes one guess from every bucket, or from none when one of them is full. Answers 0 when it was taken, else the seconds until
   * it could be. Of any number of concurrent calls, in any number of processes, no more are taken than there is room for.
   */
  take(buckets: readonly GuessBucket[], now: EpochSeconds): Promise<number>
  /** Undoes one {@link take}. */
  giveBack(buckets: readonly GuessBucket[]): Promise<void>
}

export interface GuessBucket {
  readonly name: string
  /** So many guesses at once, */
  readonly burst: number
  /** then one in so many seconds. Whole. */
  readonly seconds: number
}
