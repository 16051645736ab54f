import type { ReplayStore } from '@holdfast/core'
import { type Breakable, breakable } from './breakable.ts'

/** Remembers one-time identifiers in memory until they expire by `clock`; `capacity` at a time (default: any number). */
export function inMemoryReplayStore(
  clock: { now(): number },
  capacity: number = Number.POSITIVE_INFINITY,
): ReplayStore & Breakable {
  const taken = new Map<string, number>()
  return breakable<ReplayStore>({
    take(scope, id, expiresAt) {
      for (const [key, until] of taken) if (until < clock.now()) taken.delete(key)
      const key = JSON.stringify([scope, id])
      if (taken.has(key)) return Promise.resolve('replayed')
      if (taken.size >= capacity) return Promise.resolve('full')
      taken.set(key, expiresAt)
      return Promise.resolve('first')
    },
  })
}
