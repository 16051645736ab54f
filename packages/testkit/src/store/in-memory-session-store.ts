import type { SessionRecord, SessionStore } from '@holdfast/core'
import { type Breakable, breakable } from './breakable.ts'

/** Keeps login sessions in memory. */
export function inMemorySessionStore(clock: { now(): number }): SessionStore & Breakable {
  const sessions = new Map<string, SessionRecord>()
  const live = (digest: string): SessionRecord | undefined => {
    const record = sessions.get(digest)
    return record !== undefined && record.expiresAt > clock.now() ? record : undefined
  }
  const of = (subject: string): readonly (readonly [string, SessionRecord])[] =>
    [...sessions]
      .filter(([digest, record]) => record.subject === subject && live(digest) !== undefined)
      .toReversed()
      .toSorted(([, a], [, b]) => b.createdAt - a.createdAt)
  return breakable<SessionStore>({
    begin(digest, record) {
      sessions.set(digest, structuredClone(record))
      return Promise.resolve()
    },
    find: (digest) => Promise.resolve(structuredClone(live(digest))),
    replace(digest, record) {
      const before = live(digest)
      if (before === undefined) return Promise.resolve(false)
      const clients = [...new Set([...before.clients, ...record.clients])]
      sessions.set(digest, structuredClone({ ...record, clients }))
      return Promise.resolve(true)
    },
    joined(sessionId, clientId) {
      for (const [digest, record] of sessions) {
        if (record.sessionId !== sessionId || record.clients.includes(clientId)) continue
        sessions.set(digest, { ...record, clients: [...record.clients, clientId] })
      }
      return Promise.resolve()
    },
    end(digest) {
      const record = live(digest)
      sessions.delete(digest)
      return Promise.resolve(record)
    },
    endOne(subject, sessionId) {
      const found = of(subject).find(([, record]) => record.sessionId === sessionId)
      if (found !== undefined) sessions.delete(found[0])
      return Promise.resolve(found?.[1])
    },
    ofSubject: (subject, limit) =>
      Promise.resolve(
        of(subject)
          .slice(0, limit)
          .map(([, record]) => structuredClone(record)),
      ),
    endAll(subject) {
      const ended = of(subject)
      for (const [digest] of ended) sessions.delete(digest)
      return Promise.resolve(ended.map(([, record]) => record))
    },
  })
}
