import type { RevokedTokenStore } from '@holdfast/core'
import type { PostgresPool } from './postgres-pool.ts'

/** {@link RevokedTokenStore} on the table `revoked_token`. */
export function postgresRevokedTokenStore(pool: PostgresPool): RevokedTokenStore {
  return {
    async revoke(jti, expiresAt) {
      await pool.query(insert, [jti, expiresAt])
    },
    isRevoked: async (jti) => (await pool.query(select, [jti])).length > 0,
  }
}

const insert = `
  insert into revoked_token (jti, expires_at) values ($1, $2)
  on conflict (jti) do update set expires_at = greatest(revoked_token.expires_at, excluded.expires_at)`
const select = 'select 1 as revoked from revoked_token where jti = $1'
