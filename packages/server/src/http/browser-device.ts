import type { DecoupledAuthorizationRecord } from '@holdfast/core'
import { devicePage } from '@holdfast/ui'
import type { DevicePage } from '@holdfast/ui'
import type { GuessLimit } from '../people/guess-limit.ts'
import { pageAnswer, withCookies } from './browser-answer.ts'
import type { BrowserAnswer } from './browser-answer.ts'
import { askedView } from './browser-consent.ts'
import type { BrowserLogin } from './browser-login.ts'
import { field } from './browser-request.ts'
import { cameFromOurPage, clientView, errorAnswer, pageContext } from './browser-site.ts'
import type { BrowserSite, Visit } from './browser-site.ts'
import type { GrantDecoupled } from './grant-decoupled.ts'

/** `/device`: where a person connects a device that shows a code (RFC 8628 §3.3). */
export async function browserDevice(
  site: BrowserSite,
  login: BrowserLogin,
  guesses: GuessLimit,
  grant: GrantDecoupled,
  visit: Visit,
): Promise<BrowserAnswer> {
  const { request, session } = visit
  if (request.form.outcome === 'too_large') return errorAnswer(site, visit, 413, 'error-too-large')
  const written =
    request.method === 'POST' ? field(request, 'user_code') : (request.parameters.get('user_code') ?? undefined)
  const shownCode = written?.slice(0, longestCode)
  const address = shownCode === undefined ? '/device' : `/device?user_code=${encodeURIComponent(shownCode)}`
  if (session === undefined) return login.before(visit, address)
  const posted = request.method === 'POST'
  if (posted && !cameFromOurPage(site, visit, 'session')) return errorAnswer(site, visit, 403, 'error-forged')

  const context = pageContext(site, visit, { address: posted ? '/device' : address, binding: 'session' })
  const show = (model: DevicePage, status: number = 200): BrowserAnswer =>
    withCookies(pageAnswer(status, devicePage(context, model)), visit.cookies)

  // A code that came with the address is shown, to be compared, and is sent by the person (RFC 8628 §5.4).
  if (!posted || shownCode === undefined)
    return show({ step: 'code', ...(shownCode === undefined ? {} : { code: shownCode }) })
  // Codes are short: whoever tries many is slowed down (RFC 8628 §5.1).
  if ((await guesses.guess(`device ${session.login.subject}`, request.address)) > 0)
    return errorAnswer(site, visit, 429, 'error-unavailable')
  const found = await site.decoupled.findByUserCode(normalizedUserCode(shownCode), site.clock.now())
  if (found?.record.kind !== 'device_code') return show({ step: 'code', code: shownCode, error: 'device-unknown' }, 400)
  await guesses.right(`device ${session.login.subject}`, request.address)
  const action = field(request, 'action')
  if (action === 'allow' || action === 'deny') {
    const decided = await grant(session, found.digest, found.record, action, request.correlationId)
    if (!decided) return show({ step: 'code', error: 'device-unknown' }, 409)
    return show({ step: action === 'allow' ? 'allowed' : 'denied' })
  }
  return show({
    step: 'confirm',
    code: shownCode,
    client: await clientView(site, found.record.clientId),
    person: session.name,
    asked: askedView(site, context, { ...found.record, details: detailsOf(found.record), choice: 'fixed' }),
  })
}

/** What was asked in detail, of a record that may have nothing. */
export function detailsOf(
  record: DecoupledAuthorizationRecord,
): NonNullable<DecoupledAuthorizationRecord['authorizationDetails']> {
  return record.authorizationDetails ?? []
}

/** A user code as it is kept: without what people put between, in upper case (RFC 8628 §6.1). */
export function normalizedUserCode(written: string): string {
  return written.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
}

const longestCode = 40
