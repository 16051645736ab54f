import type { TrustProfile } from '../client-certificate/trust-profile.ts'

export interface AnchorSets {
  /** The trust profile of this name as loaded now; `undefined` when there is none. */
  find(name: string): TrustProfile | undefined
}
