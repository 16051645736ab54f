import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { createFormBrowser } from './form-browser.ts'
import { code, password, startPeopleSite, untilTheEnd } from './people-site.ts'
import type { AuditLine, PeopleSite } from './people-site.ts'

const end = untilTheEnd()
let site: PeopleSite

before(async () => {
  site = await startPeopleSite(end)
})

/** The events of people that `act` brings. */
async function writtenBy(act: () => Promise<unknown>): Promise<readonly AuditLine[]> {
  const before = site.audit().length
  await act()
  return site.audit().slice(before)
}

describe('the audit of people', () => {
  test('says who logged in how and from where, and who was not let in and why, by the reference of the request', async () => {
    const [logged] = await writtenBy(() => site.loggedIn())
    assert.equal(logged?.event, 'person_logged_in')
    assert.deepEqual(
      [logged['way'], logged['subject'], logged['amr'], logged['address']],
      ['password', 'u1', ['pwd'], '127.0.0.1'],
    )
    assert.match(String(logged['sessionId']), /^[A-Za-z0-9_-]{16,}$/)
    for (const [username, typed, reason, subject] of [
      ['ada', 'wrong-password-1', 'password_wrong', 'u1'],
      ['wrong-password-2', 'wrong-password-3', 'user_unknown', undefined],
      ['bob', password, 'user_disabled', 'u2'],
    ] as const) {
      const browser = createFormBrowser(site.server)
      const login = await browser.open(code())
      const [refused, ...more] = await writtenBy(() => browser.press(login, 'submit', { username, password: typed }))
      assert.equal(refused?.event, 'login_refused')
      assert.deepEqual(refused['failure'], { reason })
      assert.equal(refused['subject'], subject)
      assert.equal(typeof refused['correlationId'], 'string')
      assert.deepEqual(more, [])
    }
  })

  test('says what was allowed and what was not, here and on another channel', async () => {
    const { browser, page } = await site.loggedIn()
    const [granted] = await writtenBy(() => browser.press(page, 'allow'))
    assert.equal(granted?.event, 'authorization_granted')
    const again = await site.loggedIn()
    const [refused] = await writtenBy(() => again.browser.press(again.page, 'deny'))
    assert.equal(refused?.event, 'request_refused')
    assert.deepEqual(refused['failure'], { reason: 'person_refused', subject: 'u1' })
    for (const [decision, event] of [
      ['allow-1', 'authorization_granted'],
      ['deny-1', 'authorization_refused'],
    ] as const) {
      const certificate = site.server.authority.issue({ san: { dns: ['shop.test'] } })
      const form = { client_id: 'shop', scope: 'openid orders:read', login_hint: 'ada' }
      await site.server.post('/bc-authorize', form, { certificate })
      const asked = await browser.open('/approve')
      const [decided] = await writtenBy(() => browser.press(asked, decision))
      assert.equal(decided?.event, event)
      assert.deepEqual([decided['subject'], decided['clientId']], ['u1', 'shop'])
      assert.deepEqual(decided['scope'], ['openid', 'orders:read'])
    }
  })

  test('says what a person took back and changed on the account page, and what he could not', async () => {
    const { browser, page } = await site.loggedIn()
    await browser.press(page, 'allow')
    const account = await browser.open('/account')
    const [revoked] = await writtenBy(() => browser.press(account, 'revoke-1'))
    assert.deepEqual(
      [revoked?.event, revoked?.['subject'], revoked?.['clientId']],
      ['authorization_revoked', 'u1', 'shop'],
    )
    const other = await site.loggedIn()
    const list = await browser.open('/account')
    const [ended, ...more] = await writtenBy(() => browser.press(list, 'end-others'))
    assert.deepEqual([ended?.event, ended?.['by']], ['person_logged_out', 'account'])
    assert.ok(more.every(({ event }) => event === 'person_logged_out'))
    assert.match((await other.browser.open('/account')).text, /<h1>Log in<\/h1>/)
    const security = await browser.open('/account')
    const [kept] = await writtenBy(() => browser.press(security, 'submit-totp', { 'password-now': 'wrong-password-4' }))
    assert.deepEqual(
      [kept?.event, kept?.['change'], kept?.['failure']],
      ['person_change_refused', 'codes_added', { reason: 'password_wrong' }],
    )
  })

  test('says who logged out, by whose wish', async () => {
    const { browser } = await site.loggedIn()
    const asked = await browser.open('/logout')
    const [out] = await writtenBy(() => browser.press(asked, 'submit'))
    assert.deepEqual(
      [out?.event, out?.['subject'], out?.['by'], out?.['clientsTold']],
      ['person_logged_out', 'u1', 'person', 0],
    )
    const once = await site.loggedIn()
    const tokens = await site.tokens(await once.browser.press(once.page, 'allow'))
    const hint = String(tokens.json['id_token'])
    const [byClient] = await writtenBy(() => once.browser.open(`/logout?id_token_hint=${hint}`))
    assert.deepEqual(
      [byClient?.event, byClient?.['by'], byClient?.['authorizationsEnded']],
      ['person_logged_out', 'client', 1],
    )
  })

  test('says who was logged out because somebody else logged in', async () => {
    const { browser, page } = await site.loggedIn()
    const tokens = await site.tokens(await browser.press(page, 'allow'))
    const again = await browser.open(code({ prompt: 'login' }))
    const [out, logged] = await writtenBy(() => browser.press(again, 'submit', { username: 'eve', password }))
    assert.deepEqual([out?.event, out?.['subject'], out?.['by']], ['person_logged_out', 'u1', 'another_person'])
    assert.deepEqual([logged?.event, logged?.['subject']], ['person_logged_in', 'u3'])
    const certificate = site.server.authority.issue({ san: { dns: ['shop.test'] } })
    const refresh_token = String(tokens.json['refresh_token'])
    const form = { grant_type: 'refresh_token', client_id: 'shop', refresh_token }
    assert.equal((await site.server.post('/token', form, { certificate })).json['error'], 'invalid_grant')
  })

  test('holds no password, cookie or token, and its chain is whole', () => {
    const text = readFileSync(join(site.server.directory, 'audit.jsonl'), 'utf8')
    const log = readFileSync(join(site.server.directory, 'holdfast.log'), 'utf8')
    for (const secret of [password, 'wrong-password', 'eyJ'])
      for (const where of [text, log]) assert.ok(!where.includes(secret), secret)
    let previous = ''
    for (const [at, line] of text.trimEnd().split('\n').entries()) {
      const { prev, seq } = JSON.parse(line) as { readonly prev: string; readonly seq: number }
      assert.deepEqual([prev, seq], [previous, at])
      previous = createHash('sha256').update(line).digest('base64url')
    }
  })
})

test('who cannot be written down is not let in: no cookie, and a page that says the server is at fault', async (t) => {
  const full = await startPeopleSite(t, { more: { audit: { destination: '/dev/full' } } })
  const browser = createFormBrowser(full.server)
  const login = await browser.open('/account')
  const refused = await browser.press(login, 'submit', { username: 'ada', password })
  assert.equal(refused.status, 500)
  assert.equal(browser.cookies.has('__Host-holdfast'), false)
})
