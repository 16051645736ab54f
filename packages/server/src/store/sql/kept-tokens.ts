import type { IssuedTokens } from '@holdfast/core'
import { twoGenerationMap } from '../../cache/two-generation-map.ts'
import type { SqlInsert, SqlValue } from './sql.ts'

/** Which clients joined which sessions, as far as this process knows: none leaves before the session ends, and no session comes back. */
export interface KnownSessions {
  has(sessionId: string, clientId: string): boolean
  add(sessionId: string, clientId: string): void
}

export function knownSessions(): KnownSessions {
  const known = twoGenerationMap<true>(maximumKnown)
  const key = (sessionId: string, clientId: string): string => JSON.stringify([sessionId, clientId])
  return {
    has: (sessionId, clientId) => known.get(key(sessionId, clientId)) === true,
    add: (sessionId, clientId) => known.set(key(sessionId, clientId), true),
  }
}

/** What stands in the rows of tokens: the inserts are the same for all of one `form`. */
export interface KeptTokens {
  readonly form: string
  readonly values: readonly SqlValue[]
  /** `authorization` is SQL for its id, `from` the place of the first of our values. */
  inserts(authorization: string, from: number): readonly SqlInsert[]
  /** To be called once they are durable. */
  done(): void
}

/** The rows that are inserted for what is issued from an authorization; of a session that is known to have been joined, none. */
export function keptTokens(
  { accessToken, refreshToken, session }: Partial<IssuedTokens>,
  sessions: KnownSessions,
): KeptTokens {
  const joins = session !== undefined && !sessions.has(session.sessionId, session.clientId) ? session : undefined
  const self = accessToken !== undefined && 'jti' in accessToken ? accessToken : undefined
  const opaque = accessToken !== undefined && 'digest' in accessToken ? accessToken : undefined
  const values: SqlValue[] = []
  if (self !== undefined) values.push(self.jti, self.expiresAt)
  if (opaque !== undefined) {
    const { clientId, expiresAt } = opaque.record
    values.push(opaque.digest, clientId, expiresAt, JSON.stringify(opaque.record))
  }
  if (refreshToken !== undefined) {
    const { clientId, expiresAt } = refreshToken.record
    values.push(refreshToken.digest, clientId, expiresAt, JSON.stringify(refreshToken.record))
  }
  if (joins !== undefined) values.push(joins.sessionId, joins.clientId)
  return {
    form: `${self ? 'j' : ''}${opaque ? 'o' : ''}${refreshToken ? 'r' : ''}${joins ? 's' : ''}`,
    values,
    inserts(authorization, from) {
      let at = from
      const text = (): string => `cast($${at++} as text)`
      const number = (): string => `cast($${at++} as bigint)`
      const list: SqlInsert[] = []
      if (self !== undefined) list.push({ into: issuedToken, select: `${authorization}, ${text()}, ${number()}` })
      if (opaque !== undefined) {
        list.push({ into: accessTokens, select: `${authorization}, ${text()}, ${text()}, ${number()}, ${text()}` })
      }
      if (refreshToken !== undefined) {
        list.push({ into: refreshTokens, select: `0, ${authorization}, ${text()}, ${text()}, ${number()}, ${text()}` })
      }
      if (joins !== undefined) list.push(joinedSession(at, `$${at + 1}`))
      return list
    },
    done() {
      if (joins !== undefined) sessions.add(joins.sessionId, joins.clientId)
    },
  }
}

/** The row by which a client is told of the end of a session, while that goes on; `session` is a place, `client` SQL. */
export function joinedSession(session: number, client: string): SqlInsert {
  return {
    into: 'session_client (session_id, client_id)',
    select: `cast($${session} as text), cast(${client} as text)`,
    where: `exists (select 1 from login_session where session_id = $${session})`,
    conflict: 'on conflict (session_id, client_id) do nothing',
  }
}

const issuedToken = 'issued_token (authorization_id, jti, expires_at)'
const accessTokens = 'access_token (authorization_id, digest, client_id, expires_at, record)'
const refreshTokens = 'refresh_token (rotations, authorization_id, digest, client_id, expires_at, record)'

/** About 5 MB. */
const maximumKnown = 20_000
