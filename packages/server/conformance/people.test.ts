import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer } from 'node:https'
import { after, before, describe, test } from 'node:test'
import { clientSecretHash } from '@holdfast/server'
import { createTestAuthority, fixedClock, listenOnLoopback } from '@holdfast/testkit'
import { totpCode } from '../src/people/totp.ts'
import { createFormBrowser, formWith } from './form-browser.ts'
import type { BrowserPage, FormBrowser } from './form-browser.ts'
import { claimsOf, startTestServer } from './test-server.ts'
import type { TestAnswer, TestServer } from './test-server.ts'

const verifier = 'v'.repeat(43)
const password = 'correct horse battery staple'
const code = (more: Readonly<Record<string, string>> = {}): string =>
  `/authorize?${new URLSearchParams({
    response_type: 'code',
    client_id: 'shop',
    redirect_uri: 'https://shop.test/cb',
    scope: 'openid orders:read',
    state: 's1',
    prompt: 'consent',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  }).toString()}`

const clock = fixedClock(Math.floor(Date.now() / 1000))
const cleanUps: (() => unknown)[] = []
let server: TestServer
let relying: RelyingParty

before(async () => {
  const password_hash = await clientSecretHash(password)
  relying = await startRelyingParty()
  server = await startTestServer(
    { after: (cleanUp: () => unknown) => cleanUps.push(cleanUp) },
    {
      clients: [
        {
          client_id: 'shop',
          client_name: 'The Shop',
          token_endpoint_auth_method: 'tls_client_auth',
          tls_client_auth_san_dns: 'shop.test',
          trust: 'partners',
          grant_types: [
            'authorization_code',
            'refresh_token',
            'urn:ietf:params:oauth:grant-type:device_code',
            'urn:openid:params:grant-type:ciba',
          ],
          backchannel_token_delivery_mode: 'poll',
          redirect_uris: ['https://shop.test/cb'],
          post_logout_redirect_uris: ['https://shop.test/bye'],
          backchannel_logout_uri: `https://localhost:${relying.port}/logout`,
          scope: 'openid profile orders:read offline_access',
        },
      ],
      more: {
        people: {
          users: [
            { subject: 'u1', username: 'Ada', password_hash, claims: { name: 'Ada L.', email: 'ada@example.com' } },
            { subject: 'u2', username: 'bob', password_hash, disabled: true },
          ],
        },
        limits: { 'jwks-uri-private-addresses': ['127.0.0.1', '::1'] },
        ui: {
          'service-name': 'Test Bank',
          scopes: { 'orders:read': { en: 'See your orders', de: 'Ihre Bestellungen sehen' } },
        },
      },
    },
    { clock, jwksUriCa: relying.ca },
  )
})
after(async () => {
  for (const cleanUp of cleanUps) await cleanUp()
})

async function loggedIn(path: string = code()): Promise<{ readonly browser: FormBrowser; readonly page: BrowserPage }> {
  const browser = createFormBrowser(server)
  const login = await browser.open(path)
  assert.match(login.text, /<h1>Log in<\/h1>/)
  return { browser, page: await browser.press(login, 'submit', { username: 'ada', password }) }
}

describe('a person without JavaScript', () => {
  test('logs in, allows what is asked, and the client gets a token for him that is bound to its certificate', async () => {
    const { browser, page } = await loggedIn()
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
    const { browser, page: consent } = await loggedIn()
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
    const { browser, page } = await loggedIn()
    const { hidden } = formWith(page, 'allow')
    const { csrf: _, ...without } = hidden
    const other = await loggedIn()
    const theirs = formWith(other.page, 'allow').hidden
    const forged: readonly (readonly [string, Record<string, string>, Record<string, string>])[] = [
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
    clock.advance(1)
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
    const { browser, page } = await loggedIn()
    const denied = await browser.press(page, 'deny')
    assert.equal(denied.elsewhere?.searchParams.get('error'), 'access_denied')
    assert.equal(denied.elsewhere.searchParams.get('state'), 's1')
    assert.equal(denied.elsewhere.searchParams.get('iss'), 'https://as.test')
  })
})

describe('account and logout', () => {
  test('a person sees what he allowed and takes it back; his other browsers are listed and logged out', async () => {
    const { browser, page } = await loggedIn()
    await browser.press(page, 'allow')
    const elsewhere = await loggedIn()
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
      const { browser } = await loggedIn(code({ prompt: 'login consent' }))
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
    const { browser } = await loggedIn()
    assert.equal((await browser.open('/logout?id_token_hint=eyJhbGciOiJub25lIn0.e30.')).status, 400)
    assert.match((await browser.open('/account')).text, /<h1>Your account<\/h1>/)
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

test('whoever set up codes is asked for one after the password; a code counts once, and setting up needs the password', async () => {
  const { browser } = await loggedIn()
  const account = await browser.open('/account')
  const refused = await browser.press(account, 'submit-totp', { 'password-now': 'wrong' })
  assert.match(refused.text, /present password is not right/)
  const setUp = await browser.press(account, 'submit-totp', { 'password-now': password })
  const key = fromBase32(/id="totp-key"[^>]*>([^<]+)</.exec(setUp.text)?.[1] ?? '')
  const step = (): number => Math.floor(clock.now() / 30)
  const on = await browser.press(setUp, 'submit-totp', { code: totpCode(key, step()) })
  assert.match(on.text, /Switched on/)

  const other = createFormBrowser(server)
  const second = await other.press(await other.open(code()), 'submit', { username: 'ada', password })
  assert.match(second.text, /<h1>Second step<\/h1>/)
  assert.equal(other.cookies.has('__Host-holdfast'), false, 'the password alone is no login')
  const replayed = await other.press(second, 'submit', { code: totpCode(key, step()) })
  assert.match(replayed.text, /was used before/, 'the code of the set-up does not count again')
  clock.advance(30)
  const done = await other.press(second, 'submit', { code: totpCode(key, step()) })
  assert.match(done.text, /Allow access/)
  const off = await browser.press(await browser.open('/account'), 'submit-totp', { 'password-now': password })
  assert.match(off.text, /Switched off/)
})

function fromBase32(text: string): Uint8Array {
  const bits = [...text.replaceAll(' ', '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2))
}

test('a client is told of the end of a login until it has heard, by a token that says which', async () => {
  const { browser, page } = await loggedIn()
  const done = await browser.press(page, 'allow')
  const certificate = server.authority.issue({ san: { dns: ['shop.test'] } })
  const form = {
    grant_type: 'authorization_code',
    client_id: 'shop',
    code: done.elsewhere?.searchParams.get('code') ?? '',
    redirect_uri: 'https://shop.test/cb',
    code_verifier: verifier,
  }
  const tokens = await server.post('/token', form, { certificate })
  const idToken = claimsOf(tokens.json['id_token'])
  assert.equal(typeof idToken['sid'], 'string')

  relying.answer = 503
  const first = relying.told(({ sid }) => sid === idToken['sid'])
  const hint = await browser.open(`/logout?id_token_hint=${String(tokens.json['id_token'])}`)
  assert.match(hint.text, /You are logged out/, 'the ID token of this very login: nothing is asked')
  assert.match(hint.text, /are being told/)
  const refused = await first
  relying.answer = 200
  const second = relying.told(({ sid }) => sid === idToken['sid'])
  clock.advance(60)
  // The next login ends, too, and what is due goes out with it.
  const again = await loggedIn()
  await again.browser.press(again.page, 'allow')
  const other = await again.browser.open('/logout')
  await again.browser.press(other, 'submit')
  const heard = await second
  assert.equal(heard['jti'], refused['jti'], 'the same message once more')
  assert.equal(heard['sid'], idToken['sid'])
  assert.equal(heard['aud'], 'shop')
  assert.equal(heard['iss'], 'https://as.test')
  assert.deepEqual(heard['events'], { 'http://schemas.openid.net/event/backchannel-logout': {} })
  assert.equal(heard['nonce'], undefined)
  const refreshed = await server.post(
    '/token',
    { grant_type: 'refresh_token', client_id: 'shop', refresh_token: tokens.json['refresh_token'] as string },
    { certificate },
  )
  assert.equal(refreshed.json['error'], 'invalid_grant', 'what was allowed in the login has ended with it')
})

type Claims = Readonly<Record<string, unknown>>

describe('what a person decides elsewhere', () => {
  test('RFC8628-V14  a device is connected by its code, after a question that shows the code, and once', async () => {
    const certificate = server.authority.issue({ san: { dns: ['shop.test'] } })
    const started = await server.post(
      '/device_authorization',
      { client_id: 'shop', scope: 'openid orders:read' },
      { certificate },
    )
    assert.equal(started.status, 200, started.text)
    const poll = (): Promise<TestAnswer> => {
      clock.advance(10)
      const device_code = String(started.json['device_code'])
      return server.post(
        '/token',
        { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: 'shop', device_code },
        { certificate },
      )
    }
    assert.equal((await poll()).json['error'], 'authorization_pending')
    const complete = new URL(String(started.json['verification_uri_complete']))
    const browser = createFormBrowser(server)
    const login = await browser.open(complete.pathname + complete.search)
    const entry = await browser.press(login, 'submit', { username: 'ada', password })
    assert.match(entry.text, /<h1>Connect a device<\/h1>/, 'a code in the address is not taken without a look at it')
    const asked = await browser.press(entry, 'submit')
    assert.match(asked.text, /<h1>Connect this device\?<\/h1>/)
    assert.match(asked.text, new RegExp(String(started.json['user_code'])))
    assert.match(asked.text, /If someone sent it to you, refuse/)
    const forged = await browser.post('/device', { ...formWith(asked, 'allow').hidden, csrf: 'x' })
    assert.equal(forged.status, 403)
    assert.match((await browser.press(asked, 'allow')).text, /The device is connected/)
    assert.match((await browser.press(asked, 'allow')).text, /no device waiting/)
    const answer = await poll()
    assert.equal(answer.status, 200, answer.text)
    assert.equal(claimsOf(answer.json['id_token'])['sub'], 'u1')
  })

  test('RFC8628-V15  a device that is refused gets nothing; nobody finds a code by trying many', async () => {
    const certificate = server.authority.issue({ san: { dns: ['shop.test'] } })
    const started = await server.post(
      '/device_authorization',
      { client_id: 'shop', scope: 'orders:read' },
      { certificate },
    )
    const { browser } = await loggedIn()
    const user_code = String(started.json['user_code']).toLowerCase().replace('-', ' ')
    const asked = await browser.press(await browser.open('/device'), 'submit', { user_code })
    assert.match((await browser.press(asked, 'deny')).text, /The device was refused/)
    clock.advance(10)
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: 'shop',
      device_code: String(started.json['device_code']),
    }
    assert.equal((await server.post('/token', form, { certificate })).json['error'], 'access_denied')
    const page = await browser.open('/device')
    const statuses: number[] = []
    for (let guess = 0; guess < 7; guess++)
      statuses.push((await browser.press(page, 'submit', { user_code: `BCDF-BCD${guess}` })).status)
    assert.ok(statuses.includes(429), statuses.join())
  })

  test('a person sees what is asked, by whom and with which words, and approves it or not', async () => {
    const certificate = server.authority.issue({ san: { dns: ['shop.test'] } })
    const ask = async (binding_message: string): Promise<() => Promise<TestAnswer>> => {
      const form = { client_id: 'shop', scope: 'openid orders:read', login_hint: 'ada', binding_message }
      const started = await server.post('/bc-authorize', form, { certificate })
      assert.equal(started.status, 200, started.text)
      return () => {
        clock.advance(10)
        const auth_req_id = String(started.json['auth_req_id'])
        return server.post(
          '/token',
          { grant_type: 'urn:openid:params:grant-type:ciba', client_id: 'shop', auth_req_id },
          { certificate },
        )
      }
    }
    const first = await ask('W4SCT')
    const { browser } = await loggedIn()
    assert.match((await browser.open('/account')).text, /waiting for your decision/)
    const page = await browser.open('/approve')
    assert.match(page.text, /W4SCT/)
    assert.match(page.text, /The Shop/)
    assert.match((await browser.press(page, 'allow-1')).text, /Approved/)
    assert.match((await browser.press(page, 'allow-1')).text, /decided already/)
    assert.equal(claimsOf((await first()).json['id_token'])['sub'], 'u1')
    const second = await ask('NO')
    await browser.press(await browser.open('/approve'), 'deny-1')
    assert.equal((await second()).json['error'], 'access_denied')
  })
})

interface RelyingParty {
  readonly port: number
  readonly ca: string
  answer: number
  /** The claims of the next logout token that fits. */
  told(fits: (claims: Claims) => boolean): Promise<Claims>
}

async function startRelyingParty(): Promise<RelyingParty> {
  const authority = createTestAuthority()
  const identity = authority.issueServer(['localhost'])
  let waiting: { readonly fits: (claims: Claims) => boolean; readonly resolve: (claims: Claims) => void }[] = []
  const party: RelyingParty = {
    port: 0,
    ca: authority.rootPem,
    answer: 200,
    told: (fits) => new Promise((resolve) => waiting.push({ fits, resolve })),
  }
  const listening = createServer({ cert: identity.chainPem, key: identity.keyPem }, (request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      response.writeHead(party.answer).end()
      const claims = claimsOf(new URLSearchParams(body).get('logout_token'))
      for (const { fits, resolve } of waiting) if (fits(claims)) resolve(claims)
      waiting = waiting.filter(({ fits }) => !fits(claims))
    })
  })
  const port = await listenOnLoopback(
    { after: (cleanUp: () => Promise<void>) => void cleanUps.push(cleanUp) },
    listening,
  )
  return Object.assign(party, { port })
}
