import type { AccessTokenRecord, AccessTokenStore } from '@holdfast/core'
import { type Breakable, breakable } from './breakable.ts'

/** Keeps opaque access tokens in memory; `isLive` says which authorizations have not ended (default: all). */
export function inMemoryAccessTokenStore(
  isLive: (authorizationId: string) => boolean = () => true,
): AccessTokenStore & Breakable {
  const records = new Map<string, AccessTokenRecord>()
  const live = (digest: string): AccessTokenRecord | undefined => {
    const record = records.get(digest)
    return record?.authorizationId === undefined || isLive(record.authorizationId) ? record : undefined
  }
  return breakable<AccessTokenStore>({
    issue(digest, record) {
      records.set(digest, structuredClone(record))
      return Promise.resolve()
    },
    find: (digest) => Promise.resolve(structuredClone(live(digest))),
    revoke(digest, clientId) {
      if (live(digest)?.clientId !== clientId) return Promise.resolve('unknown')
      records.delete(digest)
      return Promise.resolve('revoked')
    },
  })
}
