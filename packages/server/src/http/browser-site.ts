import type {
  Audit,
  AuthorizationStore,
  Clock,
  DecoupledAuthorizationStore,
  OpaqueTokens,
  Random,
  RegisteredClient,
  ReplayStore,
  SessionStore,
} from '@holdfast/core'
import { acceptedLanguages, chooseLanguage, errorPage } from '@holdfast/ui'
import type { ClientView, Language, PageContext, TextKey } from '@holdfast/ui'
import type { LiveSession, LoginSessions } from '../people/login-sessions.ts'
import type { OneTimeCodes } from '../people/one-time-code.ts'
import type { PasswordLogin } from '../people/password-login.ts'
import type { PeopleDirectory } from '../people/people-directory.ts'
import type { RecoveryCodes } from '../people/recovery-codes.ts'
import type { SealedState } from '../people/sealed-state.ts'
import { pageAnswer, withCookies } from './browser-answer.ts'
import type { BrowserAnswer } from './browser-answer.ts'
import { cookieLine } from './browser-cookies.ts'
import type { CookieNames } from './browser-cookies.ts'
import { field } from './browser-request.ts'
import type { BrowserRequest } from './browser-request.ts'

/** What all pages lean on. */
export interface BrowserSite {
  /** Of the issuer. */
  readonly origin: string
  readonly https: 'yes' | 'no'
  readonly cookieNames: CookieNames
  readonly clock: Clock
  readonly tokens: OpaqueTokens & Random
  readonly sealed: SealedState
  readonly people: PeopleDirectory
  readonly sessions: LoginSessions
  readonly sessionStore: SessionStore
  readonly authorizations: AuthorizationStore
  readonly decoupled: DecoupledAuthorizationStore
  readonly replays: ReplayStore
  readonly passwords: PasswordLogin
  readonly codes: OneTimeCodes
  readonly recovery: RecoveryCodes
  readonly audit: Audit
  /** As configured now. */
  readonly look: () => SiteLook
  readonly client: (clientId: string) => Promise<RegisteredClient | undefined>
}

/** How pages look and speak, as configured. */
export interface SiteLook {
  readonly serviceName: string
  readonly languages: readonly Language[]
  readonly logo?: string
  readonly policyUri?: string
  readonly tosUri?: string
  readonly template?: string
  readonly styleVersion: string
  /** The operator's words for scopes, by scope and language. */
  readonly scopes: ReadonlyMap<string, Readonly<Record<string, string>>>
}

/** One request of a browser, with whom we know it to be. */
export interface Visit {
  readonly request: BrowserRequest
  /** Of this browser: what is sealed for it opens nowhere else. */
  readonly browser: string
  readonly session: LiveSession | undefined
  readonly sessionToken: string | undefined
  /** For every answer. */
  readonly cookies: readonly string[]
}

/** Finds out who is there. */
export async function receiveVisit(site: BrowserSite, request: BrowserRequest): Promise<Visit> {
  const known = request.cookies.get(site.cookieNames.browser)
  const browser = known !== undefined && /^[A-Za-z0-9_-]{32,100}$/.test(known) ? known : undefined
  const fresh = browser ?? site.tokens.create().token
  const language = request.parameters.get('lang')
  const sessionToken = request.cookies.get(site.cookieNames.session)
  return {
    request,
    browser: fresh,
    session: await site.sessions.find(sessionToken),
    sessionToken,
    cookies: [
      ...(browser === undefined ? [cookieLine(site.cookieNames.browser, fresh, site.https)] : []),
      ...(language !== null && site.look().languages.some(({ tag }) => tag === language)
        ? [cookieLine(site.cookieNames.language, language, site.https, oneYear)]
        : []),
    ],
  }
}

/** The cookie of a session that just began. */
export function sessionCookie(site: BrowserSite, token: string): string {
  return cookieLine(site.cookieNames.session, token, site.https)
}

/** Takes the session's cookie away. */
export function noSessionCookie(site: BrowserSite): string {
  return cookieLine(site.cookieNames.session, '', site.https, 0)
}

/**
 * Whether a form came from a page of ours that was shown to this browser, and, where `binding` says so, in this login. The origin
 * is compared where the browser says it; the token is asked for always.
 */
export function cameFromOurPage(site: BrowserSite, visit: Visit, binding: 'browser' | 'session'): boolean {
  const { request } = visit
  const origin = request.header('origin')
  const host = request.header(':authority') ?? request.header('host')
  if (origin !== undefined && origin !== site.origin && origin !== `https://${host}`) return false
  const fetchSite = request.header('sec-fetch-site')
  if (fetchSite !== undefined && fetchSite !== 'same-origin') return false
  return site.sealed.isProof('form', formBinding(visit, binding), field(request, 'csrf'))
}

export interface PageOptions {
  /** The address of this page by GET; languages lead there. Absent where it cannot be asked for again. */
  readonly address?: string
  readonly wishes?: readonly string[]
  readonly binding: 'browser' | 'session'
}

/** What a page has in common with all others, for this visit. */
export function pageContext(
  site: BrowserSite,
  visit: Visit,
  { address, wishes = [], binding }: PageOptions,
): PageContext {
  const { languages, scopes: _, ...look } = site.look()
  const { request } = visit
  const chosen = [request.parameters.get('lang'), request.cookies.get(site.cookieNames.language)]
  const language = chooseLanguage(languages, [
    ...chosen.filter((tag) => typeof tag === 'string'),
    ...wishes,
    ...acceptedLanguages(request.header('accept-language')),
  ])
  const others = address === undefined ? [] : languages.filter(({ tag }) => tag !== language.tag)
  return {
    ...look,
    language,
    otherLanguages: others.map(({ tag, texts }) => ({
      tag,
      name: texts['language-name'],
      href: `${address}${address?.includes('?') === true ? '&' : '?'}lang=${encodeURIComponent(tag)}`,
    })),
    csrf: site.sealed.proof('form', formBinding(visit, binding)),
  }
}

/** A page that says what did not work. It leads nowhere. */
export function errorAnswer(
  site: BrowserSite,
  visit: Visit,
  status: number,
  what: Extract<TextKey, `error-${string}`>,
  told: { readonly code?: string; readonly description?: string } = {},
): BrowserAnswer {
  const context = pageContext(site, visit, { binding: 'browser' })
  const body = errorPage(context, { what, reference: visit.request.correlationId, ...told })
  return withCookies(pageAnswer(status, body), visit.cookies)
}

/** What a person is told about a client, also about one that is gone. */
export async function clientView(site: BrowserSite, clientId: string): Promise<ClientView> {
  const client = await site.client(clientId)
  return { clientId, ...(client?.clientName === undefined ? {} : { name: client.clientName }) }
}

/** The operator's words for a scope in this language. */
export function scopeDescription(site: BrowserSite, context: PageContext, scope: string): string | undefined {
  const words = site.look().scopes.get(scope)
  return words?.[context.language.tag] ?? Object.values(words ?? {})[0]
}

function formBinding({ browser, session }: Visit, binding: 'browser' | 'session'): string {
  return binding === 'session' ? `${browser} ${session?.login.digest ?? ''}` : browser
}

const oneYear = 31_536_000
