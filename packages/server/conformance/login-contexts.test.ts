import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { totpCode } from '../src/people/totp.ts'
import { createFormBrowser } from './form-browser.ts'
import type { FormBrowser } from './form-browser.ts'
import { code, idTokenClaims, password, shownKey, startPeopleSite, untilTheEnd } from './people-site.ts'
import type { PeopleSite } from './people-site.ts'

const passwordOnly = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport'
const twoFactors = 'https://refeds.org/profile/mfa'
const end = untilTheEnd()
let site: PeopleSite

before(async () => {
  site = await startPeopleSite(end, { people: { passkeys: 'on' } })
})

const essential = (...values: readonly string[]): Record<string, string> => ({
  claims: JSON.stringify({ id_token: { acr: { essential: true, values } } }),
})

describe('the authentication context of a login', () => {
  test('OPENID-CORE-M13  is what the metadata offers, and is said in the ID token', async () => {
    const { json } = await site.server.send({ path: '/.well-known/openid-configuration' })
    assert.deepEqual(json['acr_values_supported'], ['phr', twoFactors, passwordOnly])
    const { browser, page } = await site.loggedIn(code({ acr_values: `phr ${twoFactors}` }))
    const claims = idTokenClaims(await site.tokens(await browser.press(page, 'allow')))
    assert.equal(claims['acr'], passwordOnly, 'wished for, not reached: told as it is')
  })

  test('OPENID-CORE-M8  essential: only ways that can reach it are offered, and a login that does not ends with the error', async () => {
    const browser = createFormBrowser(site.server)
    const login = await browser.open(code(essential('phr')))
    assert.match(login.text, /id="passkey"/)
    assert.doesNotMatch(login.text, /id="password"/)
    const either = await browser.open(code(essential(twoFactors)))
    assert.match(either.text, /id="password"/)
    const failed = await browser.press(either, 'submit', { username: 'ada', password })
    assert.equal(failed.elsewhere?.searchParams.get('error'), 'unmet_authentication_requirements')
  })

  test('a login by password and code is two factors, and a password, as the client asks', async () => {
    const browser = await withCodes()
    for (const [more, acr] of [
      [{}, twoFactors],
      [essential(twoFactors), twoFactors],
      [essential('urn:unknown', passwordOnly), passwordOnly],
      [{ acr_values: `urn:unknown ${passwordOnly}` }, passwordOnly],
      [{ claims: JSON.stringify({ id_token: { acr: { values: [passwordOnly] } } }) }, passwordOnly],
    ] as const) {
      const consent = await browser.open(code(more))
      const claims = idTokenClaims(await site.tokens(await browser.press(consent, 'allow')))
      assert.equal(claims['acr'], acr, JSON.stringify(more))
      assert.deepEqual(claims['amr'], ['pwd', 'otp', 'mfa'])
    }
    const stepUp = await browser.open(code(essential('phr')))
    assert.match(stepUp.text, /log in again/, 'a session that does not reach it is asked for more')
  })
})

/** A browser in which somebody has logged in by password and code. */
async function withCodes(): Promise<FormBrowser> {
  const { browser } = await site.loggedIn()
  const setUp = await browser.press(await browser.open('/account'), 'submit-totp', { 'password-now': password })
  const key = shownKey(setUp)
  const now = (): string => totpCode(key, Math.floor(site.clock.now() / 30))
  await browser.press(setUp, 'submit-totp', { code: now() })
  site.clock.advance(30)
  const other = createFormBrowser(site.server)
  const second = await other.press(await other.open('/account'), 'submit', { username: 'ada', password })
  await other.press(second, 'submit', { code: now() })
  return other
}
