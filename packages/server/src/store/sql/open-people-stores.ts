import type { Clock } from '@holdfast/core'
import type { PeopleStores } from '../store.ts'
import { knownSessions } from './kept-tokens.ts'
import { sqlAuthorizationCodeStore } from './sql-authorization-code-store.ts'
import { sqlAuthorizationStore } from './sql-authorization-store.ts'
import { sqlClientRegistrationStore } from './sql-client-registration-store.ts'
import { sqlDecoupledAuthorizationStore } from './sql-decoupled-authorization-store.ts'
import { sqlGuessStore } from './sql-guess-store.ts'
import { sqlOneTimeStore } from './sql-one-time-store.ts'
import { sqlOutbox } from './sql-outbox.ts'
import { sqlRefreshTokenStore } from './sql-refresh-token-store.ts'
import { sqlSessionStore } from './sql-session-store.ts'
import { sqlUserStore } from './sql-user-store.ts'
import type { Sql } from './sql.ts'

/** The stores behind people's authorizations, on either database. Nothing is prepared before it is used. */
export function openPeopleStores(sql: Sql, clock: Clock): PeopleStores {
  const joined = knownSessions()
  return {
    authorizations: sqlAuthorizationStore(sql, clock, joined),
    authorizationCodes: sqlAuthorizationCodeStore(sql, clock, joined),
    refreshTokens: sqlRefreshTokenStore(sql, clock, joined),
    decoupled: sqlDecoupledAuthorizationStore(sql, clock),
    sessions: sqlSessionStore(sql, clock),
    clients: sqlClientRegistrationStore(sql),
    guesses: sqlGuessStore(sql),
    oneTime: <Entry>(purpose: string) => sqlOneTimeStore<Entry>(sql, clock, purpose),
    outbox: <Message>(purpose: string) => sqlOutbox<Message>(sql, purpose),
    users: <User>() => sqlUserStore<User>(sql),
  }
}
