import type { AccessTokenRecord, AccessTokenStore } from '@holdfast/core'
import { type Breakable, breakable } from './breakable.ts'

/** Keeps opaque access tokens in memory. */
export function inMemoryAccessTokenStore(): AccessTokenStore & Breakable {
  const records = new Map<string, AccessTokenRecord>()
  return breakable<AccessTokenStore>({
    issue(digest, record) {
      records.set(digest, structuredClone(record))
      return Promise.resolve()
    },
    find: (digest) => Promise.resolve(structuredClone(records.get(digest))),
    revoke(digest, clientId) {
      if (records.get(digest)?.clientId !== clientId) return Promise.resolve('unknown')
      records.delete(digest)
      return Promise.resolve('revoked')
    },
  })
}
