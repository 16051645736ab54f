import type { Configuration } from '../config/configuration.ts'

/** People in the store of a configuration, for operators. Changes hold at once in every running server. */
export interface PeopleRegister {
  /** `login_taken`: somebody has this name or address. */
  add(
    person: NewPerson,
  ): Promise<{ readonly outcome: 'added'; readonly subject: string } | { readonly outcome: 'login_taken' }>
  /** The people in the store, by subject. */
  list(): Promise<readonly ListedPerson[]>
  /** Another password; his logins end. `configured`: it stands in the configuration. */
  setPassword(name: string, password: string): Promise<'changed' | 'unknown' | 'configured' | 'conflict'>
  /** Removes the person, with his logins and all that he allowed. */
  remove(name: string): Promise<'removed' | 'unknown' | 'configured'>
  close(): Promise<void>
}

export interface NewPerson {
  readonly userName: string
  /** `undefined`: he logs in otherwise. */
  readonly password: string | undefined
  readonly subject: string | undefined
  /** By the names of OpenID Connect Core §5.1. */
  readonly claims: Readonly<Record<string, unknown>>
}

export interface ListedPerson {
  readonly subject: string
  readonly userName: string | undefined
  readonly name: string
  readonly ways: readonly ('password' | 'code' | 'passkey' | 'upstream' | 'certificate')[]
  readonly disabled: boolean
}

/** Opens the register; nothing of it is loaded before. Rejects as the store does. */
export async function openPeopleRegister(configuration: Configuration): Promise<PeopleRegister> {
  const { createPeopleRegister } = await import('./people-register.ts')
  return createPeopleRegister(configuration)
}
