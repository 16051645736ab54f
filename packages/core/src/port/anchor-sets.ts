import type { AnchorSet } from '@holdfast/x509'

export interface AnchorSets {
  /** The trust profile of this name as loaded now; `undefined` when there is none. */
  find(name: string): AnchorSet | undefined
}
