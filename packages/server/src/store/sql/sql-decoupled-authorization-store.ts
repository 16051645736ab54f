import type { Clock, DecoupledAuthorizationRecord, DecoupledAuthorizationStore, PollOutcome } from '@holdfast/core'
import type { Sql, SqlRow } from './sql.ts'

/** {@link DecoupledAuthorizationStore} on the table `decoupled_authorization`. Each step in its life is one statement. */
export function sqlDecoupledAuthorizationStore(sql: Sql, clock: Clock): DecoupledAuthorizationStore {
  return {
    async request(digest, record, userCode) {
      const { clientId, subject = null, interval, issuedAt, expiresAt } = record
      const json = JSON.stringify(record)
      const keep = (): Promise<readonly SqlRow[]> =>
        sql.write(insert, digest, clientId, subject, userCode ?? null, interval, issuedAt, expiresAt, json)
      if ((await keep()).length > 0) return 'kept'
      if (userCode !== undefined && (await sql.write(freeUserCode, userCode, clock.now())).length === 0) {
        return 'user_code_taken'
      }
      return (await keep()).length > 0 ? 'kept' : 'user_code_taken'
    },
    async find(digest) {
      const [row] = await sql.read(select, digest)
      return row && recordOf(row)
    },
    async findByUserCode(userCode, now) {
      const [row] = await sql.read(selectByUserCode, userCode, now)
      return row && { digest: String(row['digest']), record: recordOf(row) }
    },
    ofSubject: async (subject, now, limit) =>
      (await sql.read(selectOfSubject, subject, now, limit)).map((row) => ({
        digest: String(row['digest']),
        record: recordOf(row),
      })),
    async decide(digest, decision) {
      const authorizationId = decision === 'denied' ? null : decision.authorizationId
      const status = decision === 'denied' ? 'denied' : 'approved'
      return (await sql.write(decide, digest, clock.now(), status, authorizationId)).length > 0
    },
    async poll(digest, clientId, now): Promise<PollOutcome> {
      const [row] = await sql.write(poll, digest, clientId, now)
      if (row === undefined) return { outcome: 'unknown' }
      const record = recordOf(row)
      if (record.expiresAt <= now) return { outcome: 'expired', record }
      switch (row['status']) {
        case 'answered':
          return { outcome: 'approved', authorizationId: String(row['authorization_id']), record }
        case 'denied':
          return { outcome: 'denied', record }
        default:
          return { outcome: Number(row['early']) === 1 ? 'slow_down' : 'pending', record }
      }
    },
  }
}

function recordOf(row: SqlRow): DecoupledAuthorizationRecord {
  const record = JSON.parse(String(row['record'])) as DecoupledAuthorizationRecord
  return { ...record, interval: Number(row['poll_interval']) }
}

const insert = `
  insert into decoupled_authorization
    (digest, client_id, subject, user_code, status, poll_interval, early, issued_at, expires_at, record)
  values ($1, $2, $3, $4, 'pending', $5, 0, $6, $7, $8) on conflict do nothing returning 1 as kept`
const freeUserCode = `
  update decoupled_authorization set user_code = null where user_code = $1 and expires_at <= $2 returning 1 as freed`
const select = `
  select record, poll_interval from decoupled_authorization where digest = $1 and status <> 'answered'`
const selectByUserCode = `
  select digest, record, poll_interval from decoupled_authorization
   where user_code = $1 and status = 'pending' and expires_at > $2`
const selectOfSubject = `
  select digest, record, poll_interval from decoupled_authorization
   where subject = $1 and status = 'pending' and expires_at > $2 order by issued_at desc, seq desc limit $3`
const decide = `
  update decoupled_authorization set status = $3, authorization_id = $4, user_code = null
   where digest = $1 and status = 'pending' and expires_at > $2 returning 1 as won`
/** RFC 8628 §3.5: five seconds more. The update of an approved one is what uses it up. */
const poll = `
  update decoupled_authorization set
    status = case when status = 'approved' and expires_at > $3 then 'answered' else status end,
    early = case when polled_at is not null and $3 < polled_at + poll_interval then 1 else 0 end,
    poll_interval = case when status = 'pending' and expires_at > $3 and polled_at is not null
      and $3 < polled_at + poll_interval then poll_interval + 5 else poll_interval end,
    polled_at = $3
   where digest = $1 and client_id = $2 and status <> 'answered'
  returning status, authorization_id, early, poll_interval, record`
