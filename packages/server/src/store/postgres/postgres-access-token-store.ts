import type { AccessTokenRecord, AccessTokenStore, Clock } from '@holdfast/core'
import type { PostgresPool } from './postgres-pool.ts'
import { toPostgresText } from './postgres-text.ts'
import { createWriteBatches } from './write-batches.ts'

/**
 * {@link AccessTokenStore} on the table `access_token`. A token that was issued from a person's authorization is looked up
 * together with it.
 */
export function postgresAccessTokenStore(pool: PostgresPool, clock: Clock): AccessTokenStore {
  const insertBatch = createWriteBatches<string, undefined>(async (rows) => {
    await pool.query(insert, [{ text: `[${rows.join(',')}]` }])
    return Array<undefined>(rows.length).fill(undefined)
  })
  return {
    issue: (digest, record) => insertBatch(rowOf(digest, record)),
    async find(digest) {
      const [row] = await pool.query(select, [digest, clock.now()])
      return row && (JSON.parse(String(row['record'])) as AccessTokenRecord)
    },
    async revoke(digest, clientId) {
      return (await pool.query(remove, [digest, clientId])).length > 0 ? 'revoked' : 'unknown'
    },
  }
}

/**
 * The record stands in it as JSON, not as text in JSON: nothing is quoted twice, and the database keeps it as it is. Only an escaped
 * NUL it would not read.
 */
function rowOf(digest: string, record: AccessTokenRecord): string {
  const { clientId, expiresAt, authorizationId } = record
  const from = authorizationId === undefined ? '' : `,"a":${text(authorizationId)}`
  const json = JSON.stringify(record)
  const kept = json.includes('\\u0000') ? `"t":${JSON.stringify(json)}` : `"r":${json}`
  return `{"d":${text(digest)},"c":${text(clientId)},"e":${expiresAt}${from},${kept}}`
}

function text(value: string): string {
  return JSON.stringify(toPostgresText(value))
}

const insert = `
  insert into access_token (digest, client_id, authorization_id, expires_at, record)
  select d, c, a, e, coalesce(t, r::text)
    from json_to_recordset($1::json) as row (d text, c text, a text, e bigint, r json, t text)`
const select = `
  select record from access_token where digest = $1 and (authorization_id is null or exists (
    select 1 from granted_authorization a where a.id = access_token.authorization_id and a.expires_at > $2))`
const remove = 'delete from access_token where digest = $1 and client_id = $2 returning 1 as won'
