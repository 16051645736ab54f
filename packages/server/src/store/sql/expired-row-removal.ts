import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '@holdfast/core'
import type { GroupCommit } from './group-commit.ts'

/**
 * Removes rows past their expiry, a small slice per transaction, in the background. It only saves room: whether something
 * has expired is judged where it is used.
 *
 * Answers the function that ends it.
 */
export function startExpiredRowRemoval(database: DatabaseSync, group: GroupCommit, clock: Clock): () => void {
  const removals = [
    database.prepare(
      `delete from access_token where digest in (select digest from access_token where expires_at < ? limit ${slice})`,
    ),
    database.prepare(
      `delete from revoked_token where jti in (select jti from revoked_token where expires_at < ? limit ${slice})`,
    ),
    database.prepare(
      `delete from replay where (scope, id) in (select scope, id from replay where expires_at < ? limit ${slice})`,
    ),
    database.prepare(
      `delete from bound_certificate
        where thumbprint in (select thumbprint from bound_certificate where expires_at < ? limit ${slice})`,
    ),
    database.prepare('delete from signing_key where published_until < ?'),
  ]
  let timer = setTimeout(() => void removeSlice(), intervalMilliseconds)
  timer.unref()
  let ended = false

  async function removeSlice(): Promise<void> {
    let more = false
    try {
      const before = clock.now() - graceSeconds
      more = await group.write(() => removals.map((removal) => Number(removal.run(before).changes)).includes(slice))
    } catch {
      more = false
    }
    if (ended) return
    timer = setTimeout(() => void removeSlice(), more ? pauseMilliseconds : intervalMilliseconds)
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
