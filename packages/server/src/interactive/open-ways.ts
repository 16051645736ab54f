import type { BrowserAnswer } from '../http/browser-answer.ts'
import type { BrowserLogin } from '../http/browser-login.ts'
import type { BrowserSite, Visit } from '../http/browser-site.ts'
import type { LoginWays, PasskeyAdding } from '../http/login-ways.ts'
import { createHeaderLogin } from '../people/header-login.ts'
import type { PeopleBasis } from './open-people.ts'

/** The ways to log in, and the pages that belong to some of them. */
export interface OpenedWays {
  readonly ways: LoginWays
  readonly adding: PasskeyAdding | undefined
  readonly further: Readonly<
    Record<
      string,
      { readonly endpoint: string; readonly page: (visit: Visit, login: BrowserLogin) => Promise<BrowserAnswer> }
    >
  >
}

/** Loads what the configured ways need, and nothing of the others. */
export async function openWays(basis: PeopleBasis, site: BrowserSite): Promise<OpenedWays> {
  const { people } = basis.configuration()
  return {
    ways: {
      password: people?.password === 'off' ? 'no' : 'yes',
      passkeys: undefined,
      upstream: [],
      certificate: undefined,
      header:
        people?.header && createHeaderLogin(people.header.name, people.header.unknownPeople, site.people, basis.random),
    },
    adding: undefined,
    further: {},
  }
}
