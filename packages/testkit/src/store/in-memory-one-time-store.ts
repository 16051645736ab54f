import type { OneTimeStore } from '@holdfast/core'
import { type Breakable, breakable } from './breakable.ts'

/** Keeps things that are used up once in memory. */
export function inMemoryOneTimeStore<Entry>(clock: { now(): number }): OneTimeStore<Entry> & Breakable {
  const entries = new Map<string, { readonly entry: Entry; readonly expiresAt: number }>()
  const live = (digest: string): { readonly entry: Entry; readonly expiresAt: number } | undefined => {
    const kept = entries.get(digest)
    return kept !== undefined && kept.expiresAt > clock.now() ? kept : undefined
  }
  return breakable<OneTimeStore<Entry>>({
    keep(digest, entry, expiresAt) {
      entries.set(digest, { entry: structuredClone(entry), expiresAt })
      return Promise.resolve()
    },
    find: (digest) => Promise.resolve(structuredClone(live(digest)?.entry)),
    replace(digest, entry) {
      const kept = live(digest)
      if (kept === undefined) return Promise.resolve(false)
      entries.set(digest, { entry: structuredClone(entry), expiresAt: kept.expiresAt })
      return Promise.resolve(true)
    },
    take(digest) {
      const kept = live(digest)
      entries.delete(digest)
      return Promise.resolve(kept?.entry)
    },
  })
}
