import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { createFormBrowser, formWith } from './form-browser.ts'
import type { FormFields } from './form-browser.ts'
import { code, password, startPeopleSite, untilTheEnd, verifier } from './people-site.ts'
import type { PeopleSite } from './people-site.ts'
import { claimsOf } from './test-server.ts'
import type { TestServer } from './test-server.ts'

const end = untilTheEnd()
let site: PeopleSite
let server: TestServer

before(async () => {
  site = await startPeopleSite(end)
  server = site.server
})

describe('a person without JavaScript', () => {
  test('logs in, allows what is asked, and the client gets a token for him that is bound to its certificate', async () => {
    const { browser, page } = await site.loggedIn()
    assert.match(page.text, /<h1>Allow access\?<\/h1>/)
    assert.match(page.text, /The Shop/)
    assert.match(page.text, /See your orders/)
    const done = await browser.press(page, 'allow')
    assert.equal(done.status, 303)
    assert.equal(done.elsewhere?.origin, 'https://shop.test')
    assert.equal(done.elsewhere.searchParams.get('state'), 's1')
    assert.equal(done.elsewhere.searchParams.get('iss'), 'https://as.test')
    const certificate = server.authority.issue({ san: { dns: ['shop.test'] } })
    const answer = await server.post(
      '/token',
      {
        grant_type: 'authorization_code',
        client_id: 'shop',
        code: done.elsewhere.searchParams.get('code') ?? '',
        redirect_uri: 'https://shop.test/cb',
        code_verifier: verifier,
      },
      { certificate },
    )
    assert.equal(answer.status, 200, answer.text)
    assert.equal(claimsOf(answer.json['id_token'])['sub'], 'u1')
    assert.equal(
      (claimsOf(answer.json['access_token'])['cnf'] as Record<string, string>)['x5t#S256'],
      certificate.thumbprint,
    )
  })
})

describe('what others did wrong', () => {
  test('RFC9700-R15  every page forbids frames, caches and foreign content, and needs no inline script or style', async () => {
    const { browser, page: consent } = await site.loggedIn()
    const pages = [
      await createFormBrowser(server).open(code()),
      consent,
      await browser.open('/account'),
      await browser.open('/device'),
      await browser.open('/approve'),
      await browser.open('/logout'),
      await browser.open('/login?ticket=none'),
      await browser.open('/authorize?client_id=nobody'),
    ]
    for (const { path, headers, text } of pages) {
      const policy = String(headers['content-security-policy'])
      assert.match(policy, /default-src 'none'/, path)
      assert.match(policy, /frame-ancestors 'none'/, path)
      assert.match(policy, /base-uri 'none'/, path)
      assert.doesNotMatch(policy, /unsafe|\*|https:(?!\/\/shop\.test)/, path)
      assert.equal(headers['x-frame-options'], 'DENY', path)
      assert.equal(headers['cache-control'], 'no-store', path)
      assert.equal(headers['x-content-type-options'], 'nosniff', path)
      assert.match(String(headers['strict-transport-security']), /max-age=/, path)
      assert.equal(headers['access-control-allow-origin'], undefined, path)
      assert.doesNotMatch(text, /<style|\sstyle=|<script(?![^>]*src=)|\son\w+=/i, path)
      assert.doesNotMatch(text, /mtls\.as\.test/, 'the host that asks for certificates must not be named to browsers')
    }
  })

  test('a form that another site made changes nothing, whatever is missing or wrong in it', async () => {
    const { browser, page } = await site.loggedIn()
    const { hidden } = formWith(page, 'allow')
    const { csrf: _, ...without } = hidden
    const other = await site.loggedIn()
    const theirs = formWith(other.page, 'allow').hidden
    const forged: readonly (readonly [string, FormFields, Record<string, string>])[] = [
      ['without the token', without, {}],
      ['with the token of another browser', { ...hidden, csrf: theirs['csrf'] ?? '' }, {}],
      ['from another origin', hidden, { origin: 'https://evil.test' }],
      ['from an origin that hides', hidden, { origin: 'null' }],
      ['from another site, as the browser says', hidden, { 'sec-fetch-site': 'cross-site' }],
    ]
    for (const [how, fields, headers] of forged) {
      const answer = await browser.post('/consent', fields, headers)
      assert.equal(answer.status, 403, how)
      assert.equal(answer.elsewhere, undefined, how)
    }
    assert.equal((await browser.press(page, 'allow')).elsewhere?.host, 'shop.test', 'the person himself goes on')
  })

  test('a login form of the attacker cannot log a victim in as the attacker', async () => {
    const attacker = createFormBrowser(server)
    const { hidden } = formWith(await attacker.open(code()), 'submit')
    const victim = createFormBrowser(server)
    await victim.open(code())
    const answer = await victim.post('/login', { ...hidden, username: 'ada', password })
    assert.equal(answer.status, 403)
    assert.equal(victim.cookies.has('__Host-holdfast'), false)
  })

  test('a link to a login that somebody else began opens nothing', async () => {
    const login = await createFormBrowser(server).open(code())
    const answer = await createFormBrowser(server).open(login.path)
    assert.equal(answer.status, 400)
    assert.match(answer.text, /belongs to another browser/)
  })

  test('a session that was planted before the login opens nothing, and one from before opens nothing after it', async () => {
    const browser = createFormBrowser(server)
    browser.cookies.set('__Host-holdfast', 'planted-by-an-attacker-before-the-login-00000000')
    const login = await browser.open(code())
    await browser.press(login, 'submit', { username: 'ada', password })
    const first = browser.cookies.get('__Host-holdfast') ?? ''
    assert.notEqual(first, 'planted-by-an-attacker-before-the-login-00000000')
    site.clock.advance(1)
    const again = await browser.open(code({ prompt: 'login consent' }))
    assert.match(again.text, /log in again/)
    await browser.press(again, 'submit', { username: 'ada', password })
    assert.notEqual(browser.cookies.get('__Host-holdfast'), first)
    const thief = createFormBrowser(server)
    thief.cookies.set('__Host-holdfast', first)
    assert.match((await thief.open('/account')).text, /<h1>Log in<\/h1>/)
  })

  test('cookies are for this host, over TLS, out of reach for scripts and other sites', async () => {
    const answer = await server.send({ path: code() })
    const lines = [answer.headers['set-cookie'] ?? []].flat()
    assert.ok(lines.length > 0)
    for (const line of lines) assert.match(line, /^__Host-[^;]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/)
  })

  test('an unknown user, a disabled one and a wrong password are told the same, with the same work', async () => {
    const times: number[] = []
    const texts: string[] = []
    for (const [username, typed] of [
      ['nobody', password],
      ['bob', password],
      ['ada', 'wrong'],
    ] as const) {
      const browser = createFormBrowser(server)
      const login = await browser.open(code())
      let best = Number.POSITIVE_INFINITY
      let text = ''
      for (let round = 0; round < 2; round++) {
        const began = performance.now()
        text = (await browser.press(login, 'submit', { username, password: typed })).text
        best = Math.min(best, performance.now() - began)
      }
      times.push(best)
      texts.push(/<div id="error"[\s\S]*?<\/div>/.exec(text)?.[0] ?? text)
    }
    assert.equal(new Set(texts).size, 1)
    // One argon2id of 19 MiB each; without it an answer comes in one or two milliseconds.
    for (const time of times) assert.ok(time > 8, `the quickest took ${Math.min(...times)} ms`)
  })

  test('after five wrong passwords the next guess waits, also the right one, and another account does not', async () => {
    const browser = createFormBrowser(server)
    const login = await browser.open(code())
    for (let guess = 0; guess < 5; guess++) {
      const wrong = await browser.press(login, 'submit', { username: 'guessed', password: `guess ${guess}` })
      assert.equal(wrong.status, 400)
    }
    const limited = await browser.press(login, 'submit', { username: 'guessed', password })
    assert.equal(limited.status, 429)
    assert.match(limited.text, /Too many attempts/)
    const other = await browser.press(login, 'submit', { username: 'ada', password })
    assert.match(other.text, /Allow access/)
  })

  test('CVE-2026-41008  no error leads to an address that the client did not register', async () => {
    const browser = createFormBrowser(server)
    for (const more of [
      { redirect_uri: 'https://evil.test/cb' },
      { redirect_uri: 'https://shop.test/cb/' },
      { redirect_uri: 'https://SHOP.test/cb' },
      { redirect_uri: 'https://evil.test/cb', response_type: 'nonsense' },
      { redirect_uri: 'https://evil.test/cb', request_uri: 'urn:nothing' },
      { client_id: 'nobody' },
    ]) {
      const answer = await browser.open(code(more))
      assert.equal(answer.elsewhere, undefined, JSON.stringify(more))
      assert.match(answer.text, /<h1>That did not work<\/h1>/)
      assert.doesNotMatch(answer.text, /href="https:\/\/evil/)
    }
  })

  test('the host that asks for certificates has no pages', async () => {
    for (const path of ['/authorize', '/login', '/account', '/device', '/logout', '/ui/style.css'])
      assert.equal((await server.send({ path, host: 'mtls.as.test' })).status, 404, path)
  })

  test('a person who says no is believed: the client is told access_denied, with state and iss', async () => {
    const login = await createFormBrowser(server).open(code())
    assert.match(login.text, /id="cancel"/)
    const { browser, page } = await site.loggedIn()
    const denied = await browser.press(page, 'deny')
    assert.equal(denied.elsewhere?.searchParams.get('error'), 'access_denied')
    assert.equal(denied.elsewhere.searchParams.get('state'), 's1')
    assert.equal(denied.elsewhere.searchParams.get('iss'), 'https://as.test')
  })
})

test('the pages speak the language that the browser, the client or the person asks for', async () => {
  const german = await createFormBrowser(server).open(code(), { 'accept-language': 'de-CH, en;q=0.5' })
  // The redirect in between carries no header of the first request.
  assert.match(german.text, /lang="en"/)
  const browser = createFormBrowser(server)
  const wished = await browser.open(code({ ui_locales: 'fr de' }))
  assert.match(wished.text, /<html lang="de" dir="ltr">/)
  const english = await browser.open(`${wished.path.replace(/&ui_locales.*/, '')}&lang=en`)
  assert.match(english.text, /<html lang="en"/)
  assert.match((await browser.open('/logout')).text, /<html lang="en"/)
})
