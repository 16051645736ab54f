import type { AuthenticationEvent, AuthorizationEndpoint, AuthorizationStep, LoginWay } from '@holdfast/core'
import { loginPage, secondFactorPage } from '@holdfast/ui'
import type { ClientView, TextKey } from '@holdfast/ui'
import { authenticationBy, canReach } from '../people/authentication-context.ts'
import type { EndSession } from '../people/end-session.ts'
import type { KnownPerson } from '../people/people-directory.ts'
import type { PasswordFailure } from '../people/password-login.ts'
import { formTarget, pageAnswer, seeOther, withCookies } from './browser-answer.ts'
import type { BrowserAnswer } from './browser-answer.ts'
import { audited, loginRefused } from './browser-audit.ts'
import { answerStep } from './browser-authorize.ts'
import { field } from './browser-request.ts'
import { cameFromOurPage, errorAnswer, pageContext, sessionCookie } from './browser-site.ts'
import type { BrowserSite, Visit } from './browser-site.ts'
import { readTicket, writeTicket } from './browser-ticket.ts'
import type { Ticket } from './browser-ticket.ts'
import type { ApplicationAsked, ApplicationWay, LoginWays } from './login-ways.ts'

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
    way: LoginWay,
    authentication: AuthenticationEvent,
  ): Promise<BrowserAnswer>
  /** Somebody was not let in elsewhere, and may not want to be: the client is told, or the page says it. */
  refused(visit: Visit, ticketText: string, error: LoginError): Promise<BrowserAnswer>
  /** The login page once more, with what went wrong. */
  again(visit: Visit, ticketText: string | undefined, error: LoginError, username?: string): Promise<BrowserAnswer>
}

export interface LoginError {
  readonly key: TextKey
  readonly values?: Readonly<Record<string, string>>
  readonly status: number
}

interface SecondStep {
  readonly known: KnownPerson
  readonly leadsTo: unknown
  readonly tried?: 'code' | 'recovery'
  readonly error?: LoginError
}

export function createBrowserLogin(
  site: BrowserSite,
  endpoint: () => AuthorizationEndpoint | undefined,
  ways: () => LoginWays,
  endSession: EndSession,
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
    const offered = reaching(ways(), step?.essentialAcr ?? [])
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
      ...(offered.application === undefined ? {} : { application: { label: offered.application.label } }),
      upstream: offered.upstream.map(({ name: provider, label }) => ({ name: provider, label })),
      ...(passkey === undefined ? {} : { passkey }),
      ...(error === undefined ? {} : { error }),
    })
    const targets = [
      step?.client.redirectUri,
      ...offered.upstream.map(({ origin }) => origin),
      offered.certificate?.origin,
      offered.application?.origin,
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
      if (named !== undefined) return finish(visit, ticketText, named, 'header', { time: site.clock.now(), amr: [] })
    }
    const { application } = ways()
    const atOnce = application?.start === 'at-once' && error === undefined ? application : undefined
    if (ticket.kind === 'page') {
      if (visit.session !== undefined && error === undefined) return seeOther(ticket.address, visit.cookies)
      if (atOnce !== undefined) return toApplication(atOnce, visit, ticketText, undefined)
      return page(visit, ticketText, undefined, error, username)
    }
    const step = await resume(visit, ticket)
    if (step === undefined) return errorAnswer(site, visit, 404, 'error-not-found')
    if (step.kind !== 'login') return answerStep(site, visit, step)
    if (atOnce !== undefined) return toApplication(atOnce, visit, ticketText, step)
    return page(visit, ticketText, step, error, username)
  }

  const toApplication = async (
    application: ApplicationWay,
    visit: Visit,
    ticketText: string,
    step: Extract<AuthorizationStep, { kind: 'login' }> | undefined,
  ): Promise<BrowserAnswer> => {
    const asked: ApplicationAsked = {
      ...(step === undefined ? {} : { client_id: step.client.clientId }),
      ...(step?.client.name === undefined ? {} : { client_name: step.client.name }),
      ...(step?.loginHint === undefined ? {} : { login_hint: step.loginHint }),
      again: step?.forced === true,
      acr_values: step?.acrValues ?? [],
      essential_acr_values: step?.essentialAcr ?? [],
      ui_locales: step?.uiLocales ?? [],
    }
    return seeOther(await application.begin(visit.browser, ticketText, asked), visit.cookies)
  }

  const finish: BrowserLogin['finish'] = async (visit, ticketText, known, way, authentication) => {
    const ticket = readTicket(site, visit, ticketText)
    if (ticket === undefined) return errorAnswer(site, visit, 400, 'error-interaction')
    const { subject } = known
    const { correlationId } = visit.request
    // Who was here before is logged out, with all that belongs to it.
    const { session } = visit
    if (session !== undefined && session.login.subject !== subject)
      await endSession(session.record, 'another_person', correlationId)
    const { token, sessionId } = await site.sessions.begin(subject, authentication, visit.sessionToken)
    const { amr, acr } = authentication
    const { address } = visit.request
    await audited(site, visit, { event: 'person_logged_in', way, subject, sessionId, amr, acr, address })
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
      const { told: _, subject, ...failure } = checked.failure
      await loginRefused(site, visit, 'password', failure, subject)
      return show(visit, ticketText, passwordError(checked.failure), username)
    }
    const known = checked.value
    const authentication = authenticationBy('password', site.clock.now())
    if (known.person.totp === undefined) return finish(visit, ticketText, known, 'password', authentication)
    const step = await resume(visit, ticket)
    const uri = step?.kind === 'login' ? step.client.redirectUri : undefined
    const state = { subject: known.subject, leadsTo: uri === undefined ? undefined : formTarget(uri) }
    const pending = site.sealed.seal(`pending ${visit.browser}`, state, pendingLifetime)
    return secondFactor(visit, ticketText, pending, { known, leadsTo: state.leadsTo })
  }

  const secondFactor = (
    visit: Visit,
    ticketText: string,
    pending: string,
    { known, leadsTo, error, tried }: SecondStep,
  ): BrowserAnswer => {
    const context = pageContext(site, visit, { wishes: wishes(visit), binding: 'browser' })
    const body = secondFactorPage(context, {
      action: '/login',
      ticket: ticketText,
      pending,
      recovery: tried === 'recovery' ? 'tried' : (known.person.recovery?.hashes.length ?? 0) > 0 ? 'offered' : 'no',
      ...(error === undefined ? {} : { error }),
    })
    const formsLeadTo = typeof leadsTo === 'string' ? [leadsTo] : []
    return withCookies(pageAnswer(error?.status ?? 200, body, { formsLeadTo }), visit.cookies)
  }

  const code = async (visit: Visit, ticketText: string, tried: 'code' | 'recovery'): Promise<BrowserAnswer> => {
    const pending = field(visit.request, 'pending')
    const state = site.sealed.open(`pending ${visit.browser}`, pending)
    const known = typeof state?.['subject'] === 'string' ? await site.people.find(state['subject']) : undefined
    if (pending === undefined || known === undefined || known.person.disabled === true)
      return show(visit, ticketText, { key: 'factor-expired', status: 400 })
    const typed = field(visit.request, tried)
    const wrong = (error: LoginError): BrowserAnswer =>
      secondFactor(visit, ticketText, pending, { known, leadsTo: state?.['leadsTo'], error, tried })
    if (typed === undefined) return wrong({ key: 'factor-missing', status: 400 })
    const { subject } = known
    const way = tried === 'recovery' ? 'recovery_code' : 'code'
    const { codes, recovery } = site
    const { address } = visit.request
    const checked = await (tried === 'recovery'
      ? recovery.use(known, typed, address)
      : codes.check(known, typed, address))
    if (checked.outcome !== 'right') {
      const reason = checked.outcome === 'wait' ? 'too_many_guesses' : 'code_wrong'
      await loginRefused(site, visit, way, { reason }, subject)
    }
    if (checked.outcome === 'wait') return wrong(waitError(checked.seconds))
    if (checked.outcome === 'wrong')
      return wrong({ key: tried === 'recovery' ? 'factor-recovery-failed' : 'factor-failed', status: 400 })
    if ('left' in checked && typeof checked.left === 'number')
      await audited(site, visit, { event: 'person_changed', subject, change: 'recovery_code_used', left: checked.left })
    return finish(visit, ticketText, known, way, authenticationBy('code', site.clock.now()))
  }

  return {
    show: (visit) => show(visit, visit.request.parameters.get('ticket') ?? undefined),
    finish,
    again: show,
    refused: async (visit, ticketText, error) => {
      const ticket = readTicket(site, visit, ticketText)
      const step = ticket && (await resume(visit, ticket, 'cancelled'))
      return step === undefined ? show(visit, ticketText, error) : answerStep(site, visit, step)
    },
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
      if ((action === 'code' || action === 'recovery') && offered.password === 'yes')
        return code(visit, ticketText, action)
      if (action === 'passkey' && offered.passkeys !== undefined) {
        const found = await offered.passkeys.login(
          visit.browser,
          field(visit.request, 'passkey') ?? '',
          visit.request.address,
        )
        if (!found.ok) {
          const { subject, ...failure } = found.failure
          await loginRefused(site, visit, 'passkey', { reason: 'passkey_refused', ...failure }, subject)
          return show(visit, ticketText, { key: 'login-passkey-failed', status: 400 })
        }
        return finish(visit, ticketText, found.value, 'passkey', authenticationBy('passkey', site.clock.now()))
      }
      if (action === 'certificate' && offered.certificate !== undefined)
        return seeOther(offered.certificate.begin(visit.browser, ticketText), visit.cookies)
      if (action === 'application' && offered.application !== undefined) {
        const step = await resume(visit, ticket)
        if (step !== undefined && step.kind !== 'login') return answerStep(site, visit, step)
        return toApplication(offered.application, visit, ticketText, step)
      }
      const provider = offered.upstream.find(({ name }) => action === `upstream:${name}`)
      if (provider === undefined) return show(visit, ticketText)
      const step = await resume(visit, ticket)
      if (step !== undefined && step.kind !== 'login') return answerStep(site, visit, step)
      const begun = await provider.begin(visit.browser, ticketText, {
        again: step?.forced === true ? 'yes' : 'no',
        acrValues: [...new Set([...(step?.essentialAcr ?? []), ...(step?.acrValues ?? [])])],
        loginHint: step?.loginHint,
        uiLocales: step?.uiLocales ?? [],
      })
      return begun === undefined
        ? show(visit, ticketText, { key: 'login-upstream-failed', values: { provider: provider.label }, status: 502 })
        : seeOther(begun, visit.cookies)
    },
  }
}

/** The ways that can lead to what the client insists on; all of them where none can, or where nobody can know. */
function reaching(ways: LoginWays, essential: readonly string[]): LoginWays {
  if (essential.length === 0) return ways
  const { password, passkeys, certificate, application, upstream } = ways
  const byPassword = canReach('password', essential) || canReach('code', essential)
  const left: LoginWays = {
    ...ways,
    password: password === 'yes' && byPassword ? 'yes' : 'no',
    passkeys: canReach('passkey', essential) ? passkeys : undefined,
    certificate: certificate && canReach(certificate.kind, essential) ? certificate : undefined,
    application: application?.acrValues.some((acr) => essential.includes(acr)) === true ? application : undefined,
  }
  const some = left.password === 'yes' || (left.passkeys ?? left.certificate ?? left.application) !== undefined
  return some || upstream.length > 0 ? left : ways
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

/** Seconds to look up a code. */
const pendingLifetime = 300
