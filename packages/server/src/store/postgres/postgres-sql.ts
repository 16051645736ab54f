import pg from 'pg'
import { SqlConflict } from '../sql/sql.ts'
import type { Sql, SqlSteps, SqlTogether } from '../sql/sql.ts'
import { failureOf } from './postgres-pool.ts'
import type { PostgresPool } from './postgres-pool.ts'

/** {@link Sql} on PostgreSQL. A statement alone is a transaction of its own; rows decide who wins, not the isolation level. */
export function postgresSql(pool: PostgresPool): Sql {
  const attempt = <Value>(steps: SqlSteps<Value>): Promise<Value> =>
    pool.onOneConnection(async (query, execute) => {
      await execute('begin')
      try {
        const transaction = steps()
        let next = transaction.next([])
        while (next.done !== true) {
          const [text, ...values] = next.value
          next = transaction.next(await query(text, values))
        }
        await execute('commit')
        return next.value
      } catch (cause) {
        if (isConflict(cause)) await execute('rollback')
        throw cause
      }
    })

  return {
    forUpdate: ' for update',
    read: (text, ...values) => pool.query(text, values),
    write: (text, ...values) => pool.query(text, values),
    transact: async (steps) => {
      for (let left = attempts; ; left--) {
        try {
          return await attempt(steps)
        } catch (cause) {
          if (left === 0 || !isConflict(cause)) throw failureOf(cause)
        }
      }
    },
    together: (together) => {
      const text = oneStatement(together)
      return (...values) => pool.query(text, values)
    },
    exclusively: (table) => [`lock table ${table} in share row exclusive mode`],
  }
}

/** Under the lock of the row that is held, which is waited for before anything is changed. */
function oneStatement({ held, change, rows = 1, inserts }: SqlTogether): string {
  const parts = [
    ...(held === undefined ? [] : [`held as (${held} for share)`]),
    `changed as (${change(held === undefined ? 'true' : 'exists (select 1 from held)')})`,
    ...inserts.map(({ into, select, where = 'true', conflict = '' }, at) => {
      const due = `from (select count(*) as done from changed) as c where c.done = ${rows} and ${where}`
      return `kept_${at} as (insert into ${into} select ${select} ${due} ${conflict})`
    }),
  ]
  return `with ${parts.join(', ')} select * from changed`
}

function isConflict(cause: unknown): boolean {
  return cause instanceof SqlConflict || (cause instanceof pg.DatabaseError && conflicts.has(cause.code ?? ''))
}

/** Serialization failure, deadlock, and a row that another transaction inserted first. */
const conflicts: ReadonlySet<string> = new Set(['40001', '40P01', '23505'])
const attempts = 5
