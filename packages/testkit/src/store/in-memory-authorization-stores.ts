import type {
  AccessTokenStore,
  AuthorizationCodeRecord,
  AuthorizationCodeStore,
  AuthorizationRecord,
  AuthorizationStore,
  RefreshTokenRecord,
  RefreshTokenStore,
  RevokedTokenStore,
} from '@holdfast/core'
import { type Breakable, breakable } from './breakable.ts'
import { inMemoryAccessTokenStore } from './in-memory-access-token-store.ts'
import { inMemoryRevokedTokenStore } from './in-memory-revoked-token-store.ts'

/** Authorizations and what is issued from them: what ends with one ends in all. */
export interface InMemoryAuthorizationStores {
  readonly authorizations: AuthorizationStore & Breakable
  readonly authorizationCodes: AuthorizationCodeStore & Breakable
  readonly refreshTokens: RefreshTokenStore & Breakable
  readonly accessTokens: AccessTokenStore & Breakable
  readonly revokedTokens: RevokedTokenStore & Breakable
}

/** Keeps authorizations, their codes and their tokens in memory. */
export function inMemoryAuthorizationStores(clock: { now(): number }): InMemoryAuthorizationStores {
  const records = new Map<string, AuthorizationRecord>()
  const issuedTokens = new Map<string, { readonly jti: string; readonly expiresAt: number }[]>()
  const revokedTokens = inMemoryRevokedTokenStore()
  const live = (id: string): AuthorizationRecord | undefined => {
    const record = records.get(id)
    return record === undefined || record.expiresAt <= clock.now() ? undefined : record
  }
  const isLive = (id: string): boolean => live(id) !== undefined

  async function end(id: string): Promise<void> {
    records.delete(id)
    for (const { jti, expiresAt } of issuedTokens.get(id) ?? []) await revokedTokens.revoke(jti, expiresAt)
    issuedTokens.delete(id)
  }

  async function endAll(chosen: (record: AuthorizationRecord) => boolean): Promise<number> {
    const ids = [...records.keys()].filter((id) => {
      const record = live(id)
      return record !== undefined && chosen(record)
    })
    for (const id of ids) await end(id)
    return ids.length
  }

  return {
    revokedTokens,
    accessTokens: inMemoryAccessTokenStore(isLive),
    authorizationCodes: inMemoryAuthorizationCodeStore(isLive),
    refreshTokens: inMemoryRefreshTokenStore(clock, isLive),
    authorizations: breakable<AuthorizationStore>({
      grant(id, record) {
        records.delete(id)
        records.set(id, structuredClone(record))
        return Promise.resolve()
      },
      find: (id) => Promise.resolve(structuredClone(live(id))),
      issued(id, jti, expiresAt) {
        if (!isLive(id)) return revokedTokens.revoke(jti, expiresAt)
        issuedTokens.set(id, [...(issuedTokens.get(id) ?? []), { jti, expiresAt }])
        return Promise.resolve()
      },
      revoke: end,
      ofSubject: (subject, limit, clientId) =>
        Promise.resolve(
          [...records]
            .filter(([id, record]) => record.subject === subject && isLive(id))
            .filter(([, record]) => clientId === undefined || record.clientId === clientId)
            .toReversed()
            .toSorted(([, a], [, b]) => b.createdAt - a.createdAt)
            .slice(0, limit)
            .map(([id, record]) => ({ id, record: structuredClone(record) })),
        ),
      revokeClient: (clientId) => endAll((record) => record.clientId === clientId),
      revokeSession: (sessionId) => endAll((record) => record.sessionId === sessionId),
    }),
  }
}

function inMemoryAuthorizationCodeStore(isLive: (id: string) => boolean): AuthorizationCodeStore & Breakable {
  const codes = new Map<string, { readonly record: AuthorizationCodeRecord; used: boolean }>()
  const live = (digest: string): { readonly record: AuthorizationCodeRecord; used: boolean } | undefined => {
    const code = codes.get(digest)
    return code !== undefined && isLive(code.record.authorizationId) ? code : undefined
  }
  return breakable<AuthorizationCodeStore>({
    issue(digest, record) {
      if (isLive(record.authorizationId)) codes.set(digest, { record: structuredClone(record), used: false })
      return Promise.resolve()
    },
    find: (digest) => Promise.resolve(structuredClone(live(digest)?.record)),
    redeem(digest) {
      const code = live(digest)
      if (code === undefined) return Promise.resolve('unknown')
      if (code.used) return Promise.resolve('reused')
      code.used = true
      return Promise.resolve('redeemed')
    },
  })
}

interface KeptRefreshToken {
  readonly record: RefreshTokenRecord
  rotatedAt: number | undefined
}

function inMemoryRefreshTokenStore(
  clock: { now(): number },
  isLive: (id: string) => boolean,
): RefreshTokenStore & Breakable {
  const tokens = new Map<string, KeptRefreshToken>()
  const live = (digest: string, now: number): KeptRefreshToken | undefined => {
    const token = tokens.get(digest)
    return token !== undefined && token.record.expiresAt > now && isLive(token.record.authorizationId)
      ? token
      : undefined
  }
  const keep = (digest: string, record: RefreshTokenRecord): void => {
    tokens.set(digest, { record: structuredClone(record), rotatedAt: undefined })
  }
  return breakable<RefreshTokenStore>({
    issue(digest, record) {
      if (isLive(record.authorizationId)) keep(digest, record)
      return Promise.resolve()
    },
    find: (digest) => Promise.resolve(structuredClone(live(digest, clock.now())?.record)),
    rotate(digest, successorDigest, successor, now, grace) {
      const token = live(digest, now)
      if (token === undefined) return Promise.resolve('unknown')
      if (token.rotatedAt === undefined) {
        token.rotatedAt = now
        keep(successorDigest, successor)
        return Promise.resolve('rotated')
      }
      if (grace <= 0 || now >= token.rotatedAt + grace) return Promise.resolve('reused')
      keep(successorDigest, successor)
      return Promise.resolve('repeated')
    },
    revoke(digest, clientId) {
      if (live(digest, clock.now())?.record.clientId !== clientId) return Promise.resolve('unknown')
      tokens.delete(digest)
      return Promise.resolve('revoked')
    },
  })
}
