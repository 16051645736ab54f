import type { PersonChange } from '@holdfast/core'
import type { SecurityView, TextKey } from '@holdfast/ui'
import { clientSecretHash } from '../client-secret/client-secret-hash.ts'
import type { EndSession } from '../people/end-session.ts'
import type { LiveSession } from '../people/login-sessions.ts'
import type { Person } from '../people/person.ts'
import { newRecoveryCodes, recoveryCodeHash } from '../people/recovery-codes.ts'
import { base32, newTotpKey, totpLink } from '../people/totp.ts'
import { endOthers } from './account-sessions.ts'
import { audited } from './browser-audit.ts'
import { passwordError, waitError } from './browser-login.ts'
import type { LoginError } from './browser-login.ts'
import { field } from './browser-request.ts'
import type { BrowserSite, Visit } from './browser-site.ts'
import type { PasskeyAdding } from './login-ways.ts'

/** Who does something on the account page. */
export interface Acting {
  readonly site: BrowserSite
  readonly visit: Visit
  readonly session: LiveSession
  readonly endSession: EndSession
  readonly passkeys: PasskeyAdding | undefined
}

export interface Outcome {
  readonly done?: TextKey
  readonly error?: LoginError
  /** The key of an authenticator app that is being set up. */
  readonly totp?: Extract<SecurityView['totp'], { state: 'new' }>
  /** Shown now and never again. */
  readonly recoveryCodes?: readonly string[]
  /** Where the action began a new session. */
  readonly visit?: Visit
}

/** What the buttons do that change how a person logs in. What adds a way, or takes codes away, wants the password once more. */
export const securityActions: Readonly<Record<string, (acting: Acting) => Promise<Outcome>>> = {
  password: async (acting) => {
    const { site, visit, session } = acting
    const { known } = session
    const fresh = field(visit.request, 'password-new') ?? ''
    if ([...fresh].length < shortestPassword)
      return { error: { key: 'account-password-short', values: { length: String(shortestPassword) }, status: 400 } }
    const error = await confirm(acting, 'password_changed')
    if (error !== undefined) return { error }
    const passwordHash = await clientSecretHash(fresh)
    if (known.source !== 'store' || (await site.people.change(known, { ...known.person, passwordHash })) !== 'saved')
      return { error: changedMeanwhile }
    await written(acting, 'password_changed')
    return { done: 'account-password-changed', visit: await endOthers(acting, 'new_password') }
  },
  'totp-add': async (acting) => {
    const error = await confirm(acting, 'codes_added')
    return error === undefined ? { totp: await newTotp(acting, newTotpKey()) } : { error }
  },
  'totp-confirm': async (acting) => {
    const { site, visit, session } = acting
    const { subject } = session.login
    const state = site.sealed.open(`totp ${visit.browser} ${subject}`, field(visit.request, 'pending'))
    if (typeof state?.['key'] !== 'string') return { error: { key: 'factor-expired', status: 400 } }
    const key = Buffer.from(state['key'], 'base64url')
    const checked = await site.codes.checkNew(subject, key, field(visit.request, 'code') ?? '', visit.request.address)
    if (checked.outcome !== 'right')
      await refused(acting, 'codes_added', checked.outcome === 'wait' ? 'too_many_guesses' : 'code_wrong')
    if (checked.outcome === 'wait') return { error: waitError(checked.seconds) }
    if (checked.outcome === 'wrong')
      return { error: { key: 'factor-failed', status: 400 }, totp: await newTotp(acting, key) }
    const { recoveryCodes, recovery } = newRecovery(acting)
    const totp = site.codes.sealed(subject, key)
    const outcome = await change(acting, 'codes_added', (person) => ({ ...person, totp, recovery }))
    return outcome.error === undefined ? { ...outcome, recoveryCodes } : outcome
  },
  'totp-remove': async (acting) => {
    const error = await confirm(acting, 'codes_removed')
    if (error !== undefined) return { error }
    return change(acting, 'codes_removed', ({ totp: _, recovery: __, ...person }) => person)
  },
  'recovery-make': async (acting) => {
    const error = await confirm(acting, 'recovery_codes_made')
    if (error !== undefined) return { error }
    if (acting.session.known.person.totp === undefined) return { error: changedMeanwhile }
    const { recoveryCodes, recovery } = newRecovery(acting)
    const left = recoveryCodes.length
    const outcome = await change(acting, 'recovery_codes_made', (person) => ({ ...person, recovery }), { left })
    return outcome.error === undefined ? { done: 'account-recovery-made', recoveryCodes } : outcome
  },
  'passkey-add': async (acting) => {
    const { visit, session, passkeys } = acting
    const error = await confirm(acting, 'passkey_added')
    if (error !== undefined) return { error }
    const added = await passkeys?.add(visit.browser, session.known, field(visit.request, 'passkey') ?? '')
    if (added?.ok !== true) {
      await refused(acting, 'passkey_added', 'passkey_refused', added?.failure)
      return { error: { key: 'account-passkey-failed', status: 400 } }
    }
    const { value } = added
    const more = { passkey: value.id }
    return change(acting, 'passkey_added', (person) => ({ ...person, passkeys: [...person.passkeys, value] }), more)
  },
  'passkey-remove': async (acting) => {
    const id = field(acting.visit.request, 'id') ?? ''
    if (!acting.session.known.person.passkeys.some((passkey) => passkey.id === id)) return { error: changedMeanwhile }
    const without = (person: Person): Person => ({
      ...person,
      passkeys: person.passkeys.filter((passkey) => passkey.id !== id),
    })
    return change(acting, 'passkey_removed', without, { passkey: id })
  },
}

/** How the person logs in, for the page. */
export async function securityView(
  { visit, session, passkeys }: Pick<Acting, 'visit' | 'session' | 'passkeys'>,
  { totp, recoveryCodes }: Outcome,
): Promise<SecurityView> {
  const { person, source } = session.known
  const options = await passkeys?.options(visit.browser, session.known, session.name)
  const recovery = { left: person.recovery?.hashes.length ?? 0, ...(recoveryCodes && { codes: recoveryCodes }) }
  return {
    password: {
      change: source === 'store' && person.passwordHash !== undefined ? 'yes' : 'no',
      shortest: shortestPassword,
    },
    totp: totp ?? (person.totp === undefined ? { state: 'off' } : { state: 'on', recovery }),
    ...(options === undefined
      ? {}
      : { passkeys: { options, list: person.passkeys.map(({ id, name, since }) => ({ id, name, since })) } }),
  }
}

async function confirm(acting: Acting, what: PersonChange): Promise<LoginError | undefined> {
  const { site, visit, session } = acting
  // Who has no password here proved himself otherwise when he logged in.
  if (session.known.person.passwordHash === undefined) return undefined
  const typed = field(visit.request, 'password-now') ?? ''
  const checked = await site.passwords.confirm(session.known, typed, visit.request.address)
  if (checked.ok) return undefined
  await refused(acting, what, checked.failure.reason)
  return checked.failure.told === 'wrong'
    ? { key: 'account-password-wrong', status: 400 }
    : passwordError(checked.failure)
}

async function change(
  acting: Acting,
  what: PersonChange,
  changed: (person: Person) => Person,
  more: { readonly passkey?: string; readonly left?: number } = {},
): Promise<Outcome> {
  const { site, session } = acting
  const saved = await site.people.change(session.known, changed(session.known.person))
  if (saved !== 'saved') return { error: changedMeanwhile }
  await written(acting, what, more)
  return { done: 'account-changed' }
}

function written(
  { site, visit, session }: Acting,
  what: PersonChange,
  more: { readonly passkey?: string; readonly left?: number } = {},
): Promise<void> {
  return audited(site, visit, { event: 'person_changed', subject: session.login.subject, change: what, ...more })
}

function refused({ site, visit, session }: Acting, what: PersonChange, reason: string, facts?: object): Promise<void> {
  const { subject } = session.login
  return audited(site, visit, {
    event: 'person_change_refused',
    subject,
    change: what,
    failure: { reason, ...facts },
  })
}

async function newTotp({ site, visit, session }: Acting, key: Uint8Array): Promise<NonNullable<Outcome['totp']>> {
  const { subject } = session.login
  const pending = site.sealed.seal(
    `totp ${visit.browser} ${subject}`,
    { key: Buffer.from(key).toString('base64url') },
    setUpLifetime,
  )
  const link = totpLink(site.look().serviceName, session.known.person.userName ?? session.name, key)
  const { default: encodeQr } = await import('qr')
  return { state: 'new', key: base32(key), link, pending, picture: encodeQr(link, 'raw', { border: quietZone }) }
}

function newRecovery({ site, session }: Acting): {
  readonly recoveryCodes: readonly string[]
  readonly recovery: NonNullable<Person['recovery']>
} {
  const recoveryCodes = newRecoveryCodes()
  const hashes = recoveryCodes.map((code) => recoveryCodeHash(session.login.subject, code))
  return { recoveryCodes, recovery: { hashes, since: site.clock.now() } }
}

const changedMeanwhile: LoginError = { key: 'error-unexpected', status: 409 }

/** NIST SP 800-63B-4 §3.1.1.2 asks for fifteen where a password stands alone, eight beside a second factor. */
const shortestPassword = 12

/** Seconds to type a key into an app. */
const setUpLifetime = 900

/** Light modules around the picture (ISO/IEC 18004 §6.3.8). */
const quietZone = 4
