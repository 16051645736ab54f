import type { DatabaseSync } from 'node:sqlite'
import type { Clock, ReplayStore } from '@holdfast/core'
import type { GroupCommit } from './group-commit.ts'

/**
 * {@link ReplayStore} on the table `replay`. The primary key chooses the winner, across processes too. An entry past its
 * expiry counts as absent, whether or not it was removed already.
 */
export function sqliteReplayStore(
  database: DatabaseSync,
  group: GroupCommit,
  clock: Clock,
  maximumEntries: number,
): ReplayStore {
  const size = database.prepare('select entries from replay_size')
  const removeExpired = database.prepare(
    `delete from replay where (scope, id) in (select scope, id from replay where expires_at < ? limit ${slice})`,
  )
  const insert = database.prepare(
    `insert into replay (scope, id, expires_at) values (?, ?, ?)
     on conflict (scope, id) do update set expires_at = excluded.expires_at where replay.expires_at < ?`,
  )
  const live = database.prepare('select 1 from replay where scope = ? and id = ? and expires_at >= ?')
  const entries = (): number => Number(size.get()?.['entries'] ?? 0)
  return {
    take: (scope, id, expiresAt) =>
      group.write(() => {
        const now = clock.now()
        if (entries() >= maximumEntries) {
          removeExpired.run(now)
          if (entries() >= maximumEntries) return live.get(scope, id, now) === undefined ? 'full' : 'replayed'
        }
        return Number(insert.run(scope, id, expiresAt, now).changes) === 1 ? 'first' : 'replayed'
      }),
  }
}

/** Room for many more than the one that asks, in well under a millisecond. */
const slice = 100
