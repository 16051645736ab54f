import type { AnchorSet } from './anchor-set.ts'
import type { ValidatedPath } from './validate-path.ts'

/** Paths found good before, by the SHA-256 thumbprint of the leaf; dates and generation are checked at every use. */
export interface PathResultCache {
  /** `thumbprint` is `x5t#S256` of the leaf as presented now; `now` is in epoch seconds. */
  find(thumbprint: string, anchors: AnchorSet, now: number): ValidatedPath | undefined
  /** `until`, epoch seconds, ends the entry before the certificates do: the earliest nextUpdate of CRLs and OCSP responses. */
  keep(thumbprint: string, path: ValidatedPath, until?: number): void
  /** Revocation data or registrations have changed. */
  clear(): void
}

/** A cache of at most `capacity` leaves, the least recently used going first. */
export function createPathResultCache(capacity: number = DEFAULT_CAPACITY): PathResultCache {
  const entries = new Map<string, { readonly path: ValidatedPath; readonly until: number }>()
  return {
    find(thumbprint, anchors, now) {
      const entry = entries.get(keyOf(thumbprint, anchors.name))
      if (entry === undefined) return undefined
      const { path, until } = entry
      entries.delete(keyOf(thumbprint, anchors.name))
      if (path.generation !== anchors.generation || now > until) return undefined
      entries.set(keyOf(thumbprint, anchors.name), entry)
      return now < path.validFrom ? undefined : path
    },
    keep(thumbprint, path, until = path.validUntil) {
      const key = keyOf(thumbprint, path.anchorSet)
      entries.delete(key)
      entries.set(key, { path, until: Math.min(until, path.validUntil) })
      if (entries.size > capacity) entries.delete(entries.keys().next().value!)
    },
    clear: () => entries.clear(),
  }
}

/** A thumbprint has a fixed length, so the two parts cannot run into each other. */
function keyOf(thumbprint: string, anchorSet: string): string {
  return `${thumbprint}${anchorSet}`
}

/** About a kilobyte each. */
const DEFAULT_CAPACITY = 10_000
