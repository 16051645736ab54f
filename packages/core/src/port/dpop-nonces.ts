import type { EpochSeconds } from './clock.ts'

/** Nonces by which a DPoP proof shows that it is fresh (RFC 9449 §8). The same on every node; nothing is kept. */
export interface DpopNonces {
  /** The one to be used now. */
  current(now: EpochSeconds): string
  /** Whether it was given out not long ago. */
  accepts(nonce: string, now: EpochSeconds): boolean
}
