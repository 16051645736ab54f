import type { Clock, RefreshTokenRecord, RefreshTokenStore } from '@holdfast/core'
import { type KnownSessions, keptTokens } from './kept-tokens.ts'
import { oncePerForm } from './once-per-form.ts'
import { authorizationLives } from './sql-authorization-store.ts'
import type { Sql } from './sql.ts'

/**
 * {@link RefreshTokenStore} on the table `refresh_token`. Using the predecessor up, keeping the successor and what is issued beside
 * it is one statement or one transaction; `rotations` tells the first from those that repeat it.
 */
export function sqlRefreshTokenStore(sql: Sql, clock: Clock, sessions: KnownSessions): RefreshTokenStore {
  const rotate = oncePerForm(({ inserts }) =>
    sql.together({ held: authorizationOfToken, change: useUpWhile, inserts: inserts(ofToken, 4) }),
  )
  return {
    async issue(digest, record) {
      const { authorizationId, clientId, expiresAt } = record
      await sql.write(insert, digest, authorizationId, clientId, expiresAt, JSON.stringify(record))
    },
    async find(digest) {
      const [row] = await sql.read(select, digest, clock.now())
      return row && (JSON.parse(String(row['record'])) as RefreshTokenRecord)
    },
    async rotate(digest, successorDigest, successor, now, grace, beside) {
      const kept = keptTokens({ ...beside, refreshToken: { digest: successorDigest, record: successor } }, sessions)
      const [row] = await rotate(kept)(digest, now, grace, ...kept.values)
      if (row !== undefined) kept.done()
      if (row !== undefined) return Number(row['rotations']) === 1 ? 'rotated' : 'repeated'
      return (await sql.read(select, digest, now)).length > 0 ? 'reused' : 'unknown'
    },
    async revoke(digest, clientId) {
      return (await sql.write(remove, digest, clock.now(), clientId)).length > 0 ? 'revoked' : 'unknown'
    },
  }
}

const live = `expires_at > $2 and ${authorizationLives('refresh_token', '$2')}`
const insert = `
  insert into refresh_token (digest, authorization_id, client_id, expires_at, record, rotations)
  select cast($1 as text), id, cast($3 as text), cast($4 as bigint), cast($5 as text), 0
    from granted_authorization where id = $2`
const select = `select record from refresh_token where digest = $1 and ${live}`
const remove = `delete from refresh_token where digest = $1 and client_id = $3 and ${live} returning 1 as won`
const ofToken = '(select authorization_id from refresh_token where digest = $1)'
const authorizationOfToken = `select id from granted_authorization where id = ${ofToken} and expires_at > $2`
const useUpWhile = (lives: string): string => `
  update refresh_token set rotated_at = coalesce(rotated_at, $2), rotations = rotations + 1
   where digest = $1 and (rotated_at is null or ($3 > 0 and $2 < rotated_at + $3)) and expires_at > $2 and ${lives}
  returning rotations`
