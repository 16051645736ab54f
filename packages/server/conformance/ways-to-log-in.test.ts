import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { SignJWT, exportJWK, generateKeyPair } from 'jose'
import { listenOnLoopback } from '@holdfast/testkit'
import { createFormBrowser } from './form-browser.ts'
import type { BrowserPage, FormBrowser } from './form-browser.ts'
import { code } from './people-site.ts'
import { startTestServer } from './test-server.ts'
import type { TestServer } from './test-server.ts'

/** An OpenID provider that answers as a test tells it to. */
interface Provider {
  readonly issuer: string
  /** Laid over the claims of the next ID token. */
  claims: Record<string, unknown>
  /** Who signs: the provider, somebody else, or nobody. */
  signer: 'own' | 'other' | 'none'
  /** What came to the token endpoint. */
  form: URLSearchParams
}

const cleanUps: (() => unknown)[] = []
const context = { after: (cleanUp: () => unknown) => void cleanUps.push(cleanUp) } as never
let server: TestServer
let provider: Provider

before(async () => {
  provider = await startProvider()
  server = await startTestServer(context, {
    clients: [
      {
        client_id: 'shop',
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_san_dns: 'shop.test',
        trust: 'partners',
        grant_types: ['authorization_code'],
        redirect_uris: ['https://shop.test/cb'],
        scope: 'openid orders:read',
      },
    ],
    more: {
      hosts: {
        'as.test': { role: 'main' },
        'mtls.as.test': { role: 'mtls' },
        'card.as.test': { role: 'login-certificate', tls: { certificate: 'card.pem', key: 'card.key' } },
      },
      people: {
        users: [
          {
            subject: 'u1',
            claims: { name: 'Ada' },
            upstream: { corp: 'ada-there' },
            certificates: ['email:Ada@example.com'],
          },
          { subject: 'u2', claims: { name: 'Eve', email: 'eve@example.com' }, certificates: ['email:eve@example.com'] },
        ],
        upstream: {
          corp: { issuer: provider.issuer, 'client-id': 'holdfast', label: 'Corp' },
          open: { issuer: provider.issuer, 'client-id': 'holdfast', 'unknown-people': 'add' },
        },
        certificates: { trust: 'partners' },
      },
    },
    identities: { card: ['card.as.test'] },
  })
})
after(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})

async function toProvider(name: string = 'corp'): Promise<{ readonly browser: FormBrowser; readonly sent: URL }> {
  const browser = createFormBrowser(server)
  const page = await browser.press(await browser.open('/account'), `upstream-${name}`)
  assert.ok(page.elsewhere !== undefined, page.text)
  return { browser, sent: page.elsewhere }
}

async function comeBack(
  browser: FormBrowser,
  sent: URL,
  more: Readonly<Record<string, string>> = {},
): Promise<BrowserPage> {
  provider.claims = { nonce: sent.searchParams.get('nonce'), ...provider.claims }
  const query = new URLSearchParams({
    code: 'c',
    state: sent.searchParams.get('state') ?? '',
    iss: provider.issuer,
    ...more,
  })
  return browser.open(`${new URL(sent.searchParams.get('redirect_uri') ?? '').pathname}?${query.toString()}`)
}

describe('an upstream OpenID provider', () => {
  test('gets a request with PKCE, state and nonce, and lets the person in whom it names', async () => {
    provider.claims = { sub: 'ada-there' }
    const { browser, sent } = await toProvider()
    assert.equal(sent.searchParams.get('response_type'), 'code')
    assert.equal(sent.searchParams.get('code_challenge_method'), 'S256')
    const page = await comeBack(browser, sent)
    assert.match(page.text, /You are logged in as\s+<bdi>Ada<\/bdi>/)
    const challenge = createHash('sha256')
      .update(provider.form.get('code_verifier') ?? '')
      .digest('base64url')
    assert.equal(challenge, sent.searchParams.get('code_challenge'))
  })

  test('is asked for what the client wants, and must prove the person anew where the client does', async () => {
    const browser = createFormBrowser(server)
    const wishes = { acr_values: 'gold silver', login_hint: 'ada', ui_locales: 'de en' }
    const first = await browser.press(await browser.open(code(wishes)), 'upstream-corp')
    for (const [name, value] of Object.entries(wishes)) assert.equal(first.elsewhere?.searchParams.get(name), value)
    assert.equal(first.elsewhere?.searchParams.get('prompt'), null)
    provider.claims = { sub: 'ada-there', acr: 'gold' }
    assert.ok(first.elsewhere !== undefined)
    assert.match((await comeBack(browser, first.elsewhere)).text, /id="allow"/)
    const again = await browser.press(await browser.open(code({ prompt: 'login' })), 'upstream-corp')
    assert.equal(again.elsewhere?.searchParams.get('prompt'), 'login')
    assert.equal(again.elsewhere.searchParams.get('acr_values'), null)
    provider.claims = { sub: 'ada-there', auth_time: Math.floor(Date.now() / 1000) - 600 }
    const old = await comeBack(browser, again.elsewhere)
    assert.match(old.text, /<h1>Log in<\/h1>/, 'a provider that shows an old login has not done it')
  })

  test('names somebody unknown: refused, or given an account that is his alone, whatever address he claims', async () => {
    provider.claims = { sub: 'stranger', email: 'eve@example.com', email_verified: true, name: 'Not Eve' }
    const refused = await toProvider()
    assert.match((await comeBack(refused.browser, refused.sent)).text, /there is no account for you here/)
    const stranger = { sub: 'stranger', email: 'eve@example.com', email_verified: true, name: 'Not Eve' }
    provider.claims = stranger
    const added = await toProvider('open')
    const account = await comeBack(added.browser, added.sent)
    assert.match(account.text, /<bdi>Not Eve<\/bdi>/)
    provider.claims = stranger
    const again = await toProvider('open')
    assert.match((await comeBack(again.browser, again.sent)).text, /<bdi>Not Eve<\/bdi>/)
  })

  for (const [what, claims, signer] of [
    ['another issuer', { iss: 'https://evil.test' }, 'own'],
    ['another audience', { aud: 'somebody' }, 'own'],
    ['several audiences without azp', { aud: ['holdfast', 'somebody'] }, 'own'],
    ['another nonce', { nonce: 'of another login' }, 'own'],
    ['no nonce', { nonce: undefined }, 'own'],
    ['an end that is past', { exp: 1 }, 'own'],
    ['a signature of somebody else', {}, 'other'],
    ['no signature', {}, 'none'],
  ] as const)
    test(`an ID token with ${what} lets nobody in`, async () => {
      provider.claims = { sub: 'ada-there' }
      const { browser, sent } = await toProvider()
      provider.claims = { sub: 'ada-there', nonce: sent.searchParams.get('nonce'), ...claims }
      provider.signer = signer
      const page = await comeBack(browser, sent, {})
      provider.signer = 'own'
      assert.equal(page.status, 400)
      assert.equal(browser.cookies.has('__Host-holdfast'), false)
    })

  test('an answer of another provider, of another browser, without state or for the second time lets nobody in', async () => {
    provider.claims = { sub: 'ada-there' }
    const { browser, sent } = await toProvider()
    const state = sent.searchParams.get('state') ?? ''
    const query = (more: Readonly<Record<string, string>>): string =>
      new URLSearchParams({ code: 'c', state, iss: provider.issuer, ...more }).toString()
    assert.equal(
      (await browser.open(`/login/upstream/open?${query({})}`)).status,
      400,
      'at the address of another provider',
    )
    assert.equal(
      (await createFormBrowser(server).open(`/login/upstream/corp?${query({})}`)).status,
      400,
      'in another browser',
    )
    assert.equal((await browser.open('/login/upstream/corp?code=c')).status, 400, 'without state')
    assert.equal(
      (await browser.open(`/login/upstream/corp?${query({ iss: 'https://evil.test' })}`)).status,
      400,
      'of another issuer',
    )
    assert.equal((await comeBack(browser, sent)).status, 400, 'the state is used up')
  })
})

describe('a certificate of a person', () => {
  async function withCertificate(
    email: string | undefined,
  ): Promise<{ readonly browser: FormBrowser; readonly handed: URL }> {
    const browser = createFormBrowser(server)
    const page = await browser.press(await browser.open('/account'), 'certificate')
    assert.equal(page.elsewhere?.host, 'card.as.test')
    const certificate = email === undefined ? undefined : server.authority.issue({ san: { email: [email] } })
    const answer = await server.send({
      path: page.elsewhere.pathname + page.elsewhere.search,
      host: 'card.as.test',
      ...(certificate === undefined ? {} : { certificate }),
    })
    assert.equal(answer.status, 303)
    return { browser, handed: new URL(String(answer.headers['location'])) }
  }

  test('is asked for on its own host, judged there, and hands the person over once, to his browser alone', async () => {
    const { browser, handed } = await withCertificate('ada@example.com')
    assert.equal(handed.host, 'as.test')
    assert.equal(
      (await createFormBrowser(server).open(handed.pathname + handed.search)).status,
      400,
      'in another browser',
    )
    assert.match((await browser.open(handed.pathname + handed.search)).text, /<bdi>Ada<\/bdi>/)
    browser.cookies.delete('__Host-holdfast')
    assert.equal((await browser.open(handed.pathname + handed.search)).status, 400, 'for the second time')
  })

  test('that nobody here has, or that is missing, lets nobody in', async () => {
    for (const email of ['stranger@example.com', undefined]) {
      const { browser, handed } = await withCertificate(email)
      const page = await browser.open(handed.pathname + handed.search)
      assert.match(page.text, /certificate was not accepted/)
      assert.equal(browser.cookies.has('__Host-holdfast'), false)
    }
  })

  test('its host has no other page and no endpoint of clients, and the host of clients has no login', async () => {
    for (const path of ['/account', '/jwks', '/token', '/introspect', '/revoke', '/par', '/userinfo', '/bc-authorize'])
      for (const method of ['GET', 'POST'])
        assert.equal((await server.send({ path, method, host: 'card.as.test' })).status, 404, path)
    assert.equal((await server.send({ path: '/login', host: 'mtls.as.test' })).status, 404)
    assert.equal((await server.send({ path: '/token', method: 'POST', host: 'mtls.as.test' })).status, 400)
  })
})

async function startProvider(): Promise<Provider> {
  const own = await generateKeyPair('ES256')
  const other = await generateKeyPair('ES256')
  const listening = createServer((request, response) => {
    const json = (value: unknown): unknown =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
    void (async () => {
      if (request.url === '/.well-known/openid-configuration')
        return json({
          issuer: made.issuer,
          authorization_endpoint: `${made.issuer}/authorize`,
          token_endpoint: `${made.issuer}/token`,
          jwks_uri: `${made.issuer}/jwks`,
          authorization_response_iss_parameter_supported: true,
        })
      if (request.url === '/jwks')
        return json({ keys: [{ ...(await exportJWK(own.publicKey)), kid: 'k', alg: 'ES256' }] })
      let body = ''
      for await (const chunk of request) body += String(chunk)
      made.form = new URLSearchParams(body)
      const now = Math.floor(Date.now() / 1000)
      const claims = { iss: made.issuer, aud: 'holdfast', iat: now, exp: now + 60, ...made.claims }
      const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
      const id_token =
        made.signer === 'none'
          ? `${part({ alg: 'none' })}.${part(claims)}.`
          : await new SignJWT(claims)
              .setProtectedHeader({ alg: 'ES256', kid: 'k' })
              .sign(made.signer === 'own' ? own.privateKey : other.privateKey)
      return json({ access_token: 'a', token_type: 'Bearer', id_token })
    })()
  })
  const port = await listenOnLoopback(context, listening)
  const made: Provider = { issuer: `http://localhost:${port}`, claims: {}, signer: 'own', form: new URLSearchParams() }
  return made
}
