import type { SessionRecord } from '@holdfast/core'
import { accountPage } from '@holdfast/ui'
import type { AccountPage, SecurityView, TextKey } from '@holdfast/ui'
import { clientSecretHash } from '../client-secret/client-secret-hash.ts'
import type { EndSession } from '../people/end-session.ts'
import type { LiveSession } from '../people/login-sessions.ts'
import { displayName } from '../people/person.ts'
import type { Person } from '../people/person.ts'
import { base32, newTotpKey, totpLink } from '../people/totp.ts'
import { pageAnswer, withCookies } from './browser-answer.ts'
import type { BrowserAnswer } from './browser-answer.ts'
import { askedView } from './browser-consent.ts'
import { passwordError, waitError } from './browser-login.ts'
import type { BrowserLogin, LoginError } from './browser-login.ts'
import { field } from './browser-request.ts'
import { cameFromOurPage, clientView, errorAnswer, pageContext, sessionCookie } from './browser-site.ts'
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
  const act = actions[field(request, 'action') ?? '']
  if (act === undefined) return show(site, passkeys, visit, session, {})
  const outcome = await act({ site, visit, session, endSession, passkeys })
  const now = outcome.visit ?? visit
  const live = now.session ?? session
  const known = await site.people.find(live.login.subject)
  return show(site, passkeys, now, known === undefined ? live : { ...live, known }, outcome)
}

interface Acting {
  readonly site: BrowserSite
  readonly visit: Visit
  readonly session: LiveSession
  readonly endSession: EndSession
  readonly passkeys: PasskeyAdding | undefined
}

interface Outcome {
  readonly done?: TextKey
  readonly error?: LoginError
  /** The key of an authenticator app that is being set up. */
  readonly totp?: Extract<SecurityView['totp'], { state: 'new' }>
  /** Where the action began a new session. */
  readonly visit?: Visit
}

/** What the buttons do. What adds or removes a way to log in wants the password once more. */
const actions: Readonly<Record<string, (acting: Acting) => Promise<Outcome>>> = {
  revoke: async ({ site, visit, session }) => {
    const id = field(visit.request, 'id')
    const theirs = await site.authorizations.ofSubject(session.login.subject, mostShown)
    const chosen = theirs.find((one) => site.sealed.isProof('grant', one.id, id))
    if (chosen !== undefined) await site.authorizations.revoke(chosen.id)
    return { done: 'account-revoked' }
  },
  'end-session': async ({ site, visit, session, endSession }) => {
    const id = field(visit.request, 'id')
    const theirs = await site.sessionStore.ofSubject(session.login.subject, mostShown)
    const chosen = theirs.find(({ sessionId }) => sessionId === id)
    if (chosen !== undefined) await endOther(site, endSession, chosen)
    return { done: 'account-ended' }
  },
  'end-others': async (acting) => ({ done: 'account-ended', visit: await endOthers(acting) }),
  password: async (acting) => {
    const { site, visit, session } = acting
    const { known } = session
    const fresh = field(visit.request, 'password-new') ?? ''
    if ([...fresh].length < shortestPassword)
      return { error: { key: 'account-password-short', values: { length: String(shortestPassword) }, status: 400 } }
    const error = await confirm(acting)
    if (error !== undefined) return { error }
    const passwordHash = await clientSecretHash(fresh)
    if (known.source !== 'store' || (await site.people.change(known, { ...known.person, passwordHash })) !== 'saved')
      return { error: changedMeanwhile }
    return { done: 'account-password-changed', visit: await endOthers(acting) }
  },
  'totp-add': async (acting) => {
    const error = await confirm(acting)
    if (error !== undefined) return { error }
    return { totp: newTotp(acting, newTotpKey()) }
  },
  'totp-confirm': async (acting) => {
    const { site, visit, session } = acting
    const { subject } = session.login
    const state = site.sealed.open(`totp ${visit.browser} ${subject}`, field(visit.request, 'pending'))
    if (typeof state?.['key'] !== 'string') return { error: { key: 'factor-expired', status: 400 } }
    const key = Buffer.from(state['key'], 'base64url')
    const checked = await site.codes.checkNew(subject, key, field(visit.request, 'code') ?? '', visit.request.address)
    if (checked.outcome === 'wait') return { error: waitError(checked.seconds) }
    if (checked.outcome === 'wrong') return { error: { key: 'factor-failed', status: 400 }, totp: newTotp(acting, key) }
    return change(acting, (person) => ({ ...person, totp: site.codes.sealed(subject, key) }))
  },
  'totp-remove': async (acting) => {
    const error = await confirm(acting)
    if (error !== undefined) return { error }
    return change(acting, ({ totp: _, ...person }) => person)
  },
  'passkey-add': async (acting) => {
    const { visit, session, passkeys } = acting
    const error = await confirm(acting)
    if (error !== undefined) return { error }
    const added = await passkeys?.add(visit.browser, session.known, field(visit.request, 'passkey') ?? '')
    if (added?.ok !== true) return { error: { key: 'account-passkey-failed', status: 400 } }
    return change(acting, (person) => ({ ...person, passkeys: [...person.passkeys, added.value] }))
  },
  'passkey-remove': async (acting) => {
    const id = field(acting.visit.request, 'id')
    return change(acting, (person) => ({ ...person, passkeys: person.passkeys.filter((passkey) => passkey.id !== id) }))
  },
}

async function confirm({ site, visit, session }: Acting): Promise<LoginError | undefined> {
  // Who has no password here proved himself otherwise when he logged in.
  if (session.known.person.passwordHash === undefined) return undefined
  const typed = field(visit.request, 'password-now') ?? ''
  const checked = await site.passwords.confirm(session.known, typed, visit.request.address)
  if (checked.ok) return undefined
  return checked.failure.told === 'wrong'
    ? { key: 'account-password-wrong', status: 400 }
    : passwordError(checked.failure)
}

async function change({ site, session }: Acting, changed: (person: Person) => Person): Promise<Outcome> {
  const saved = await site.people.change(session.known, changed(session.known.person))
  return saved === 'saved' ? { done: 'account-changed' } : { error: changedMeanwhile }
}

/** Ends all sessions of the person, and begins this one anew: a token that somebody copied opens nothing any more. */
async function endOthers({ site, visit, session, endSession }: Acting): Promise<Visit> {
  const { subject, sessionId, authentication } = session.login
  const token = await site.sessions.begin(subject, authentication, visit.sessionToken)
  const now = await site.sessions.find(token)
  const all = await site.sessionStore.ofSubject(subject, mostShown)
  for (const other of all) {
    if (other.sessionId === sessionId || other.sessionId === now?.login.sessionId) continue
    await endOther(site, endSession, other)
  }
  return { ...visit, session: now, sessionToken: token, cookies: [...visit.cookies, sessionCookie(site, token)] }
}

/** The clients are told by a message that is kept before the session is gone. */
async function endOther(site: BrowserSite, endSession: EndSession, other: SessionRecord): Promise<void> {
  await endSession([other])
  await site.sessionStore.endOne(other.subject, other.sessionId)
}

function newTotp({ site, visit, session }: Acting, key: Uint8Array): NonNullable<Outcome['totp']> {
  const { subject } = session.login
  const pending = site.sealed.seal(
    `totp ${visit.browser} ${subject}`,
    { key: Buffer.from(key).toString('base64url') },
    setUpLifetime,
  )
  const account = session.known.person.userName ?? session.name
  return { state: 'new', key: base32(key), link: totpLink(site.look().serviceName, account, key), pending }
}

async function show(
  site: BrowserSite,
  passkeys: PasskeyAdding | undefined,
  visit: Visit,
  session: LiveSession,
  { done, error, totp }: Outcome,
): Promise<BrowserAnswer> {
  const { subject, sessionId } = session.login
  const context = pageContext(site, visit, { address: '/account', binding: 'session' })
  const [grants, sessions, waiting] = await Promise.all([
    site.authorizations.ofSubject(subject, mostShown),
    site.sessionStore.ofSubject(subject, mostShown),
    site.decoupled.ofSubject(subject, site.clock.now(), 1),
  ])
  const options = await passkeys?.options(visit.browser, session.known, displayName(session.known.person, subject))
  const { person, source } = session.known
  const security: SecurityView = {
    password: {
      change: source === 'store' && person.passwordHash !== undefined ? 'yes' : 'no',
      shortest: shortestPassword,
    },
    totp: totp ?? { state: person.totp === undefined ? 'off' : 'on' },
    ...(options === undefined
      ? {}
      : { passkeys: { options, list: person.passkeys.map(({ id, name, since }) => ({ id, name, since })) } }),
  }
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
  const rules = options === undefined ? {} : ({ scripts: 'own' } as const)
  return withCookies(pageAnswer(error?.status ?? 200, accountPage(context, model), rules), visit.cookies)
}

const changedMeanwhile: LoginError = { key: 'error-unexpected', status: 409 }
const mostShown = 100

/** NIST SP 800-63B-4 §3.1.1.2 asks for fifteen where a password stands alone, eight beside a second factor. */
const shortestPassword = 12

/** Seconds to type a key into an app. */
const setUpLifetime = 900
