import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { clientSecretHash } from '@holdfast/server'
import { createTestAuthority } from '@holdfast/testkit'
import { startTestServer } from '../../packages/server/conformance/test-server.ts'
import type { TestAnswer, TestServer } from '../../packages/server/conformance/test-server.ts'
import { createFapiBrowser } from '../fapi/fapi-browser.ts'
import type { FapiBrowser, FapiPage } from '../fapi/fapi-browser.ts'
import { signed } from '../fapi/fapi-client.ts'

const verifier = 'v'.repeat(43)
const challenge = createHash('sha256').update(verifier).digest('base64url')
const redirectUri = 'https://shop.test/cb'
const secret = 'a secret of the shop'
const password = 'correct horse battery staple'
const plain = { response_type: 'code', client_id: 'shop', redirect_uri: redirectUri, scope: 'openid', nonce: 'n' }
const withChallenge = { ...plain, code_challenge: challenge, code_challenge_method: 'S256' }

const cleanUps: (() => unknown)[] = []
const client = { after: (cleanUp: () => unknown) => void cleanUps.push(cleanUp) }
let server: TestServer
let browser: FapiBrowser
let key: KeyObject
let requests: { readonly url: string; readonly paths: string[] }
let settings: { clients: object[]; more: Record<string, unknown> }

before(async () => {
  const outside = createTestAuthority()
  requests = await serveRequests(outside)
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  key = privateKey
  const shop = {
    client_id: 'shop',
    token_endpoint_auth_method: 'client_secret_basic',
    client_secret: secret,
    binding: 'off',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [redirectUri],
    scope: 'openid orders:read',
    consent: 'never',
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }] },
    request_uris: ['/good', '/moved', '/page', '/gone'].map((path) => requests.url + path),
  }
  const ada = { subject: 'ada', username: 'ada', password_hash: await clientSecretHash(password) }
  const more = { people: { users: [ada] }, limits: { 'jwks-uri-private-addresses': ['127.0.0.1', '::1'] } }
  settings = { clients: [shop], more }
  server = await startTestServer(client, settings, { jwksUriCa: outside.rootPem })
  browser = createFapiBrowser(server)
  const login = await browser.open(address(withChallenge))
  codeOf(await browser.press(login, 'submit', { username: 'ada', password }))
})
after(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})

describe('open redirects', () => {
  const attacks: readonly (readonly [string, Record<string, string>])[] = [
    ['CVE-2020-15234: in another case', { redirect_uri: 'https://SHOP.test/cb' }],
    ['CVE-2020-15234: with a path in another case', { redirect_uri: 'https://shop.test/CB' }],
    ['CVE-2026-41479: with an unsupported response_type', { redirect_uri: 'https://evil.test', response_type: 'x' }],
    ['CVE-2026-41008: with an invalid request_uri', { redirect_uri: 'https://evil.test', request_uri: 'x' }],
    ['with an invalid request object', { redirect_uri: 'https://evil.test', request: 'x.y.z' }],
    ['with prompt=none', { redirect_uri: 'https://evil.test', prompt: 'none' }],
    ['with an unknown client', { redirect_uri: 'https://evil.test', client_id: 'nobody' }],
    ['with a scheme that runs', { redirect_uri: 'javascript:alert(1)' }],
    ['with a response_mode', { redirect_uri: 'https://evil.test', response_mode: 'form_post' }],
  ]
  for (const [name, changes] of attacks) {
    test(`${name}: the browser stays here`, async () => {
      const page = await browser.open(address({ ...withChallenge, ...changes }))
      assert.equal(page.elsewhere, undefined)
      assert.equal(page.status, 400)
      assert.ok(!page.text.includes('evil.test'), 'the page does not even name it')
    })
  }

  test('a repeated redirect_uri is refused, whichever comes first', async () => {
    const twice = `${address(withChallenge)}&redirect_uri=${encodeURIComponent('https://evil.test')}`
    const page = await browser.open(twice)
    assert.equal(page.elsewhere, undefined)
    assert.equal(page.status, 400)
  })
})

describe('PKCE downgrade', () => {
  test('CVE-2024-22258: a code with a challenge is of no use without its verifier, also to a confidential client', async () => {
    const code = codeOf(await browser.open(address(withChallenge)))
    for (const form of [{ code }, { code, code_verifier: 'w'.repeat(43) }]) {
      const refused = await redeem(form)
      assert.equal(refused.status, 400)
      assert.ok(['invalid_grant', 'invalid_request'].includes(String(refused.json['error'])))
    }
  })

  test('CVE-2024-22258: a verifier for a code without a challenge is refused: somebody took the challenge out', async () => {
    const code = codeOf(await browser.open(address(plain)))
    const refused = await redeem({ code, code_verifier: verifier })
    assert.equal(refused.status, 400)
    assert.equal(refused.json['error'], 'invalid_grant')
  })
})

describe('request objects that are fetched', () => {
  test('one that the client registered is fetched and its signature checked', async () => {
    const page = await browser.open(address({ client_id: 'shop', request_uri: `${requests.url}/good` }))
    codeOf(page)
    assert.deepEqual(requests.paths, ['/good'])
  })

  for (const path of ['/moved', '/page', '/gone']) {
    test(`${path}: a redirect, a page and an error are no request, and nothing more is asked for`, async () => {
      requests.paths.length = 0
      const page = await browser.open(address({ client_id: 'shop', request_uri: requests.url + path }))
      assert.equal(page.status, 400)
      assert.deepEqual(requests.paths, [path])
    })
  }

  test('no other address is asked, however near it is to a registered one', async () => {
    requests.paths.length = 0
    for (const uri of [`${requests.url}/good?`, `${requests.url}/other`, 'https://169.254.169.254/latest/meta-data/']) {
      assert.equal((await browser.open(address({ client_id: 'shop', request_uri: uri }))).status, 400)
    }
    assert.deepEqual(requests.paths, [])
  })

  test('a registered address in a private network is not asked, unless the operator allows it', async (t) => {
    const careful = await startTestServer(t, { ...settings, more: { people: settings.more['people'] } })
    requests.paths.length = 0
    const page = await createFapiBrowser(careful).open(
      address({ client_id: 'shop', request_uri: `${requests.url}/good` }),
    )
    assert.equal(page.status, 400)
    assert.deepEqual(requests.paths, [])
  })
})

describe('who is disabled in the middle', () => {
  test('CVE-2026-1486, CVE-2025-53942, CVE-2025-64521: a client that is disabled gets nothing more', async (t) => {
    const own = await startTestServer(t, settings)
    const at = createFapiBrowser(own)
    const login = await at.open(address(withChallenge))
    const code = codeOf(await at.press(login, 'submit', { username: 'ada', password }))
    const again = await at.open(address({ ...withChallenge, prompt: 'login' }))
    own.configure({ ...settings, clients: settings.clients.map((one) => ({ ...one, disabled: true })) })
    assert.ok((await own.server.reload()).ok)
    assert.equal((await redeem({ code, code_verifier: verifier }, own)).json['error'], 'invalid_client')
    const page = await at.press(again, 'submit', { username: 'ada', password })
    assert.equal(page.elsewhere, undefined)
    assert.equal((await at.open(address(withChallenge))).status, 400)
  })

  test('CVE-2026-1486, CVE-2025-53942, CVE-2025-64521: a person who is disabled is asked to log in, and cannot', async (t) => {
    const own = await startTestServer(t, settings)
    const at = createFapiBrowser(own)
    const login = await at.open(address(withChallenge))
    const code = codeOf(await at.press(login, 'submit', { username: 'ada', password }))
    const { users } = settings.more['people'] as { readonly users: readonly object[] }
    const people = { users: users.map((one) => ({ ...one, disabled: true })) }
    own.configure({ ...settings, more: { ...settings.more, people } })
    assert.ok((await own.server.reload()).ok)
    const page = await at.open(address(withChallenge))
    assert.equal(page.elsewhere, undefined, 'the session is of no use')
    assert.equal((await at.press(page, 'submit', { username: 'ada', password })).elsewhere, undefined)
    assert.equal((await redeem({ code, code_verifier: verifier }, own)).status, 400)
  })
})

function address(parameters: Readonly<Record<string, string>>): string {
  return `/authorize?${new URLSearchParams(parameters).toString()}`
}

function codeOf(page: FapiPage): string {
  const code = page.elsewhere?.searchParams.get('code')
  assert.ok(typeof code === 'string', `no code but ${page.elsewhere?.href ?? page.text}`)
  return code
}

function redeem(form: Readonly<Record<string, string>>, at: TestServer = server): Promise<TestAnswer> {
  const authorization = `Basic ${Buffer.from(`shop:${encodeURIComponent(secret)}`).toString('base64')}`
  const headers = { authorization }
  return at.post('/token', { grant_type: 'authorization_code', redirect_uri: redirectUri, ...form }, { headers })
}

/** A client's server with request objects, good and bad. */
async function serveRequests(
  authority: ReturnType<typeof createTestAuthority>,
): Promise<{ readonly url: string; readonly paths: string[] }> {
  const identity = authority.issueServer(['localhost'])
  const paths: string[] = []
  const outside = createServer({ cert: identity.chainPem, key: identity.keyPem }, (request, response) => {
    paths.push(request.url ?? '')
    if (request.url === '/moved') response.writeHead(302, { location: '/good' }).end()
    else if (request.url === '/gone') response.writeHead(500).end()
    else if (request.url === '/page') response.end('<html>')
    else response.end(signed({ alg: 'ES256', kid: 'k' }, withChallenge, key))
  })
  outside.listen(0, 'localhost')
  await once(outside, 'listening')
  cleanUps.push(() => {
    outside.closeAllConnections()
    outside.close()
  })
  return { url: `https://localhost:${(outside.address() as AddressInfo).port}`, paths }
}
