import type {
  AccessTokenStore,
  AuthorizationCodeRecord,
  AuthorizationCodeStore,
  AuthorizationRecord,
  AuthorizationStore,
  IssuedTokens,
  OneTimePurpose,
  OneTimeStore,
  RefreshTokenRecord,
  RefreshTokenStore,
  RevokedTokenStore,
  SessionStore,
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

/** What an authorization uses up, and the sessions that its clients join. */
export interface BesideAuthorizations {
  readonly oneTime: { readonly [Purpose in OneTimePurpose]: Pick<OneTimeStore<unknown>, 'take'> }
  readonly sessions: Pick<SessionStore, 'joined'>
}

/** Keeps authorizations, their codes and their tokens in memory, beside these stores. */
export function inMemoryAuthorizationStores<Beside extends BesideAuthorizations>(
  clock: { now(): number },
  beside: Beside,
): InMemoryAuthorizationStores & Beside {
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

  const accessTokens = inMemoryAccessTokenStore(isLive)
  async function keep(id: string, { accessToken, refreshToken, session }: IssuedTokens): Promise<void> {
    if ('jti' in accessToken) issuedTokens.set(id, [...(issuedTokens.get(id) ?? []), accessToken])
    else await accessTokens.issue(accessToken.digest, accessToken.record)
    if (refreshToken !== undefined) await refreshTokens.issue(refreshToken.digest, refreshToken.record)
    if (session !== undefined) await beside.sessions.joined(session.sessionId, session.clientId)
  }
  const authorizationCodes = inMemoryAuthorizationCodeStore(isLive, keep)
  const refreshTokens = inMemoryRefreshTokenStore(clock, isLive, keep)

  return {
    ...beside,
    revokedTokens,
    accessTokens,
    authorizationCodes,
    refreshTokens,
    authorizations: breakable<AuthorizationStore>({
      grant(id, record) {
        records.delete(id)
        records.set(id, structuredClone(record))
        return Promise.resolve()
      },
      find: (id) => Promise.resolve(structuredClone(live(id))),
      async give({ id, record, code, uses, session }) {
        const taken = await Promise.all(uses.map(({ purpose, digest }) => beside.oneTime[purpose].take(digest)))
        const missing = uses.find((_, at) => taken[at] === undefined)
        if (missing !== undefined) return { outcome: 'used_up', purpose: missing.purpose }
        records.set(id, structuredClone(record))
        await authorizationCodes.issue(code.digest, code.record)
        if (session !== undefined) await beside.sessions.joined(session, record.clientId)
        return { outcome: 'given' }
      },
      async issue(id, tokens) {
        if (!isLive(id)) return 'ended'
        await keep(id, tokens)
        return 'issued'
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

type Keep = (authorizationId: string, tokens: IssuedTokens) => Promise<void>

function inMemoryAuthorizationCodeStore(
  isLive: (id: string) => boolean,
  keep: Keep,
): AuthorizationCodeStore & Breakable {
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
    async redeem(digest, earned) {
      const code = live(digest)
      if (code === undefined) return 'unknown'
      if (code.used) return 'reused'
      code.used = true
      if (earned !== undefined) await keep(code.record.authorizationId, earned)
      return 'redeemed'
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
  keepBeside: Keep,
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
    async rotate(digest, successorDigest, successor, now, grace, beside) {
      const token = live(digest, now)
      if (token === undefined) return 'unknown'
      const before = token.rotatedAt
      if (before !== undefined && (grace <= 0 || now >= before + grace)) return 'reused'
      token.rotatedAt ??= now
      keep(successorDigest, successor)
      if (beside !== undefined) await keepBeside(successor.authorizationId, beside)
      return before === undefined ? 'rotated' : 'repeated'
    },
    revoke(digest, clientId) {
      if (live(digest, clock.now())?.record.clientId !== clientId) return Promise.resolve('unknown')
      tokens.delete(digest)
      return Promise.resolve('revoked')
    },
  })
}
