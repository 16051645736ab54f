import type { Outbox } from '@holdfast/core'
import type { Sql } from './sql.ts'

/** {@link Outbox} on the table `outbox`; what is kept for one `purpose` is nothing to another. */
export function sqlOutbox<Message>(sql: Sql, purpose: string): Outbox<Message> {
  return {
    async keep(id, message, expiresAt) {
      await sql.write(insert, purpose, id, expiresAt, JSON.stringify(message))
    },
    async claim(now, until, limit) {
      const rows = await sql.write(claim, purpose, now, until, limit)
      return rows.map((row) => ({
        id: String(row['id']),
        message: JSON.parse(String(row['entry'])) as Message,
        attempts: Number(row['attempts']),
      }))
    },
    async later(id, dueAt) {
      await sql.write('update outbox set due_at = $3 where purpose = $1 and id = $2', purpose, id, dueAt)
    },
    async done(id) {
      await sql.write('delete from outbox where purpose = $1 and id = $2', purpose, id)
    },
  }
}

const insert = `
  insert into outbox (purpose, id, due_at, expires_at, attempts, entry) values ($1, $2, 0, $3, 0, $4)
  on conflict (purpose, id) do nothing`

// The time is asked for twice: of two who chose the same message the second finds it claimed when its turn comes.
const claim = `
  update outbox set due_at = $3, attempts = attempts + 1
  where purpose = $1 and due_at <= $2 and expires_at > $2 and id in (
    select id from outbox where purpose = $1 and due_at <= $2 and expires_at > $2 order by due_at limit $4)
  returning id, entry, attempts`
