import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import type { AccessTokenRecord, AccessTokenStore, Clock } from '@holdfast/core'
import { StoreUnavailableError } from '../store-unavailable-error.ts'
import type { GroupCommit } from './group-commit.ts'

/**
 * {@link AccessTokenStore} on the table `access_token`. A token that was issued from a person's authorization is looked up
 * together with it.
 */
export function sqliteAccessTokenStore(database: DatabaseSync, group: GroupCommit, clock: Clock): AccessTokenStore {
  const insert = database.prepare(
    'insert into access_token (digest, client_id, expires_at, record, authorization_id) values (?, ?, ?, ?, ?)',
  )
  const select = database.prepare('select record, authorization_id from access_token where digest = ?')
  const remove = database.prepare('delete from access_token where digest = ? and client_id = ?')
  let selectAuthorization: StatementSync | undefined

  function lives(authorizationId: SQLOutputValue | undefined): boolean {
    if (typeof authorizationId !== 'string') return true
    selectAuthorization ??= database.prepare('select 1 from granted_authorization where id = ? and expires_at > ?')
    return selectAuthorization.get(authorizationId, clock.now()) !== undefined
  }

  return {
    issue: (digest, record) => {
      const json = JSON.stringify(record)
      const { clientId, expiresAt, authorizationId = null } = record
      return group.write(() => void insert.run(digest, clientId, expiresAt, json, authorizationId))
    },
    find: (digest) => {
      try {
        const row = select.get(digest)
        return Promise.resolve(
          row !== undefined && lives(row['authorization_id'])
            ? (JSON.parse(String(row['record'])) as AccessTokenRecord)
            : undefined,
        )
      } catch (cause) {
        return Promise.reject(new StoreUnavailableError('store_failed', { cause }))
      }
    },
    revoke: (digest, clientId) =>
      group.write(() => (Number(remove.run(digest, clientId).changes) === 1 ? 'revoked' : 'unknown')),
  }
}
