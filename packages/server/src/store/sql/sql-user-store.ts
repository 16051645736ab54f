import type { StoredUser, UserStore } from '@holdfast/core'
import { SqlConflict } from './sql.ts'
import type { Sql, SqlRow } from './sql.ts'

/** {@link UserStore} on the tables `person` and `person_login`. */
export function sqlUserStore<User>(sql: Sql): UserStore<User> {
  const userOf = (row: SqlRow): StoredUser<User> => ({
    subject: String(row['subject']),
    version: Number(row['version']),
    user: JSON.parse(String(row['record'])) as User,
  })
  return {
    async find(subject) {
      const [row] = await sql.read(select, subject)
      return row && userOf(row)
    },
    async findByLogin({ kind, value }) {
      const [row] = await sql.read(selectByLogin, kind, value)
      return row && userOf(row)
    },
    save: (subject, user, keys, expected) =>
      sql.transact(function* () {
        const [standing] = yield [`${select}${sql.forUpdate}`, subject]
        if (Number(standing?.['version'] ?? 0) !== expected) return 'conflict'
        for (const { kind, value } of keys) {
          const [owner] = yield [selectOwner, kind, value]
          if (owner !== undefined && owner['subject'] !== subject) return 'login_taken'
        }
        const [statement, json] = [expected === 0 ? insert : update, JSON.stringify(user)] as const
        if ((yield [statement, subject, expected + 1, json]).length === 0) throw new SqlConflict()
        yield [removeLogins, subject]
        for (const { kind, value } of keys) {
          const [kept] = yield [insertLogin, kind, value, subject]
          if (kept?.['subject'] !== subject) throw new SqlConflict()
        }
        return 'saved'
      }),
    remove: (subject) =>
      sql.transact(function* () {
        const removed = yield [remove, subject]
        yield [removeLogins, subject]
        return removed.length > 0
      }),
    list: async (after, limit) =>
      (after === undefined ? await sql.read(listFirst, limit) : await sql.read(listAfter, limit, after)).map(userOf),
  }
}

const select = 'select subject, version, record from person where subject = $1'
const selectByLogin = `
  select p.subject, p.version, p.record from person_login l join person p on p.subject = l.subject
   where l.kind = $1 and l.value = $2`
const selectOwner = 'select subject from person_login where kind = $1 and value = $2'
const insert = `
  insert into person (subject, version, record) values ($1, $2, $3)
  on conflict (subject) do nothing returning 1 as kept`
const update = 'update person set version = $2, record = $3 where subject = $1 returning 1 as kept'
const removeLogins = 'delete from person_login where subject = $1'
/** Answers whose it is: ours also when it is named twice. */
const insertLogin = `
  insert into person_login (kind, value, subject) values ($1, $2, $3)
  on conflict (kind, value) do update set subject = person_login.subject returning subject`
const remove = 'delete from person where subject = $1 returning 1 as gone'
const listFirst = 'select subject, version, record from person order by subject limit $1'
const listAfter = 'select subject, version, record from person where subject > $2 order by subject limit $1'
