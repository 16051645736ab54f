import type { DatabaseSync } from 'node:sqlite'
import type { RevokedTokenStore } from '@holdfast/core'
import { StoreUnavailableError } from '../store-unavailable-error.ts'
import type { GroupCommit } from './group-commit.ts'

/** {@link RevokedTokenStore} on the table `revoked_token`. */
export function sqliteRevokedTokenStore(database: DatabaseSync, group: GroupCommit): RevokedTokenStore {
  const insert = database.prepare(
    `insert into revoked_token (jti, expires_at) values (?, ?)
     on conflict (jti) do update set expires_at = max(expires_at, excluded.expires_at)`,
  )
  const select = database.prepare('select 1 from revoked_token where jti = ?')
  return {
    revoke: (jti, expiresAt) => group.write(() => void insert.run(jti, expiresAt)),
    isRevoked: (jti) => {
      try {
        return Promise.resolve(select.get(jti) !== undefined)
      } catch (cause) {
        return Promise.reject(new StoreUnavailableError('store_failed', { cause }))
      }
    },
  }
}
