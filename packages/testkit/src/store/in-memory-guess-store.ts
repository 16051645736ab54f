import type { GuessStore } from '@holdfast/core'
import { type Breakable, breakable } from './breakable.ts'

/** Counts guesses in memory. */
export function inMemoryGuessStore(): GuessStore & Breakable {
  const untils = new Map<string, number>()
  return breakable<GuessStore>({
    take(buckets, now) {
      const after = buckets.map(({ name, seconds }) => Math.max(untils.get(name) ?? 0, now) + seconds)
      const wait = Math.max(0, ...buckets.map(({ burst, seconds }, at) => (after[at] ?? 0) - now - burst * seconds))
      if (wait === 0) for (const [at, { name }] of buckets.entries()) untils.set(name, after[at] ?? 0)
      return Promise.resolve(wait)
    },
    giveBack(buckets) {
      for (const { name, seconds } of buckets) untils.set(name, (untils.get(name) ?? 0) - seconds)
      return Promise.resolve()
    },
  })
}
