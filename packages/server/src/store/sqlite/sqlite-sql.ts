import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Sql, SqlRow, SqlValue } from '../sql/sql.ts'
import { StoreUnavailableError } from '../store-unavailable-error.ts'
import type { GroupCommit } from './group-commit.ts'

/** {@link Sql} on a SQLite file: reads at once, writes in the next group, one writer at a time. */
export function sqliteSql(database: DatabaseSync, group: GroupCommit): Sql {
  const prepared = new Map<string, { readonly statement: StatementSync; readonly values: number }>()

  function run(text: string, values: readonly SqlValue[]): readonly SqlRow[] {
    let known = prepared.get(text)
    if (known === undefined) {
      const places = [...text.matchAll(/\$([0-9]+)/g)].map(([, number]) => Number(number))
      known = { statement: database.prepare(text.replaceAll('$', '?')), values: Math.max(0, ...places) }
      prepared.set(text, known)
    }
    return known.statement.all(...values.slice(0, known.values))
  }

  return {
    forUpdate: '',
    read: (text, ...values) => {
      try {
        return Promise.resolve(run(text, values))
      } catch (cause) {
        return Promise.reject(new StoreUnavailableError('store_failed', { cause }))
      }
    },
    write: (text, ...values) => group.write(() => run(text, values)),
    transact: (steps) =>
      group.write(() => {
        const transaction = steps()
        let next = transaction.next([])
        while (next.done !== true) {
          const [text, ...values] = next.value
          next = transaction.next(run(text, values))
        }
        return next.value
      }),
    together: ({ held, change, rows = 1, inserts }) => {
      const changing = change(held === undefined ? 'true' : `exists (${held})`)
      const inserting = inserts.map(({ into, select, where = 'true', conflict = '' }) => {
        return `insert into ${into} select ${select} where ${where} ${conflict}`
      })
      return (...values) =>
        group.write(() => {
          const changed = run(changing, values)
          if (changed.length === rows) for (const insert of inserting) run(insert, values)
          return changed
        })
    },
    exclusively: () => undefined,
  }
}
