import type { AuthorizationCodeRecord, AuthorizationCodeStore, Clock } from '@holdfast/core'
import { type KnownSessions, keptTokens } from './kept-tokens.ts'
import { oncePerForm } from './once-per-form.ts'
import { authorizationLives } from './sql-authorization-store.ts'
import type { Sql } from './sql.ts'

/** {@link AuthorizationCodeStore} on the table `authorization_code`. The one update that finds the code unused wins. */
export function sqlAuthorizationCodeStore(sql: Sql, clock: Clock, sessions: KnownSessions): AuthorizationCodeStore {
  const redeem = oncePerForm(({ inserts }) =>
    sql.together({ held: authorizationOfCode, change: redeemWhile, inserts: inserts(ofCode, 3) }),
  )
  return {
    async issue(digest, record) {
      await sql.write(insert, digest, record.authorizationId, JSON.stringify(record))
    },
    async find(digest) {
      const [row] = await sql.read(select, digest, clock.now())
      return row && (JSON.parse(String(row['record'])) as AuthorizationCodeRecord)
    },
    async redeem(digest, earned) {
      const now = clock.now()
      const kept = keptTokens(earned ?? {}, sessions)
      if ((await redeem(kept)(digest, now, ...kept.values)).length > 0) {
        kept.done()
        return 'redeemed'
      }
      return (await sql.read(select, digest, now)).length > 0 ? 'reused' : 'unknown'
    },
  }
}

const lives = authorizationLives('authorization_code', '$2')
const insert = `
  insert into authorization_code (digest, authorization_id, redeemed, kept_until, record)
  select cast($1 as text), id, 0, expires_at, cast($3 as text) from granted_authorization where id = $2`
const select = `select record from authorization_code where digest = $1 and ${lives}`
const ofCode = '(select authorization_id from authorization_code where digest = $1)'
const authorizationOfCode = `select id from granted_authorization where id = ${ofCode} and expires_at > $2`
const redeemWhile = (lives: string): string =>
  `update authorization_code set redeemed = 1 where digest = $1 and redeemed = 0 and ${lives} returning 1 as won`
