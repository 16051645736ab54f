import type { LoginKey, StoredUser, UserStore } from '@holdfast/core'
import { type Breakable, breakable } from './breakable.ts'

/** Keeps people in memory. */
export function inMemoryUserStore<User>(): UserStore<User> & Breakable {
  const users = new Map<string, StoredUser<User>>()
  const logins = new Map<string, string>()
  const nameOf = ({ kind, value }: LoginKey): string => JSON.stringify([kind, value])
  const forget = (subject: string): void => {
    for (const [name, owner] of logins) if (owner === subject) logins.delete(name)
  }
  return breakable<UserStore<User>>({
    find: (subject) => Promise.resolve(structuredClone(users.get(subject))),
    findByLogin: (key) => Promise.resolve(structuredClone(users.get(logins.get(nameOf(key)) ?? ''))),
    save(subject, user, keys, expected) {
      if ((users.get(subject)?.version ?? 0) !== expected) return Promise.resolve('conflict')
      const names = keys.map(nameOf)
      if (names.some((name) => (logins.get(name) ?? subject) !== subject)) return Promise.resolve('login_taken')
      forget(subject)
      for (const name of names) logins.set(name, subject)
      users.set(subject, { subject, version: expected + 1, user: structuredClone(user) })
      return Promise.resolve('saved')
    },
    remove(subject) {
      forget(subject)
      return Promise.resolve(users.delete(subject))
    },
    list: (after, limit) =>
      Promise.resolve(
        [...users.values()]
          .filter(({ subject }) => after === undefined || subject > after)
          .toSorted((a, b) => (a.subject < b.subject ? -1 : 1))
          .slice(0, limit)
          .map((user) => structuredClone(user)),
      ),
  })
}
