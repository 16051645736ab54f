import type {
  AuthenticationEvent,
  Clock,
  LoginSession,
  OpaqueTokens,
  Random,
  SessionRecord,
  SessionStore,
} from '@holdfast/core'
import { displayName } from './person.ts'
import type { KnownPerson, PeopleDirectory } from './people-directory.ts'

/** Login sessions as browsers have them: a token in a cookie. Its digest alone is kept. */
export interface LoginSessions {
  /** The live session, prolonged by its use; `undefined` also when the person may not log in any more. */
  find(token: string | undefined): Promise<LiveSession | undefined>
  /** Begins a session with a new token, and ends the one that the browser had: a token from before the login opens nothing. */
  begin(subject: string, authentication: AuthenticationEvent, before: string | undefined): Promise<BegunSession>
  end(token: string | undefined): Promise<SessionRecord | undefined>
}

export interface BegunSession {
  /** For the cookie. */
  readonly token: string
  readonly sessionId: string
}

export interface LiveSession {
  readonly login: LoginSession
  readonly record: SessionRecord
  readonly known: KnownPerson
  /** For pages. */
  readonly name: string
}

export interface SessionLifetimes {
  /** Seconds without use. */
  readonly idle: number
  /** Seconds from the login. */
  readonly absolute: number
}

export function createLoginSessions(
  store: SessionStore,
  people: PeopleDirectory,
  tokens: OpaqueTokens & Random,
  clock: Clock,
  lifetimes: () => SessionLifetimes,
): LoginSessions {
  const endsAt = (createdAt: number): number => {
    const { idle, absolute } = lifetimes()
    return Math.min(clock.now() + idle, createdAt + absolute)
  }
  return {
    find: async (token) => {
      if (token === undefined) return undefined
      const digest = tokens.digest(token)
      const record = await store.find(digest)
      if (record === undefined || record.expiresAt <= clock.now()) return undefined
      if (clock.now() >= record.createdAt + lifetimes().absolute) return undefined
      const known = await people.find(record.subject)
      if (known === undefined || known.person.disabled === true) return undefined
      const prolonged = endsAt(record.createdAt)
      if (prolonged - record.expiresAt > lifetimes().idle / writesPerIdleTime)
        await store.replace(digest, { ...record, expiresAt: prolonged })
      const { sessionId, subject, authentication } = record
      const login = { digest, sessionId, subject, authentication }
      return { login, record, known, name: displayName(known.person, subject) }
    },
    begin: async (subject, authentication, before) => {
      const { token, digest } = tokens.create()
      const createdAt = clock.now()
      const previous = before === undefined ? undefined : await store.end(tokens.digest(before))
      // The same person once more, to prove it afresh: his applications know the session by its `sid`.
      const same = previous?.subject === subject
      const sessionId = same ? previous.sessionId : tokens.identifier()
      await store.begin(digest, {
        sessionId,
        subject,
        authentication,
        clients: same ? previous.clients : [],
        createdAt,
        expiresAt: endsAt(createdAt),
      })
      return { token, sessionId }
    },
    end: async (token) => (token === undefined ? undefined : store.end(tokens.digest(token))),
  }
}

/** A session in use is written this often within its idle time, not at every request. */
const writesPerIdleTime = 20
