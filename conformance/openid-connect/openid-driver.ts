import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { clientSecretHash } from '@holdfast/server'
import { createTestAuthority } from '@holdfast/testkit'
import { startTestServer } from '../../packages/server/conformance/test-server.ts'
import type { TestAnswer, TestServer } from '../../packages/server/conformance/test-server.ts'
import { createFapiBrowser, formWith } from '../fapi/fapi-browser.ts'
import type { FapiBrowser, FapiPage } from '../fapi/fapi-browser.ts'
import { type Changes, textOf } from '../fapi/fapi-client.ts'
import { verified } from '../fapi/fapi-driver.ts'

/** What one run of a plan of OpenID Connect is about. */
export interface OpenidVariant {
  readonly responseType: 'code' | 'code id_token'
  readonly responseMode: 'default' | 'form_post'
}

export interface OpenidClient {
  readonly id: string
  readonly redirectUri: string
  readonly method: 'client_secret_basic' | 'client_secret_post'
}

export interface OpenidDriver {
  readonly variant: OpenidVariant
  readonly server: TestServer
  readonly basic: OpenidClient
  readonly post: OpenidClient
  /** Where `ada` is logged in. */
  readonly browser: FapiBrowser
  /** Logout tokens that came to the clients. */
  readonly logoutTokens: readonly string[]
  /** The next of them. */
  logoutToken(): Promise<string>
  /** What the clients publish, by path, and where. */
  readonly documents: Map<string, string>
  readonly clientSide: string
  freshBrowser(): FapiBrowser
  advance(seconds: number): void
  metadata(): Promise<Readonly<Record<string, unknown>>>
  parameters(client: OpenidClient, changes?: Changes): Record<string, string>
  open(client: OpenidClient, changes?: Changes, browser?: FapiBrowser): Promise<FapiPage>
  /** Logs in and allows, as far as pages ask for it. */
  through(page: FapiPage, browser?: FapiBrowser): Promise<FapiPage>
  /** What the client is told, by redirect or by form. */
  answer(page: FapiPage): URLSearchParams
  redeem(client: OpenidClient, code: string): Promise<TestAnswer>
  token(client: OpenidClient, form: Readonly<Record<string, string>>): Promise<TestAnswer>
  /** The whole way to tokens; the ID tokens are verified. */
  flow(client: OpenidClient, changes?: Changes, browser?: FapiBrowser): Promise<OpenidOutcome>
  userinfo(token: unknown, method?: 'GET' | 'POST'): Promise<TestAnswer>
}

export interface OpenidOutcome {
  readonly answer: URLSearchParams
  readonly tokens: Readonly<Record<string, unknown>>
  /** Claims of the ID token out of the token endpoint. */
  readonly idToken: Readonly<Record<string, unknown>>
  /** The token itself. */
  readonly idTokenText: string
}

const password = 'correct horse battery staple'
const secret = 'a client secret of a hundred bits and more'

/** Starts a server with RS256 and clients with secrets, as the plans for certification expect them. */
export async function startOpenid(
  t: { after(cleanUp: () => unknown): void },
  variant: OpenidVariant,
): Promise<OpenidDriver> {
  let ahead = 0
  const now = (): number => Math.floor(Date.now() / 1000) + ahead
  const logoutTokens: string[] = []
  let taken = 0
  let arrived: (() => void) | undefined
  const clientSide = createTestAuthority()
  const identity = clientSide.issueServer(['localhost'])
  const documents = new Map<string, string>()
  const listener = createServer({ cert: identity.chainPem, key: identity.keyPem }, (request, response) => {
    const document = documents.get(request.url ?? '')
    if (request.method === 'GET') {
      const type = request.url?.endsWith('.jwt') === true ? 'application/oauth-authz-req+jwt' : 'application/json'
      response.writeHead(document === undefined ? 404 : 200, { 'content-type': type }).end(document)
      return
    }
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      assert.equal(request.headers['content-type'], 'application/x-www-form-urlencoded')
      const form = new URLSearchParams(body)
      assert.deepEqual([...form.keys()], ['logout_token'])
      logoutTokens.push(form.get('logout_token') ?? '')
      response.writeHead(200, { 'cache-control': 'no-store' }).end()
      arrived?.()
    })
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.after(() => listener.close())
  const { port } = listener.address() as AddressInfo

  const [basic, post] = [client('basic', 'client_secret_basic'), client('post', 'client_secret_post')]
  const server = await startTestServer(
    t,
    {
      clients: [basic, post].map(({ id, redirectUri, method }) => ({
        client_id: id,
        token_endpoint_auth_method: method,
        client_secret: secret,
        binding: 'off',
        redirect_uris: [redirectUri, `https://${id}.test/other?foo=bar`],
        response_types: ['code', 'code id_token'],
        grant_types: ['authorization_code', 'refresh_token'],
        scope: 'openid profile email address phone offline_access',
        post_logout_redirect_uris: [`https://${id}.test/bye`],
        backchannel_logout_uri: `https://localhost:${port}/logout`,
        backchannel_logout_session_required: true,
        id_token_signed_response_alg: 'RS256',
        dangerously_allow_missing_code_challenge: true,
      })),
      more: {
        keys: { 'master-key-file': 'master.key', algorithm: 'RS256' },
        people: {
          users: [
            { subject: 'ada', username: 'ada', password_hash: await clientSecretHash(password), claims: claimsOfAda },
          ],
        },
        limits: { 'jwks-uri-private-addresses': ['127.0.0.1'] },
        registration: {
          'dangerously-open': true,
          scope: 'openid profile email offline_access',
          'grant-types': ['authorization_code', 'refresh_token'],
        },
      },
    },
    { clock: { now }, jwksUriCa: clientSide.rootPem },
  )
  const browser = createFapiBrowser(server)
  const driver: OpenidDriver = {
    variant,
    server,
    basic,
    post,
    browser,
    logoutTokens,
    documents,
    clientSide: `https://localhost:${port}`,
    logoutToken: async () => {
      while (logoutTokens.length === taken) await new Promise<void>((resolve) => (arrived = resolve))
      return logoutTokens[taken++] ?? ''
    },
    freshBrowser: () => createFapiBrowser(server),
    advance: (seconds) => void (ahead += seconds),
    metadata: async () => (await server.send({ path: '/.well-known/openid-configuration' })).json,
    parameters: ({ id, redirectUri }, changes = {}) =>
      textOf({
        client_id: id,
        redirect_uri: redirectUri,
        scope: 'openid',
        state: randomBytes(12).toString('base64url'),
        nonce: randomBytes(12).toString('base64url'),
        response_type: variant.responseType,
        ...(variant.responseMode === 'form_post' ? { response_mode: 'form_post' } : {}),
        ...changes,
      }),
    open: (client, changes = {}, at = browser) => openWith(driver.parameters(client, changes), at),
    through: async (page, at = browser) => {
      let here = page
      for (let pages = 0; here.elsewhere === undefined && pages < 3; pages++) {
        if (here.text.includes('id="password"')) here = await at.press(here, 'submit', { username: 'ada', password })
        else if (here.text.includes('id="allow"')) here = await at.press(here, 'allow')
        else break
      }
      return here
    },
    answer: (page) => answerIn(page, variant),
    redeem: (client, code) =>
      driver.token(client, { grant_type: 'authorization_code', code, redirect_uri: client.redirectUri }),
    token: async ({ id, method }, form) => {
      const answer = await (method === 'client_secret_post'
        ? server.post('/token', { client_id: id, client_secret: secret, ...form })
        : server.post('/token', form, {
            headers: {
              authorization: `Basic ${Buffer.from(`${id}:${encodeURIComponent(secret)}`).toString('base64')}`,
            },
          }))
      assert.match(String(answer.headers['content-type']), /^application\/json(;|$)/)
      assert.equal(answer.headers['cache-control'], 'no-store')
      return answer
    },
    flow: async (client, changes = {}, at = browser) => {
      const parameters = driver.parameters(client, changes)
      const answer = driver.answer(await driver.through(await openWith(parameters, at), at))
      assert.equal(answer.get('state') ?? undefined, parameters['state'])
      assert.equal(answer.get('iss'), 'https://as.test')
      const code = answer.get('code')
      assert.ok(code !== null, `no code but ${answer.toString()}`)
      const tokens = await driver.redeem(client, code)
      assert.equal(tokens.status, 200, tokens.text)
      const idTokenText = String(tokens.json['id_token'])
      const idToken = await verified(server, idTokenText)
      assert.equal(idToken['aud'], client.id)
      assert.equal(idToken['nonce'], parameters['nonce'])
      assert.equal(idToken['sub'], 'ada')
      const front = answer.get('id_token')
      assert.equal(front !== null, variant.responseType === 'code id_token')
      if (front !== null) {
        const first = await verified(server, front)
        for (const claim of ['iss', 'sub', 'aud', 'nonce']) assert.deepEqual(first[claim], idToken[claim], claim)
      }
      return { answer, tokens: tokens.json, idToken, idTokenText }
    },
    userinfo: (token, method = 'GET') =>
      server.send({ method, path: '/userinfo', headers: { authorization: `Bearer ${String(token)}` } }),
  }
  return driver
}

function openWith(parameters: Readonly<Record<string, string>>, browser: FapiBrowser): Promise<FapiPage> {
  return browser.open(`/authorize?${new URLSearchParams(parameters).toString()}`)
}

function client(name: string, method: OpenidClient['method']): OpenidClient {
  return { id: name, redirectUri: `https://${name}.test/callback`, method }
}

/** RFC 6749 §4.1.2, OAuth 2.0 Form Post Response Mode §2: everything at the one place where the mode has it, and nowhere else. */
function answerIn(page: FapiPage, { responseMode, responseType }: OpenidVariant): URLSearchParams {
  if (responseMode === 'form_post') {
    assert.equal(page.elsewhere, undefined, 'nothing is in an address')
    const { action, fields } = formWith(page, 'submit')
    assert.equal(new URL(action).search, '')
    return fields
  }
  assert.ok(page.elsewhere, `no answer to the client but ${page.status} at ${page.path}:\n${page.text}`)
  const { hash, search, searchParams } = page.elsewhere
  assert.equal(hash === '' || search === '', true)
  assert.equal(hash !== '', responseType !== 'code', 'only a code alone is in the query')
  return hash === '' ? searchParams : new URLSearchParams(hash.slice(1))
}

/** Every standard claim (OpenID Connect Core §5.1). */
export const claimsOfAda = {
  name: 'Ada King',
  given_name: 'Ada',
  family_name: 'King',
  middle_name: 'Augusta',
  nickname: 'Ada',
  preferred_username: 'ada',
  profile: 'https://people.test/ada',
  picture: 'https://people.test/ada.png',
  website: 'https://ada.test',
  gender: 'female',
  birthdate: '1815-12-10',
  zoneinfo: 'Europe/London',
  locale: 'en-GB',
  updated_at: 1_700_000_000,
  email: 'ada@people.test',
  email_verified: true,
  address: { formatted: '12 St James’s Square, London', locality: 'London', country: 'GB' },
  phone_number: '+442079460000',
  phone_number_verified: false,
} as const
