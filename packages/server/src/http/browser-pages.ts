import type { AccessTokenVerifier, AuthorizationEndpoint } from '@holdfast/core'
import type { Exchange } from '@holdfast/edge'
import type { Log } from '../log/create-log.ts'
import type { EndSession } from '../people/end-session.ts'
import type { GuessLimit } from '../people/guess-limit.ts'
import { StoreUnavailableError } from '../store/store-unavailable-error.ts'
import { browserAccount } from './browser-account.ts'
import type { BrowserAnswer } from './browser-answer.ts'
import { browserApproval } from './browser-approval.ts'
import { browserAuthorize } from './browser-authorize.ts'
import { browserConsent } from './browser-consent.ts'
import { browserDevice } from './browser-device.ts'
import { createBrowserLogin } from './browser-login.ts'
import type { BrowserLogin } from './browser-login.ts'
import { createBrowserLogout } from './browser-logout.ts'
import { readBrowserRequest } from './browser-request.ts'
import { errorAnswer, receiveVisit } from './browser-site.ts'
import type { BrowserSite, Visit } from './browser-site.ts'
import type { GrantDecoupled } from './grant-decoupled.ts'
import type { LoginWays, PasskeyAdding } from './login-ways.ts'
import type { Route } from './routes.ts'

export interface BrowserPagesOptions {
  readonly site: BrowserSite
  readonly issuer: string
  readonly endpoint: () => AuthorizationEndpoint | undefined
  readonly ways: () => LoginWays
  readonly passkeys: () => PasskeyAdding | undefined
  readonly endSession: EndSession
  readonly grant: GrantDecoupled
  readonly guesses: GuessLimit
  readonly verifier: AccessTokenVerifier
  readonly log: Pick<Log, 'unexpected'>
  /** Bytes. */
  readonly bodyLimit: number
}

/** Every page that people see, by its path; none is found on a host that asks for certificates. */
export function browserPages(options: BrowserPagesOptions): {
  readonly routes: Readonly<Record<string, Route>>
  readonly login: BrowserLogin
} {
  const { site, endpoint, endSession, grant, guesses } = options
  const login = createBrowserLogin(site, endpoint, options.ways, endSession)
  const logout = createBrowserLogout(site, options.issuer, options.verifier, endSession)
  const withEndpoint =
    (page: (site: BrowserSite, endpoint: AuthorizationEndpoint, visit: Visit) => Promise<BrowserAnswer>): Page =>
    async (visit) => {
      const there = endpoint()
      return there === undefined ? errorAnswer(site, visit, 404, 'error-not-found') : page(site, there, visit)
    }

  const both = (endpointName: string, page: Page): Route => {
    const serve = servePage(options, endpointName, page)
    return { endpoint: endpointName, methods: { GET: { kind: 'exchange', serve }, POST: { kind: 'exchange', serve } } }
  }
  return {
    login,
    routes: {
      '/authorize': both('authorization', withEndpoint(browserAuthorize)),
      '/login': both('login', (visit) => (visit.request.method === 'POST' ? login.take(visit) : login.show(visit))),
      '/consent': both('consent', withEndpoint(browserConsent)),
      '/device': both('device', (visit) => browserDevice(site, login, guesses, grant, visit)),
      '/approve': both('approval', (visit) => browserApproval(site, login, grant, visit)),
      '/account': both('account', (visit) => browserAccount(site, login, endSession, options.passkeys(), visit)),
      '/logout': both('logout', (visit) => logout.ask(visit)),
      '/logout/confirm': {
        endpoint: 'logout',
        methods: { POST: { kind: 'exchange', serve: servePage(options, 'logout', (visit) => logout.confirm(visit)) } },
      },
    },
  }
}

export type Page = (visit: Visit) => Promise<BrowserAnswer>

/** Serves a page; what is not foreseen becomes a page, too, and its cause is in the log. */
export function servePage(
  { site, bodyLimit, log }: Pick<BrowserPagesOptions, 'site' | 'bodyLimit' | 'log'>,
  where: string,
  page: Page,
): (exchange: Exchange, correlationId: string) => Promise<BrowserAnswer> {
  return async (exchange, correlationId) => {
    const request = await readBrowserRequest(exchange, correlationId, bodyLimit)
    let visit: Visit | undefined
    try {
      visit = await receiveVisit(site, request)
      return await page(visit)
    } catch (cause) {
      log.unexpected({ correlationId, where, cause })
      const away = cause instanceof StoreUnavailableError
      const nobody: Visit = { request, browser: '', session: undefined, sessionToken: undefined, cookies: [] }
      const answer = errorAnswer(
        site,
        visit ?? nobody,
        away ? 503 : 500,
        away ? 'error-unavailable' : 'error-unexpected',
      )
      return away ? { ...answer, headers: { ...answer.headers, 'retry-after': '5' } } : answer
    }
  }
}
