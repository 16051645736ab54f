import { randomUUID } from 'node:crypto'
import { systemClock } from '../adapter/system-clock.ts'
import { clientSecretHash } from '../client-secret/client-secret-hash.ts'
import type { Configuration } from '../config/configuration.ts'
import { openStore } from '../store/open-store.ts'
import type { ListedPerson, PeopleRegister } from './open-people-register.ts'
import { createPeopleDirectory } from './people-directory.ts'
import type { KnownPerson } from './people-directory.ts'
import { displayName, normalizedName } from './person.ts'
import type { Person } from './person.ts'

/** Opens the store and makes the register on it. Rejects as the store does. */
export async function createPeopleRegister(configuration: Configuration): Promise<PeopleRegister> {
  const store = await openStore(configuration, systemClock)
  const stores = await store.people()
  const users = stores.users<Person>()
  const people = createPeopleDirectory(() => configuration.people?.users ?? new Map<string, Person>(), users)

  const named = async (name: string): Promise<KnownPerson | undefined> =>
    (await people.findByLogin({ kind: 'name', value: normalizedName(name) })) ?? (await people.find(name))

  const listed = async (): Promise<readonly ListedPerson[]> => {
    const all: ListedPerson[] = []
    for (let after: string | undefined; ;) {
      const page = await users.list(after, pageLength)
      for (const { subject, user } of page) {
        // Of people in the configuration the store has only what they added themselves.
        if (configuration.people?.users.has(subject) === true) continue
        all.push({
          subject,
          userName: user.userName,
          name: displayName(user, subject),
          ways: waysOf(user),
          disabled: user.disabled === true,
        })
      }
      after = page.at(-1)?.subject
      if (page.length < pageLength || after === undefined) return all
    }
  }

  return {
    list: listed,
    close: () => store.close(),
    add: async ({ userName, password, subject = randomUUID(), claims }) => {
      const passwordHash = password === undefined ? undefined : await clientSecretHash(password)
      const person: Person = {
        userName,
        claims,
        passkeys: [],
        upstream: [],
        certificates: [],
        ...(passwordHash === undefined ? {} : { passwordHash }),
      }
      if ((await named(userName)) !== undefined || (await people.find(subject)) !== undefined)
        return { outcome: 'login_taken' }
      const saved = await people.change({ subject, person, source: 'store', version: 0 }, person)
      return saved === 'saved' ? { outcome: 'added', subject } : { outcome: 'login_taken' }
    },
    setPassword: async (name, password) => {
      const known = await named(name)
      if (known === undefined) return 'unknown'
      if (known.source === 'configuration') return 'configured'
      const passwordHash = await clientSecretHash(password)
      if ((await people.change(known, { ...known.person, passwordHash })) !== 'saved') return 'conflict'
      await stores.sessions.endAll(known.subject)
      return 'changed'
    },
    remove: async (name) => {
      const known = await named(name)
      if (known === undefined) return 'unknown'
      if (known.source === 'configuration') return 'configured'
      await users.remove(known.subject)
      await stores.sessions.endAll(known.subject)
      for (;;) {
        const theirs = await stores.authorizations.ofSubject(known.subject, pageLength)
        for (const { id } of theirs) await stores.authorizations.revoke(id)
        if (theirs.length < pageLength) return 'removed'
      }
    },
  }
}

function waysOf(person: Person): ListedPerson['ways'] {
  return [
    ...(person.passwordHash === undefined ? [] : (['password'] as const)),
    ...(person.totp === undefined ? [] : (['code'] as const)),
    ...(person.passkeys.length === 0 ? [] : (['passkey'] as const)),
    ...(person.upstream.length === 0 ? [] : (['upstream'] as const)),
    ...(person.certificates.length === 0 ? [] : (['certificate'] as const)),
  ]
}

const pageLength = 100
