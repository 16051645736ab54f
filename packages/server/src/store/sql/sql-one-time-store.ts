import type { Clock, OneTimeStore } from '@holdfast/core'
import type { Sql } from './sql.ts'

/** {@link OneTimeStore} on the table `one_time`; what is kept for one `purpose` is nothing to another. */
export function sqlOneTimeStore<Entry>(sql: Sql, clock: Clock, purpose: string): OneTimeStore<Entry> {
  return {
    async keep(digest, entry, expiresAt) {
      await sql.write(insert, purpose, digest, expiresAt, JSON.stringify(entry))
    },
    async find(digest) {
      const [row] = await sql.read(select, purpose, digest, clock.now())
      return row && (JSON.parse(String(row['entry'])) as Entry)
    },
    async replace(digest, entry) {
      return (await sql.write(replace, purpose, digest, clock.now(), JSON.stringify(entry))).length > 0
    },
    async take(digest) {
      const [row] = await sql.write(take, purpose, digest, clock.now())
      return row && (JSON.parse(String(row['entry'])) as Entry)
    },
  }
}

const insert = `
  insert into one_time (purpose, digest, expires_at, entry) values ($1, $2, $3, $4)
  on conflict (purpose, digest) do update set expires_at = excluded.expires_at, entry = excluded.entry`
const here = 'where purpose = $1 and digest = $2 and expires_at > $3'
const select = `select entry from one_time ${here}`
const replace = `update one_time set entry = $4 ${here} returning 1 as kept`
const take = `delete from one_time ${here} returning entry`
