import type { DatabaseSync } from 'node:sqlite'
import type { AccessTokenRecord, AccessTokenStore } from '@holdfast/core'
import { StoreUnavailableError } from '../store-unavailable-error.ts'
import type { GroupCommit } from './group-commit.ts'

/** {@link AccessTokenStore} on the table `access_token`. */
export function sqliteAccessTokenStore(database: DatabaseSync, group: GroupCommit): AccessTokenStore {
  const insert = database.prepare(
    'insert into access_token (digest, client_id, expires_at, record) values (?, ?, ?, ?)',
  )
  const select = database.prepare('select record from access_token where digest = ?')
  const remove = database.prepare('delete from access_token where digest = ? and client_id = ?')
  return {
    issue: (digest, record) => {
      const json = JSON.stringify(record)
      return group.write(() => void insert.run(digest, record.clientId, record.expiresAt, json))
    },
    find: (digest) => {
      try {
        const row = select.get(digest)
        return Promise.resolve(row === undefined ? undefined : (JSON.parse(String(row['record'])) as AccessTokenRecord))
      } catch (cause) {
        return Promise.reject(new StoreUnavailableError('store_failed', { cause }))
      }
    },
    revoke: (digest, clientId) =>
      group.write(() => (Number(remove.run(digest, clientId).changes) === 1 ? 'revoked' : 'unknown')),
  }
}
