import type { GuessBucket, GuessStore } from '@holdfast/core'
import type { Sql, SqlRow, SqlStep } from './sql.ts'

/**
 * {@link GuessStore} on the table `guess`: of each bucket the time when it will be empty. A guess that finds no room writes nothing;
 * one that is taken removes some rows that are over, so that there are never many more than live ones.
 */
export function sqlGuessStore(sql: Sql): GuessStore {
  return {
    take: async (buckets, now) => {
      const inOrder = buckets.toSorted((one, other) => (one.name < other.name ? -1 : 1))
      const names = inOrder.map(({ name }) => name)
      const wait = longestWait(inOrder, await sql.read(selectOf(names.length), ...names), now)
      if (wait > 0) return wait
      return sql.transact(function* (): Generator<SqlStep, number, readonly SqlRow[]> {
        // The rows are there and ours from here on; names in their order, so that nobody waits in a ring.
        const rows = yield [claimOf(names.length), ...names]
        const still = longestWait(inOrder, rows, now)
        if (still > 0) return still
        const until = new Map(rows.map((row) => [row['name'], Number(row['until'])]))
        for (const { name, seconds } of inOrder) yield [update, name, Math.max(until.get(name) ?? 0, now) + seconds]
        yield [removeOver(sql), now]
        return 0
      })
    },
    giveBack: async (buckets) => {
      const inOrder = buckets.toSorted((one, other) => (one.name < other.name ? -1 : 1))
      await sql.transact(function* (): Generator<SqlStep, void, readonly SqlRow[]> {
        for (const { name, seconds } of inOrder) yield [lower, name, seconds]
      })
    },
  }
}

/** Seconds until every bucket has room for one more. */
function longestWait(buckets: readonly GuessBucket[], rows: readonly SqlRow[], now: number): number {
  const until = new Map(rows.map((row) => [row['name'], Number(row['until'])]))
  const waits = buckets.map(
    ({ name, burst, seconds }) => Math.max(until.get(name) ?? 0, now) - now + seconds - burst * seconds,
  )
  return Math.max(0, ...waits)
}

function selectOf(count: number): string {
  return `select name, until from guess where name in (${places(count).join(', ')})`
}

function claimOf(count: number): string {
  const rows = places(count).map((place) => `(${place}, 0)`)
  return `insert into guess (name, until) values ${rows.join(', ')}
    on conflict (name) do update set until = guess.until returning name, until`
}

function places(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `$${at + 1}`)
}

const update = 'update guess set until = $2 where name = $1'
const lower = 'update guess set until = until - $2 where name = $1'

/** More than one guess can add; what another process works on is left to it. */
function removeOver({ forUpdate }: Sql): string {
  const skip = forUpdate === '' ? '' : `${forUpdate} skip locked`
  return `delete from guess where name in (select name from guess where until < $1 order by until limit 8${skip})`
}
