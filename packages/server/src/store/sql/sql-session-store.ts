import type { Clock, SessionRecord, SessionStore } from '@holdfast/core'
import type { Sql, SqlRow, SqlStep } from './sql.ts'

/** {@link SessionStore} on the tables `login_session` and `session_client`: clients that join lose nobody who joins beside them. */
export function sqlSessionStore(sql: Sql, clock: Clock): SessionStore {
  const put = (step: SqlStep, { sessionId, clients }: SessionRecord): Promise<boolean> =>
    sql.transact(function* () {
      if ((yield step).length === 0) return false
      for (const clientId of clients) yield [join, sessionId, clientId]
      return true
    })
  const endThe = (step: SqlStep): Promise<SessionRecord | undefined> =>
    sql.transact(function* () {
      const [row] = yield step
      if (row === undefined) return undefined
      const clients = yield [selectClients, String(row['session_id'])]
      yield [removeClients, String(row['session_id'])]
      if (Number(row['expires_at']) <= clock.now()) return undefined
      return recordsOf(clients.length === 0 ? [row] : clients.map((client) => ({ ...row, ...client })))[0]
    })
  return {
    async begin(digest, record) {
      await put([insert, digest, ...valuesOf(record)], record)
    },
    async find(digest) {
      return recordsOf(await sql.read(select, digest, clock.now()))[0]
    },
    replace: (digest, record) => put([replace, digest, ...valuesOf(record), clock.now()], record),
    async joined(sessionId, clientId) {
      await sql.write(join, sessionId, clientId)
    },
    end: (digest) => endThe([remove, digest]),
    endOne: (subject, sessionId) => endThe([removeOne, subject, sessionId]),
    ofSubject: async (subject, limit) => recordsOf(await sql.read(selectOfSubject, subject, clock.now(), limit)),
    endAll: (subject) =>
      sql.transact(function* (): Generator<SqlStep, readonly SessionRecord[], readonly SqlRow[]> {
        const rows = yield [selectAll, subject, clock.now()]
        const ended = yield [removeAll, subject]
        for (const id of new Set(ended.map((row) => String(row['session_id'])))) yield [removeClients, id]
        return recordsOf(rows)
      }),
  }
}

function valuesOf(record: SessionRecord): [string, string, number, number, string] {
  const { sessionId, subject, createdAt, expiresAt } = record
  return [sessionId, subject, createdAt, expiresAt, JSON.stringify({ ...record, clients: [] })]
}

/** One row for each client of a session, or one without a client; those of one session stand together. */
function recordsOf(rows: readonly SqlRow[]): readonly SessionRecord[] {
  const sessions = new Map<unknown, { readonly record: SessionRecord; readonly clients: string[] }>()
  for (const row of rows) {
    const session = sessions.get(row['digest']) ?? {
      record: JSON.parse(String(row['record'])) as SessionRecord,
      clients: [],
    }
    sessions.set(row['digest'], session)
    if (typeof row['client_id'] === 'string') session.clients.push(row['client_id'])
  }
  return [...sessions.values()].map(({ record, clients }) => ({ ...record, clients }))
}

const insert = `
  insert into login_session (digest, session_id, subject, created_at, expires_at, record)
  values ($1, $2, $3, $4, $5, $6)
  on conflict (digest) do update
     set session_id = excluded.session_id, subject = excluded.subject, created_at = excluded.created_at,
         expires_at = excluded.expires_at, record = excluded.record
  returning 1 as kept`
const replace = `
  update login_session set session_id = $2, subject = $3, created_at = $4, expires_at = $5, record = $6
   where digest = $1 and expires_at > $7 returning 1 as kept`
const join = `
  insert into session_client (session_id, client_id)
  select cast($1 as text), cast($2 as text) where exists (select 1 from login_session where session_id = $1)
  on conflict (session_id, client_id) do nothing`
const joined = `
  select s.digest, s.record, c.client_id from s left join session_client c on c.session_id = s.session_id
   order by s.created_at desc, s.seq desc, c.seq`
const select = `with s as (select * from login_session where digest = $1 and expires_at > $2) ${joined}`
const selectOfSubject = `
  with s as (select * from login_session where subject = $1 and expires_at > $2
              order by created_at desc, seq desc limit $3) ${joined}`
const selectAll = `with s as (select * from login_session where subject = $1 and expires_at > $2) ${joined}`
const selectClients = 'select client_id from session_client where session_id = $1 order by seq'
const remove = 'delete from login_session where digest = $1 returning digest, session_id, expires_at, record'
const removeOne = `
  delete from login_session where subject = $1 and session_id = $2
  returning digest, session_id, expires_at, record`
const removeAll = 'delete from login_session where subject = $1 returning session_id'
/** A session that goes on under a new cookie keeps its clients. */
const removeClients = `
  delete from session_client
   where session_id = $1 and not exists (select 1 from login_session where session_id = $1)`
