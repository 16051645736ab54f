import { accountPage } from '@holdfast/ui'
import type { AccountPage } from '@holdfast/ui'
import type { EndSession } from '../people/end-session.ts'
import type { LiveSession } from '../people/login-sessions.ts'
import { securityActions, securityView } from './account-security.ts'
import type { Acting, Outcome } from './account-security.ts'
import { endOther, endOthers } from './account-sessions.ts'
import { pageAnswer, withCookies } from './browser-answer.ts'
import type { BrowserAnswer } from './browser-answer.ts'
import { audited } from './browser-audit.ts'
import { askedView } from './browser-consent.ts'
import type { BrowserLogin } from './browser-login.ts'
import { field } from './browser-request.ts'
import { cameFromOurPage, clientView, errorAnswer, pageContext } from './browser-site.ts'
import type { BrowserSite, Visit } from './browser-site.ts'
import type { PasskeyAdding } from './login-ways.ts'

/** `/account`: what a person allowed, where he is logged in, how he logs in; and how to end each. */
export async function browserAccount(
  site: BrowserSite,
  login: BrowserLogin,
  endSession: EndSession,
  passkeys: PasskeyAdding | undefined,
  visit: Visit,
): Promise<BrowserAnswer> {
  const { request, session } = visit
  if (request.form.outcome === 'too_large') return errorAnswer(site, visit, 413, 'error-too-large')
  if (session === undefined) return login.before(visit, '/account')
  if (request.method === 'GET') return show(site, passkeys, visit, session, {})
  if (!cameFromOurPage(site, visit, 'session')) return errorAnswer(site, visit, 403, 'error-forged')
  const action = field(request, 'action') ?? ''
  const act = Object.hasOwn(actions, action) ? actions[action] : undefined
  if (act === undefined) return show(site, passkeys, visit, session, {})
  const outcome = await act({ site, visit, session, endSession, passkeys })
  const now = outcome.visit ?? visit
  const live = now.session ?? session
  const known = await site.people.find(live.login.subject)
  return show(site, passkeys, now, known === undefined ? live : { ...live, known }, outcome)
}

/** What the buttons do. */
const actions: Readonly<Record<string, (acting: Acting) => Promise<Outcome>>> = {
  ...securityActions,
  revoke: async ({ site, visit, session }) => {
    const id = field(visit.request, 'id')
    const { subject } = session.login
    const theirs = await site.authorizations.ofSubject(subject, mostShown)
    const chosen = theirs.find((one) => site.sealed.isProof('grant', one.id, id))
    if (chosen === undefined) return { done: 'account-revoked' }
    await site.authorizations.revoke(chosen.id)
    const event = { event: 'authorization_revoked', subject, authorizationId: chosen.id } as const
    await audited(site, visit, event, chosen.record.clientId)
    return { done: 'account-revoked' }
  },
  'end-session': async (acting) => {
    const { site, visit, session } = acting
    const id = field(visit.request, 'id')
    const theirs = await site.sessionStore.ofSubject(session.login.subject, mostShown)
    const chosen = theirs.find(({ sessionId }) => sessionId === id)
    if (chosen !== undefined) await endOther(acting, chosen, 'account')
    return { done: 'account-ended' }
  },
  'end-others': async (acting) => ({ done: 'account-ended', visit: await endOthers(acting, 'account') }),
}

async function show(
  site: BrowserSite,
  passkeys: PasskeyAdding | undefined,
  visit: Visit,
  session: LiveSession,
  outcome: Outcome,
): Promise<BrowserAnswer> {
  const { subject, sessionId } = session.login
  const context = pageContext(site, visit, { address: '/account', binding: 'session' })
  const [grants, sessions, waiting] = await Promise.all([
    site.authorizations.ofSubject(subject, mostShown),
    site.sessionStore.ofSubject(subject, mostShown),
    site.decoupled.ofSubject(subject, site.clock.now(), 1),
  ])
  const { done, error } = outcome
  const { person } = session.known
  const security = await securityView({ visit, session, passkeys }, outcome)
  const model: AccountPage = {
    person: session.name,
    grants: await Promise.all(
      grants.map(async ({ id, record }) => ({
        id: site.sealed.proof('grant', id),
        client: await clientView(site, record.clientId),
        asked: askedView(site, context, { ...record, details: record.authorizationDetails ?? [], choice: 'fixed' }),
        since: record.createdAt,
      })),
    ),
    sessions: sessions.map((one) => ({
      id: one.sessionId,
      here: one.sessionId === sessionId ? 'yes' : 'no',
      since: one.authentication.time,
    })),
    waiting: waiting.length > 0 ? 'yes' : 'no',
    ...(person.passwordHash === undefined ? {} : { security }),
    ...(done === undefined ? {} : { done }),
    ...(error === undefined ? {} : { error }),
  }
  const rules = security.passkeys === undefined ? {} : ({ scripts: 'own' } as const)
  return withCookies(pageAnswer(error?.status ?? 200, accountPage(context, model), rules), visit.cookies)
}

const mostShown = 100
