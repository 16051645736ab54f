import type {
  AccessTokenVerifier,
  Audit,
  AssertionVerifier,
  AuthorizationEndpoint,
  ClientAuthenticationPorts,
  Clock,
  ClientStore,
  OpaqueTokens,
  Random,
  ReplayStore,
  SecretVerifier,
  SessionRecord,
} from '@holdfast/core'
import type { DecoupledAuthorizationRecord } from '@holdfast/core'
import type { Configuration } from '../config/configuration.ts'
import { ConfigurationError } from '../configuration-error.ts'
import { placeProblems } from '../config/load-configuration.ts'
import { cookieNames } from '../http/browser-cookies.ts'
import { browserPages } from '../http/browser-pages.ts'
import type { BrowserSite } from '../http/browser-site.ts'
import { createGrantDecoupled } from '../http/grant-decoupled.ts'
import type { Route } from '../http/routes.ts'
import { loginApplicationRoutes } from '../http/serve-login-application.ts'
import type { MasterKey } from '../keys/master-key.ts'
import type { Log } from '../log/create-log.ts'
import { createEndSession } from '../people/end-session.ts'
import type { EndSession } from '../people/end-session.ts'
import { createGuessLimit } from '../people/guess-limit.ts'
import { createLoginSessions } from '../people/login-sessions.ts'
import { createOneTimeCodes } from '../people/one-time-code.ts'
import { createPasswordLogin } from '../people/password-login.ts'
import { createPeopleDirectory } from '../people/people-directory.ts'
import type { PeopleDirectory } from '../people/people-directory.ts'
import type { Person } from '../people/person.ts'
import { createRecoveryCodes } from '../people/recovery-codes.ts'
import { createSealedState } from '../people/sealed-state.ts'
import type { PeopleStores } from '../store/store.ts'
import { askingRoutes, loginRoutes } from './login-routes.ts'
import { openWays } from './open-ways.ts'
import type { OpenedWays } from './open-ways.ts'
import { siteLook } from './site-look.ts'

/** What the pages need of the rest of the server. */
export interface PeopleBasis {
  /** As it is now. */
  readonly configuration: () => Configuration
  readonly clients: () => ClientStore
  readonly authorization: () => AuthorizationEndpoint | undefined
  readonly masterKeys: readonly MasterKey[]
  readonly stores: PeopleStores
  readonly replays: ReplayStore
  readonly secrets: SecretVerifier
  readonly verifier: AccessTokenVerifier
  readonly assertions: AssertionVerifier
  /** What certificates are judged by, as it is now. */
  readonly trust: () => ClientAuthenticationPorts | undefined
  readonly random: Random & OpaqueTokens
  readonly clock: Clock
  readonly log: Log
  readonly audit: Audit
  /** Tells the clients of an ended session; answers how many. */
  readonly tellLogout: (ended: SessionRecord, correlationId: string) => Promise<number>
  /** Tells a client that waits for a decision that there is one. */
  readonly decided: (digest: string, record: DecoupledAuthorizationRecord) => Promise<void>
}

/** People: who they are, how they log in, and the pages that they see. */
export interface People {
  readonly claims: PeopleDirectory
  readonly routes: Readonly<Record<string, Route>>
  /** Of the host that asks people for certificates. */
  readonly asking: Readonly<Record<string, Route>>
  readonly endSession: EndSession
  /** Of a login application, on main and certificate hosts. */
  readonly backChannel: Readonly<Record<string, Route>>
  /** Makes the ways to log in of another version of the configuration ready; the answer switches over to them. */
  prepare(configuration: Configuration): Promise<() => void>
}

/** Puts the pages together. Throws a `ConfigurationError` for files of `ui` that are of no use. */
export async function openPeople(basis: PeopleBasis): Promise<People> {
  const { stores, clock, random } = basis
  const first = basis.configuration()
  const loaded = siteLook(first.ui, first.issuer)
  if (!loaded.ok) throw new ConfigurationError(placeProblems(first.source, loaded.failure))
  const { look, assets } = loaded.value
  const issuer = new URL(first.issuer)
  const https = issuer.protocol === 'https:' ? 'yes' : 'no'

  const nobody: ReadonlyMap<string, Person> = new Map()
  const people = createPeopleDirectory(() => basis.configuration().people?.users ?? nobody, stores.users<Person>())
  const lifetimes = (): { readonly idle: number; readonly absolute: number } => {
    const now = basis.configuration().people
    return { idle: now?.sessionIdle ?? 7200, absolute: now?.sessionLifetime ?? 43_200 }
  }
  const sealed = createSealedState(basis.masterKeys, clock)
  const guesses = createGuessLimit(stores.guesses, clock, (name) => sealed.proof('guess', name))
  const site: BrowserSite = {
    origin: issuer.origin,
    https,
    cookieNames: cookieNames(https),
    clock,
    tokens: random,
    sealed,
    people,
    sessions: createLoginSessions(stores.sessions, people, random, clock, lifetimes),
    sessionStore: stores.sessions,
    authorizations: stores.authorizations,
    decoupled: stores.decoupled,
    replays: basis.replays,
    passwords: createPasswordLogin(people, basis.secrets, guesses),
    codes: createOneTimeCodes(basis.masterKeys, basis.replays, guesses, clock),
    recovery: createRecoveryCodes(people, guesses),
    audit: basis.audit,
    look: () => look,
    client: async (clientId) => basis.clients().find(clientId),
  }
  const endSession = createEndSession({ ...stores, tell: basis.tellLogout, audit: basis.audit, clock })
  const grant = createGrantDecoupled(
    { ...stores, random, clock, audit: basis.audit },
    () => basis.configuration().authorization.authorizationLifetime,
    basis.decided,
  )
  let current = { configuration: first, opened: await openWays(first, basis, site) }
  const opened = (): OpenedWays => current.opened
  const bodyLimit = first.limits.bodyBytes
  const pages = browserPages({
    site,
    issuer: first.issuer,
    endpoint: basis.authorization,
    ways: () => opened().ways,
    passkeys: () => opened().adding,
    endSession,
    grant,
    guesses,
    verifier: basis.verifier,
    log: basis.log,
    bodyLimit,
  })
  const coming = loginRoutes({ site, log: basis.log, bodyLimit }, pages.login, opened)
  return {
    claims: people,
    endSession,
    routes: { ...pages.routes, ...assets.routes, ...coming },
    asking: askingRoutes(opened),
    backChannel: loginApplicationRoutes({ ...basis, current: () => opened().application }),
    prepare: async (configuration) => {
      const next = { configuration, opened: await openWays(configuration, basis, site, current) }
      return () => {
        current = next
      }
    },
  }
}
