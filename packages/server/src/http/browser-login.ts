import type { AuthenticationEvent, AuthorizationEndpoint, AuthorizationStep } from '@holdfast/core'
import { loginPage, secondFactorPage } from '@holdfast/ui'
import type { ClientView, TextKey } from '@holdfast/ui'
import type { KnownPerson } from '../people/people-directory.ts'
import type { PasswordFailure } from '../people/password-login.ts'
import { formTarget, pageAnswer, seeOther, withCookies } from './browser-answer.ts'
import type { BrowserAnswer } from './browser-answer.ts'
import { answerStep } from './browser-authorize.ts'
import { field } from './browser-request.ts'
import { cameFromOurPage, errorAnswer, pageContext, sessionCookie } from './browser-site.ts'
import type { BrowserSite, Visit } from './browser-site.ts'
import { readTicket, writeTicket } from './browser-ticket.ts'
import type { Ticket } from './browser-ticket.ts'
import type { LoginWays } from './login-ways.ts'

/** The login pages, and what is common to all ways of logging in. */
export interface BrowserLogin {
  /** GET /login. */
  show(visit: Visit): Promise<BrowserAnswer>
  /** POST /login. */
  take(visit: Visit): Promise<BrowserAnswer>
  /** To the login, and back to a page of ours afterwards. */
  before(visit: Visit, address: string): BrowserAnswer
  /** A person has logged in: begins his session and goes on with what the ticket says. */
  finish(
    visit: Visit,
    ticketText: string,
    known: KnownPerson,
    authentication: AuthenticationEvent,
  ): Promise<BrowserAnswer>
  /** The login page once more, with what went wrong. */
  again(visit: Visit, ticketText: string | undefined, error: LoginError, username?: string): Promise<BrowserAnswer>
}

export interface LoginError {
  readonly key: TextKey
  readonly values?: Readonly<Record<string, string>>
  readonly status: number
}

export function createBrowserLogin(
  site: BrowserSite,
  endpoint: () => AuthorizationEndpoint | undefined,
  ways: () => LoginWays,
): BrowserLogin {
  const resume = async (
    visit: Visit,
    ticket: Ticket,
    kind: 'logged_in' | 'cancelled' = 'logged_in',
  ): Promise<AuthorizationStep | undefined> =>
    ticket.kind === 'page'
      ? undefined
      : endpoint()?.resume(ticket.interaction, visit.session?.login, { kind }, visit.request.correlationId)

  const page = (
    visit: Visit,
    ticketText: string,
    step: Extract<AuthorizationStep, { kind: 'login' }> | undefined,
    error: LoginError | undefined,
    username: string | undefined,
  ): BrowserAnswer => {
    const offered = ways()
    const context = pageContext(site, visit, {
      address: `/login?ticket=${ticketText}`,
      wishes: step?.uiLocales ?? wishes(visit),
      binding: 'browser',
    })
    const name = username ?? step?.loginHint ?? visit.session?.known.person.userName
    const passkey = offered.passkeys?.loginOptions(visit.browser)
    const body = loginPage(context, {
      ...(step === undefined ? {} : { client: clientOf(step) }),
      action: '/login',
      ticket: ticketText,
      ...(name === undefined ? {} : { username: name }),
      again: step?.forced === true && visit.session !== undefined ? 'yes' : 'no',
      password: offered.password,
      certificate: offered.certificate === undefined ? 'no' : 'yes',
      upstream: offered.upstream.map(({ name: provider, label }) => ({ name: provider, label })),
      ...(passkey === undefined ? {} : { passkey }),
      ...(error === undefined ? {} : { error }),
    })
    const targets = [
      step?.client.redirectUri,
      ...offered.upstream.map(({ origin }) => origin),
      offered.certificate?.origin,
    ]
    return withCookies(
      pageAnswer(error?.status ?? 200, body, {
        formsLeadTo: targets.flatMap((uri) => (uri === undefined ? [] : (formTarget(uri) ?? []))),
        ...(passkey === undefined ? {} : { scripts: 'own' }),
      }),
      visit.cookies,
    )
  }

  const show = async (
    visit: Visit,
    ticketText: string | undefined,
    error?: LoginError,
    username?: string,
  ): Promise<BrowserAnswer> => {
    const ticket = readTicket(site, visit, ticketText)
    if (ticket === undefined || ticketText === undefined) return errorAnswer(site, visit, 400, 'error-interaction')
    if (visit.session === undefined && error === undefined) {
      const named = await ways().header?.person(visit.request.exchange.request.rawHeaders)
      // What the application in front asked for is not known here.
      if (named !== undefined) return finish(visit, ticketText, named, { time: site.clock.now(), amr: [] })
    }
    if (ticket.kind === 'page') {
      if (visit.session !== undefined && error === undefined) return seeOther(ticket.address, visit.cookies)
      return page(visit, ticketText, undefined, error, username)
    }
    const step = await resume(visit, ticket)
    if (step === undefined) return errorAnswer(site, visit, 404, 'error-not-found')
    return step.kind === 'login' ? page(visit, ticketText, step, error, username) : answerStep(site, visit, step)
  }

  const finish: BrowserLogin['finish'] = async (visit, ticketText, known, authentication) => {
    const ticket = readTicket(site, visit, ticketText)
    if (ticket === undefined) return errorAnswer(site, visit, 400, 'error-interaction')
    const token = await site.sessions.begin(known.subject, authentication, visit.sessionToken)
    site.log.personLoggedIn({
      correlationId: visit.request.correlationId,
      subject: known.subject,
      amr: authentication.amr,
    })
    const cookies = [sessionCookie(site, token)]
    if (ticket.kind === 'page') return seeOther(ticket.address, [...visit.cookies, ...cookies])
    const now: Visit = { ...visit, session: await site.sessions.find(token), sessionToken: token }
    const step = await resume(now, ticket)
    if (step === undefined) return errorAnswer(site, visit, 404, 'error-not-found')
    return answerStep(site, now, step, cookies)
  }

  const password = async (visit: Visit, ticketText: string, ticket: Ticket): Promise<BrowserAnswer> => {
    const username = field(visit.request, 'username')
    const typed = field(visit.request, 'password')
    if (username === undefined || typed === undefined)
      return show(visit, ticketText, { key: 'login-missing', status: 400 }, username)
    const checked = await site.passwords.check(username, typed, visit.request.address)
    if (!checked.ok) {
      const { told: _, ...failure } = checked.failure
      site.log.loginRefused({ correlationId: visit.request.correlationId, way: 'password', failure })
      return show(visit, ticketText, passwordError(checked.failure), username)
    }
    const known = checked.value
    const authentication = { time: site.clock.now(), amr: ['pwd'] }
    if (known.person.totp === undefined) return finish(visit, ticketText, known, authentication)
    const step = await resume(visit, ticket)
    const uri = step?.kind === 'login' ? step.client.redirectUri : undefined
    const state = { subject: known.subject, leadsTo: uri === undefined ? undefined : formTarget(uri) }
    const pending = site.sealed.seal(`pending ${visit.browser}`, state, pendingLifetime)
    return secondFactor(visit, ticketText, pending, state.leadsTo)
  }

  const secondFactor = (
    visit: Visit,
    ticketText: string,
    pending: string,
    leadsTo: unknown,
    error?: LoginError,
  ): BrowserAnswer => {
    const context = pageContext(site, visit, { wishes: wishes(visit), binding: 'browser' })
    const body = secondFactorPage(context, {
      action: '/login',
      ticket: ticketText,
      pending,
      ...(error === undefined ? {} : { error }),
    })
    const formsLeadTo = typeof leadsTo === 'string' ? [leadsTo] : []
    return withCookies(pageAnswer(error?.status ?? 200, body, { formsLeadTo }), visit.cookies)
  }

  const code = async (visit: Visit, ticketText: string): Promise<BrowserAnswer> => {
    const pending = field(visit.request, 'pending')
    const state = site.sealed.open(`pending ${visit.browser}`, pending)
    const known = typeof state?.['subject'] === 'string' ? await site.people.find(state['subject']) : undefined
    if (pending === undefined || known === undefined || known.person.disabled === true)
      return show(visit, ticketText, { key: 'factor-expired', status: 400 })
    const typed = field(visit.request, 'code')
    const wrong = (error: LoginError): BrowserAnswer =>
      secondFactor(visit, ticketText, pending, state?.['leadsTo'], error)
    if (typed === undefined) return wrong({ key: 'factor-missing', status: 400 })
    const checked = await site.codes.check(known, typed, visit.request.address)
    if (checked.outcome !== 'right') {
      const failure = { reason: checked.outcome === 'wait' ? 'too_many_guesses' : 'code_wrong', subject: known.subject }
      site.log.loginRefused({ correlationId: visit.request.correlationId, way: 'code', failure })
    }
    if (checked.outcome === 'wait') return wrong(waitError(checked.seconds))
    if (checked.outcome === 'wrong') return wrong({ key: 'factor-failed', status: 400 })
    return finish(visit, ticketText, known, { time: site.clock.now(), amr: ['pwd', 'otp', 'mfa'] })
  }

  return {
    show: (visit) => show(visit, visit.request.parameters.get('ticket') ?? undefined),
    finish,
    again: show,
    before: (visit, address) =>
      seeOther(`/login?ticket=${writeTicket(site, visit, { kind: 'page', address })}`, visit.cookies),
    take: async (visit) => {
      if (visit.request.form.outcome === 'too_large') return errorAnswer(site, visit, 413, 'error-too-large')
      if (!cameFromOurPage(site, visit, 'browser')) return errorAnswer(site, visit, 403, 'error-forged')
      const ticketText = field(visit.request, 'ticket')
      const ticket = readTicket(site, visit, ticketText)
      if (ticket === undefined || ticketText === undefined) return errorAnswer(site, visit, 400, 'error-interaction')
      const action = field(visit.request, 'action') ?? 'password'
      const offered = ways()
      if (action === 'cancel') {
        const step = await resume(visit, ticket, 'cancelled')
        return step === undefined ? show(visit, ticketText) : answerStep(site, visit, step)
      }
      if (action === 'password' && offered.password === 'yes') return password(visit, ticketText, ticket)
      if (action === 'code' && offered.password === 'yes') return code(visit, ticketText)
      if (action === 'passkey' && offered.passkeys !== undefined) {
        const found = await offered.passkeys.login(
          visit.browser,
          field(visit.request, 'passkey') ?? '',
          visit.request.address,
        )
        if (!found.ok) {
          site.log.loginRefused({ correlationId: visit.request.correlationId, way: 'passkey', failure: found.failure })
          return show(visit, ticketText, { key: 'login-passkey-failed', status: 400 })
        }
        return finish(visit, ticketText, found.value, {
          time: site.clock.now(),
          amr: ['hwk', 'user', 'mfa'],
          acr: phishingResistant,
        })
      }
      if (action === 'certificate' && offered.certificate !== undefined)
        return seeOther(offered.certificate.begin(visit.browser, ticketText), visit.cookies)
      const provider = offered.upstream.find(({ name }) => action === `upstream:${name}`)
      if (provider === undefined) return show(visit, ticketText)
      const begun = await provider.begin(visit.browser, ticketText)
      return begun === undefined
        ? show(visit, ticketText, { key: 'login-upstream-failed', values: { provider: provider.label }, status: 502 })
        : seeOther(begun, visit.cookies)
    },
  }
}

/** What a person is told when his password was not taken. */
export function passwordError(failure: PasswordFailure): LoginError {
  switch (failure.told) {
    case 'wrong':
      return { key: 'login-failed', status: 400 }
    case 'busy':
      return { key: 'login-busy', status: 503 }
    case 'wait':
      return waitError(failure.seconds)
  }
}

export function waitError(seconds: number): LoginError {
  return { key: 'login-too-many', values: { minutes: String(Math.ceil(seconds / 60)) }, status: 429 }
}

function wishes({ request }: Visit): readonly string[] {
  return (request.parameters.get('ui_locales') ?? '').split(' ').slice(0, 10)
}

function clientOf({ client }: Extract<AuthorizationStep, { kind: 'login' }>): ClientView {
  const { name, redirectUri: _, logo: __, ...shown } = client
  return { ...shown, ...(name === undefined ? {} : { name }) }
}

/** OpenID Connect EAP ACR Values: phishing-resistant. */
export const phishingResistant = 'phr'

/** Seconds to look up a code. */
const pendingLifetime = 300
