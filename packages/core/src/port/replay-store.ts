import type { EpochSeconds } from './clock.ts'

export interface ReplayStore {
  /**
   * Takes a one-time identifier. Of any number of concurrent calls with the same `scope` and `id`, in any number of
   * processes, exactly one answers `first`. Remembered durably at least until `expiresAt`. A full store answers `full`:
   * the caller refuses, nothing is forgotten early.
   */
  take(scope: string, id: string, expiresAt: EpochSeconds): Promise<'first' | 'replayed' | 'full'>
}
