import type { AuthorizationRecord, AuthorizationStore, Clock } from '@holdfast/core'
import { joinedSession, type KnownSessions, keptTokens } from './kept-tokens.ts'
import { oncePerForm, type Statement } from './once-per-form.ts'
import type { Sql, SqlRow, SqlStep } from './sql.ts'

/**
 * {@link AuthorizationStore} on the table `granted_authorization`.
 *
 * What is issued from an authorization is good as long as its row is there: codes and tokens are looked up together with it, so
 * that nothing which is issued while it ends outlives it. Self-contained tokens cannot be looked up; their `jti`s are kept beside
 * the row, under its lock.
 */
export function sqlAuthorizationStore(sql: Sql, clock: Clock, sessions: KnownSessions): AuthorizationStore {
  const issue = oncePerForm(({ inserts }) =>
    sql.together({ held: live, change: whileHeld, inserts: inserts('cast($1 as text)', 3) }),
  )
  const give = givenStatements(sql)

  /** Ends at most a slice of those that `condition` names; answers when each would have expired. */
  const endSlice = (condition: string, value: string): Promise<readonly number[]> =>
    sql.transact(function* () {
      const some = `order by seq limit ${slice}${sql.forUpdate}`
      const chosen = `select id, expires_at from granted_authorization where ${condition} ${some}`
      const rows = yield [chosen, value]
      for (const { id } of rows) {
        for (const step of end) yield [step, String(id)]
      }
      return rows.map((row) => Number(row['expires_at']))
    })

  async function endAll(condition: string, value: string): Promise<number> {
    const now = clock.now()
    let ended = 0
    for (;;) {
      const some = await endSlice(condition, value)
      ended += some.filter((expiresAt) => expiresAt > now).length
      if (some.length < slice) return ended
    }
  }

  return {
    async grant(id, record) {
      const { clientId, subject, sessionId = null, createdAt, expiresAt } = record
      const json = JSON.stringify(record)
      const fresh = await sql.write(insert, id, clientId, subject, sessionId, createdAt, expiresAt, json)
      if (fresh.length > 0) return
      await sql.transact(function* (): Generator<SqlStep, void, readonly SqlRow[]> {
        const replaced = yield [replace, id, clientId, subject, sessionId, createdAt, expiresAt, json]
        if (replaced.length === 0) yield [insert, id, clientId, subject, sessionId, createdAt, expiresAt, json]
        yield [keepCodes, id, expiresAt]
      })
    },
    async find(id) {
      const [row] = await sql.read(select, id, clock.now())
      return row && recordOf(row)
    },
    async give({ id, record, code, uses, session }) {
      const { clientId, subject, sessionId = null, createdAt, expiresAt } = record
      const joins = session !== undefined && !sessions.has(session, clientId)
      const values = [id, clientId, subject, sessionId, createdAt, expiresAt, JSON.stringify(record)]
      const entries = uses.flatMap(({ purpose, digest }) => [purpose, digest])
      const statement = give(uses.length, joins ? 'joins' : 'known')
      const used = await statement(
        ...values,
        code.digest,
        JSON.stringify(code.record),
        ...(joins ? [session] : []),
        ...(uses.length === 0 ? [] : [clock.now(), ...entries]),
      )
      if (uses.length > used.length) {
        const there = new Set(used.map((row) => row['purpose']))
        const gone = uses.find(({ purpose }) => !there.has(purpose))
        if (gone !== undefined) return { outcome: 'used_up', purpose: gone.purpose }
      }
      if (joins) sessions.add(session, clientId)
      return { outcome: 'given' }
    },
    async issue(id, tokens) {
      const kept = keptTokens(tokens, sessions)
      if ((await issue(kept)(id, clock.now(), ...kept.values)).length === 0) return 'ended'
      kept.done()
      return 'issued'
    },
    async revoke(id) {
      await endSlice('id = $1', id)
    },
    ofSubject: async (subject, limit, clientId) => {
      const rows =
        clientId === undefined
          ? await sql.read(selectOfSubject, subject, clock.now(), limit)
          : await sql.read(selectOfSubjectAndClient, subject, clock.now(), limit, clientId)
      return rows.map((row) => ({ id: String(row['id']), record: recordOf(row) }))
    },
    revokeClient: (clientId) => endAll('client_id = $1', clientId),
    revokeSession: (sessionId) => endAll('session_id = $1', sessionId),
  }
}

/**
 * The statements by which an authorization and its code are kept: values are those of the authorization, of the code, the session
 * where it is joined, then the time and purpose and digest of each entry that is used up.
 */
function givenStatements(sql: Sql): (uses: number, session: 'joins' | 'known') => Statement {
  const statements = new Map<string, Statement>()
  const build = (uses: number, session: 'joins' | 'known'): Statement => {
    const beside = [given.code, ...(session === 'joins' ? [joinedSession(10, '$2')] : [])]
    const { into, select } = given.authorization
    if (uses === 0) {
      const change = (): string => `insert into ${into} values (${select}) returning 1 as kept`
      return sql.together({ change, inserts: beside })
    }
    const now = session === 'joins' ? 11 : 10
    const entry = (at: number): string =>
      `(purpose = $${now + 1 + 2 * at} and digest = $${now + 2 + 2 * at} and expires_at > $${now})`
    const entries = Array.from({ length: uses }, (_, at) => entry(at)).join(' or ')
    const change = (): string => `delete from one_time where ${entries} returning purpose`
    return sql.together({ change, rows: uses, inserts: [given.authorization, ...beside] })
  }
  return (uses, session) => {
    const form = `${uses} ${session}`
    let statement = statements.get(form)
    if (statement === undefined) statements.set(form, (statement = build(uses, session)))
    return statement
  }
}

/** SQL that holds while the authorization of a row of `table` lives; `now` is the place of the time among the values. */
export function authorizationLives(table: string, now: string): string {
  return `exists (select 1 from granted_authorization a where a.id = ${table}.authorization_id and a.expires_at > ${now})`
}

function recordOf(row: SqlRow): AuthorizationRecord {
  return JSON.parse(String(row['record'])) as AuthorizationRecord
}

const given = {
  authorization: {
    into: 'granted_authorization (id, client_id, subject, session_id, created_at, expires_at, record)',
    select:
      'cast($1 as text), cast($2 as text), cast($3 as text), cast($4 as text), cast($5 as bigint), cast($6 as bigint), cast($7 as text)',
  },
  code: {
    into: 'authorization_code (authorization_id, redeemed, kept_until, digest, record)',
    select: 'cast($1 as text), 0, cast($6 as bigint), cast($8 as text), cast($9 as text)',
  },
} as const
const insert = `
  insert into granted_authorization (id, client_id, subject, session_id, created_at, expires_at, record)
  values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing returning 1 as kept`
const replace = `
  update granted_authorization
     set client_id = $2, subject = $3, session_id = $4, created_at = $5, expires_at = $6, record = $7
   where id = $1 returning 1 as kept`
const keepCodes = 'update authorization_code set kept_until = $2 where authorization_id = $1 and kept_until < $2'
const select = 'select record from granted_authorization where id = $1 and expires_at > $2'
const selectOfSubject = `
  select id, record from granted_authorization where subject = $1 and expires_at > $2
   order by created_at desc, seq desc limit $3`
const selectOfSubjectAndClient = `
  select id, record from granted_authorization where subject = $1 and expires_at > $2 and client_id = $4
   order by created_at desc, seq desc limit $3`
const live = 'select id from granted_authorization where id = $1 and expires_at > $2'
const whileHeld = (lives: string): string => `select 1 as lives where ${lives}`

/** In this order: the row is locked before, and what is kept beside it is read under the lock. */
const end: readonly string[] = [
  `insert into revoked_token (jti, expires_at)
   select jti, expires_at from issued_token where authorization_id = $1
   on conflict (jti) do update set expires_at = excluded.expires_at
    where revoked_token.expires_at < excluded.expires_at`,
  'delete from issued_token where authorization_id = $1',
  'delete from authorization_code where authorization_id = $1',
  'delete from refresh_token where authorization_id = $1',
  'delete from access_token where authorization_id = $1',
  'delete from granted_authorization where id = $1',
]

/** A transaction of a few milliseconds. */
const slice = 100
