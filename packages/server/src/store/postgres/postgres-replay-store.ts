import type { Clock, ReplayStore } from '@holdfast/core'
import type { PostgresPool } from './postgres-pool.ts'
import { toPostgresText } from './postgres-text.ts'
import { createWriteBatches } from './write-batches.ts'

/**
 * {@link ReplayStore} on the table `replay`. The primary key chooses the winner, across processes too. An entry past its
 * expiry counts as absent, whether or not it was removed already.
 *
 * Processes that write at the same moment may pass `maximumEntries` by what they write in that moment.
 */
export function postgresReplayStore(pool: PostgresPool, clock: Clock, maximumEntries: number): ReplayStore {
  async function insertAll(takings: readonly Taking[], now: number): Promise<ReadonlySet<string>> {
    const rows = takings.map(({ scope, id, expiresAt }) => [toPostgresText(scope), toPostgresText(id), expiresAt])
    const kept = await pool.query(insert, [{ text: JSON.stringify(rows) }, now, maximumEntries])
    return new Set(kept.map((row) => keyOf(String(row['scope']), String(row['id']))))
  }

  /** What the insert did not keep is there already, or there was no room. */
  async function takeAgain(taking: Taking, now: number): Promise<Taken> {
    for (let attempt = 0; attempt < 3; attempt++) {
      if ((await pool.query(selectLive, [taking.scope, taking.id, now])).length > 0) return 'replayed'
      const [size] = await pool.query(selectSize, [])
      const full = Number(size?.['entries'] ?? 0) >= maximumEntries
      if (full && (await pool.query(removeExpired, [now])).length === 0) return 'full'
      if ((await insertAll([taking], now)).size > 0) return 'first'
    }
    return 'full'
  }

  const take = createWriteBatches<Taking, Taken>(async (takings) => {
    const now = clock.now()
    const ahead = new Map<string, Taking>()
    for (const taking of takings) if (!ahead.has(taking.key)) ahead.set(taking.key, taking)
    const kept = await insertAll([...ahead.values()], now)
    const answers: Taken[] = []
    for (const taking of takings) {
      if (ahead.get(taking.key) !== taking) answers.push('replayed')
      else answers.push(kept.has(taking.key) ? 'first' : await takeAgain(taking, now))
    }
    return answers
  })
  return { take: (scope, id, expiresAt) => take({ scope, id, expiresAt, key: keyOf(scope, id) }) }
}

interface Taking {
  readonly scope: string
  readonly id: string
  readonly expiresAt: number
  readonly key: string
}

type Taken = Awaited<ReturnType<ReplayStore['take']>>

function keyOf(scope: string, id: string): string {
  return JSON.stringify([scope, id])
}

/** In the order of the key, so that two processes never wait for each other in a ring. */
const insert = `
  with given as (
    select row ->> 0 as scope, row ->> 1 as id, cast(row ->> 2 as bigint) as expires_at
      from json_array_elements($1::json) row order by (row ->> 0) collate "C", (row ->> 1) collate "C"
     limit greatest(0, $3 - (select sum(entries) from replay_size))
  )
  insert into replay (scope, id, expires_at) select scope, id, expires_at from given
  on conflict (scope, id) do update set expires_at = excluded.expires_at where replay.expires_at < $2
  returning scope, id`
const selectLive = 'select 1 as live from replay where scope = $1 and id = $2 and expires_at >= $3'
const selectSize = 'select sum(entries) as entries from replay_size'
/** Room for many more than the one that asks; what another process removes at this moment is left to it. */
const removeExpired = `
  delete from replay where (scope, id) in (select scope, id from replay where expires_at < $1 limit 100 for update skip locked) returning 1 as gone`
