import type { RevokedTokenStore } from '@holdfast/core'
import { type Breakable, breakable } from './breakable.ts'

/** Remembers revoked self-contained tokens in memory, for ever. */
export function inMemoryRevokedTokenStore(): RevokedTokenStore & Breakable {
  const revoked = new Set<string>()
  return breakable<RevokedTokenStore>({
    revoke(jti) {
      revoked.add(jti)
      return Promise.resolve()
    },
    isRevoked: (jti) => Promise.resolve(revoked.has(jti)),
  })
}
