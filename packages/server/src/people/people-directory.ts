import type { LoginKey, PersonClaims, UserStore } from '@holdfast/core'
import { loginKeys } from './person.ts'
import type { Person } from './person.ts'

/** The people who can log in: those of the configuration, and those in the store. */
export interface PeopleDirectory extends PersonClaims {
  /** Also a disabled person. */
  find(subject: string): Promise<KnownPerson | undefined>
  findByLogin(key: LoginKey): Promise<KnownPerson | undefined>
  /** Keeps a changed person, if nobody changed him meanwhile. */
  change(known: KnownPerson, person: Person): Promise<'saved' | 'conflict' | 'login_taken'>
}

export interface KnownPerson {
  readonly subject: string
  readonly person: Person
  /** A person of the configuration keeps name, claims and password there; only what he adds himself is in the store. */
  readonly source: 'configuration' | 'store'
  /** Of the record in the store; 0 when there is none. */
  readonly version: number
}

/** Puts people of the configuration before those in the store. */
export function createPeopleDirectory(
  configured: () => ReadonlyMap<string, Person>,
  users: UserStore<Person>,
): PeopleDirectory {
  const subjects = (): ReadonlyMap<string, string> => {
    const people = configured()
    let index = indexes.get(people)
    if (index === undefined) {
      index = new Map(
        [...people].flatMap(([subject, person]) => loginKeys(person).map((key) => [nameOf(key), subject] as const)),
      )
      indexes.set(people, index)
    }
    return index
  }
  const indexes = new WeakMap<ReadonlyMap<string, Person>, ReadonlyMap<string, string>>()

  const find = async (subject: string): Promise<KnownPerson | undefined> => {
    const [fixed, stored] = [configured().get(subject), await users.find(subject)]
    if (fixed === undefined) return stored && { subject, person: stored.user, source: 'store', version: stored.version }
    if (stored === undefined) return { subject, person: fixed, source: 'configuration', version: 0 }
    const { totp, recovery, passkeys } = stored.user
    const added = {
      ...fixed,
      passkeys: [...fixed.passkeys, ...passkeys],
      ...(totp === undefined ? {} : { totp }),
      ...(recovery === undefined ? {} : { recovery }),
    }
    return { subject, person: added, source: 'configuration', version: stored.version }
  }

  return {
    find,
    findByLogin: async (key) => {
      const subject = subjects().get(nameOf(key)) ?? (await users.findByLogin(key))?.subject
      return subject === undefined ? undefined : find(subject)
    },
    change: ({ subject, source, version }, person) => {
      if (source === 'store') return users.save(subject, person, loginKeys(person), version)
      const { totp, recovery, passkeys } = person
      const own: Person = {
        claims: {},
        passkeys,
        upstream: [],
        certificates: [],
        ...(totp === undefined ? {} : { totp }),
        ...(recovery === undefined ? {} : { recovery }),
      }
      return users.save(subject, own, loginKeys(own), version)
    },
    claimsOf: async (subject) => {
      const known = await find(subject)
      return known === undefined || known.person.disabled === true ? undefined : claims(known.person)
    },
  }
}

function claims(person: Person): Readonly<Record<string, unknown>> {
  const { userName } = person
  return { ...(userName === undefined ? {} : { preferred_username: userName }), ...person.claims }
}

function nameOf({ kind, value }: LoginKey): string {
  return `${kind} ${value}`
}
