import type { Clock } from '@holdfast/core'
import type { Sql } from './sql.ts'

/**
 * Removes rows past their expiry, a small slice per transaction, in the background. It only saves room: whether something
 * has expired is judged where it is used.
 *
 * Answers the function that ends it.
 */
export function startExpiredRowRemoval(sql: Sql, clock: Clock): () => void {
  let timer = setTimeout(() => void removeSlices(), intervalMilliseconds)
  timer.unref()
  let ended = false

  async function removeSlices(): Promise<void> {
    let more = false
    try {
      const { expiredRows } = await import('./expired-rows.ts')
      const before = clock.now() - graceSeconds
      for (const removal of expiredRows(slice)) {
        if (ended) return
        if ((await sql.write(`${removal} returning 1 as gone`, before)).length === slice) more = true
      }
    } catch {
      more = false
    }
    if (ended) return
    timer = setTimeout(() => void removeSlices(), more ? pauseMilliseconds : intervalMilliseconds)
    timer.unref()
  }

  return () => {
    ended = true
    clearTimeout(timer)
  }
}

/** About a millisecond of work. */
const slice = 200
const pauseMilliseconds = 50
const intervalMilliseconds = 30_000

/** A clock that jumped ahead and back again must not have forgotten what still matters. */
const graceSeconds = 300
