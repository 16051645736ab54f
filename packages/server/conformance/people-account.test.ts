import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { base32, totpCode } from '../src/people/totp.ts'
import { createFormBrowser } from './form-browser.ts'
import type { BrowserPage, FormBrowser } from './form-browser.ts'
import { code, password, shownKey, startPeopleSite, untilTheEnd } from './people-site.ts'
import type { PeopleSite } from './people-site.ts'
import type { TestServer } from './test-server.ts'

const end = untilTheEnd()
let site: PeopleSite
let server: TestServer

before(async () => {
  site = await startPeopleSite(end)
  server = site.server
})

describe('account and logout', () => {
  test('a person sees what he allowed and takes it back; his other browsers are listed and logged out', async () => {
    const { browser, page } = await site.loggedIn()
    await browser.press(page, 'allow')
    const elsewhere = await site.loggedIn()
    const account = await browser.open('/account')
    assert.match(account.text, /The Shop/)
    assert.match(account.text, /See your orders/)
    assert.match(account.text, /this browser/)
    const revoked = await browser.press(account, 'revoke-1')
    assert.match(revoked.text, /The access was taken back/)
    const ended = await browser.press(revoked, 'end-others')
    assert.doesNotMatch(ended.text, /id="end-session-1"/)
    assert.match((await elsewhere.browser.open('/account')).text, /<h1>Log in<\/h1>/)
    assert.match((await browser.open('/account')).text, /<h1>Your account<\/h1>/)
  })

  test('logout asks first, goes back only to a registered address, and the session is over', async () => {
    for (const [uri, back] of [
      ['https://shop.test/bye', 'https://shop.test/bye?state=x'],
      ['https://evil.test/bye', undefined],
      ['https://shop.test/bye/', undefined],
    ] as const) {
      const { browser } = await site.loggedIn(code({ prompt: 'login consent' }))
      const query = new URLSearchParams({ client_id: 'shop', post_logout_redirect_uri: uri, state: 'x' }).toString()
      const ask = await browser.open(`/logout?${query}`)
      assert.match(ask.text, /<h1>Log out\?<\/h1>/)
      const done = await browser.press(ask, 'submit')
      assert.equal(done.elsewhere?.href, back)
      assert.equal(browser.cookies.has('__Host-holdfast'), false)
      assert.match((await browser.open('/account')).text, /<h1>Log in<\/h1>/)
    }
  })

  test('a hint that is no ID token of ours logs nobody out', async () => {
    const { browser } = await site.loggedIn()
    assert.equal((await browser.open('/logout?id_token_hint=eyJhbGciOiJub25lIn0.e30.')).status, 400)
    assert.match((await browser.open('/account')).text, /<h1>Your account<\/h1>/)
  })
})

describe('codes of an authenticator app', () => {
  test('whoever set up codes is asked for one after the password; a code counts once, and setting up needs the password', async () => {
    const { browser } = await site.loggedIn()
    const account = await browser.open('/account')
    const refused = await browser.press(account, 'submit-totp', { 'password-now': 'wrong' })
    assert.match(refused.text, /present password is not right/)
    const setUp = await browser.press(account, 'submit-totp', { 'password-now': password })
    const key = shownKey(setUp)
    const on = await browser.press(setUp, 'submit-totp', { code: codeNow(key) })
    assert.match(on.text, /Switched on/)

    const other = createFormBrowser(server)
    const second = await other.press(await other.open(code()), 'submit', { username: 'ada', password })
    assert.match(second.text, /<h1>Second step<\/h1>/)
    assert.equal(other.cookies.has('__Host-holdfast'), false, 'the password alone is no login')
    const replayed = await other.press(second, 'submit', { code: codeNow(key) })
    assert.match(replayed.text, /was used before/, 'the code of the set-up does not count again')
    site.clock.advance(30)
    const done = await other.press(second, 'submit', { code: codeNow(key) })
    assert.match(done.text, /Allow access/)
    const off = await browser.press(await browser.open('/account'), 'submit-totp', { 'password-now': password })
    assert.match(off.text, /Switched off/)
  })

  test('the picture on the page is the QR code of the key, as a camera reads it', async () => {
    const { browser } = await site.loggedIn()
    const setUp = await browser.press(await browser.open('/account'), 'submit-totp', { 'password-now': password })
    const [, size = '0'] = /viewBox="0 0 ([0-9]+) [0-9]+"/.exec(setUp.text) ?? []
    const scale = 4
    const width = Number(size) * scale
    const data = new Uint8ClampedArray(width * width * 4).fill(255)
    for (const [, x, y, length] of setUp.text.matchAll(/M([0-9]+) ([0-9]+)h([0-9]+)v1/g))
      for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row++)
        for (let column = Number(x) * scale; column < (Number(x) + Number(length)) * scale; column++)
          data.set([0, 0, 0, 255], (row * width + column) * 4)
    // Its types speak of a browser's.
    const { default: decodeQr } = (await import(['qr', 'decode.js'].join('/'))) as {
      default: (image: object) => string
    }
    const read = decodeQr({ width, height: width, data })
    const link = new URL(read)
    assert.equal(link.searchParams.get('secret'), base32(shownKey(setUp)))
    assert.equal(link.searchParams.get('issuer'), 'Test Bank')
    assert.match(decodeURIComponent(link.href), /^otpauth:\/\/totp\/Test Bank:Ada\?/)
  })

  test('ten recovery codes are shown once; each replaces the app once, in one browser alone, and new ones end those from before', async () => {
    const { browser } = await site.loggedIn()
    const setUp = await browser.press(await browser.open('/account'), 'submit-totp', { 'password-now': password })
    site.clock.advance(30)
    const on = await browser.press(setUp, 'submit-totp', { code: codeNow(shownKey(setUp)) })
    const codes = shownCodes(on)
    assert.equal(new Set(codes).size, 10)
    assert.match(on.text, /only now/)
    const later = await browser.open('/account')
    assert.deepEqual(shownCodes(later), [])
    assert.match(later.text, /Codes left: 10/)

    const second = async (): Promise<{ readonly other: FormBrowser; readonly page: BrowserPage }> => {
      const other = createFormBrowser(server)
      return { other, page: await other.press(await other.open(code()), 'submit', { username: 'ada', password }) }
    }
    const [first = '', next = '', third = ''] = codes
    const { other, page } = await second()
    const wrong = await other.press(page, 'submit-recovery', { recovery: 'AAAA-BBBB-CCCC-DDDD' })
    assert.match(wrong.text, /recovery code is not right/)
    assert.match(wrong.text, /<details id="recovery-part"\s+open/)
    const typed = first.toLowerCase().replaceAll('-', ' ')
    const done = await other.press(wrong, 'submit-recovery', { recovery: typed })
    assert.match(done.text, /Allow access/)
    const again = await second()
    assert.match((await again.other.press(again.page, 'submit-recovery', { recovery: first })).text, /used before/)

    const racers = await Promise.all(Array.from({ length: 4 }, second))
    const raced = await Promise.all(
      racers.map((racer) => racer.other.press(racer.page, 'submit-recovery', { recovery: next })),
    )
    assert.equal(raced.filter(({ text }) => text.includes('Allow access')).length, 1)
    assert.match((await browser.open('/account')).text, /Codes left: 8/)

    site.clock.advance(600)
    const account = await browser.open('/account')
    const unproven = await browser.press(account, 'submit-recovery', { 'password-now': 'wrong' })
    assert.match(unproven.text, /present password is not right/)
    const renewed = await browser.press(account, 'submit-recovery', { 'password-now': password })
    const fresh = shownCodes(renewed)
    assert.equal(fresh.length, 10)
    const late = await second()
    assert.match((await late.other.press(late.page, 'submit-recovery', { recovery: third })).text, /used before/)
    assert.match(
      (await late.other.press(late.page, 'submit-recovery', { recovery: fresh[9] ?? '' })).text,
      /Allow access/,
    )

    const kept = JSON.stringify(site.audit())
    for (const one of [...codes, ...fresh]) assert.ok(!kept.includes(one) && !kept.includes(one.replaceAll('-', '')))
    const changes = site.audit().filter(({ event }) => event === 'person_changed')
    assert.deepEqual(
      changes.slice(-5).map(({ change, left }) => [change, left]),
      [
        ['codes_added', undefined],
        ['recovery_code_used', 9],
        ['recovery_code_used', 8],
        ['recovery_codes_made', 10],
        ['recovery_code_used', 9],
      ],
    )
    const off = await browser.press(await browser.open('/account'), 'submit-totp', { 'password-now': password })
    assert.doesNotMatch(off.text, /Codes left/)
  })

  const codeNow = (key: Uint8Array): string => totpCode(key, Math.floor(site.clock.now() / 30))
})

function shownCodes(page: BrowserPage): readonly string[] {
  return [...page.text.matchAll(/<li><code>([^<]+)<\/code><\/li>/g)].map(([, one = '']) => one)
}
