import pg from 'pg'
import { SqlConflict } from '../sql/sql.ts'
import type { Sql, SqlSteps } from '../sql/sql.ts'
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
    forShare: ' for share',
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
    changeAndInsert: (change, into, inserted, ...values) =>
      pool.query(
        `with changed as (${change}), kept as (insert into ${into} select ${inserted} from changed) select * from changed`,
        values,
      ),
    exclusively: (table) => [`lock table ${table} in share row exclusive mode`],
  }
}

function isConflict(cause: unknown): boolean {
  return cause instanceof SqlConflict || (cause instanceof pg.DatabaseError && conflicts.has(cause.code ?? ''))
}

/** Serialization failure, deadlock, and a row that another transaction inserted first. */
const conflicts: ReadonlySet<string> = new Set(['40001', '40P01', '23505'])
const attempts = 5
