import assert from 'node:assert/strict'
import { constants, createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import type { KeyObject, SignKeyObjectInput } from 'node:crypto'
import { clientSecretHash } from '@holdfast/server'
import { createSelfSignedCertificate } from '@holdfast/testkit'
import type { TestCertificate } from '@holdfast/testkit'
import { claimsOf, startTestServer } from '../../packages/server/conformance/test-server.ts'
import type { TestAnswer, TestServer } from '../../packages/server/conformance/test-server.ts'
import { createFapiBrowser } from './fapi-browser.ts'
import type { FapiBrowser, FapiPage } from './fapi-browser.ts'

/** What one run of a test plan is about. */
export interface FapiVariant {
  readonly profile: 'fapi2' | 'fapi2-message-signing' | 'fapi1-advanced'
  readonly clientAuth: 'tls_client_auth' | 'self_signed_tls_client_auth'
  /** Who has the profile: the server, or each client on a server without one. */
  readonly profileOf: 'server' | 'clients'
  /** How requests travel: pushed as they are, pushed as a signed object, or as a signed object through the browser. */
  readonly requests: 'pushed' | 'signed_pushed' | 'signed_by_value'
  /** Laid over every request. */
  readonly parameters: Readonly<Record<string, string>>
}

export interface FapiClient {
  readonly id: string
  readonly redirectUri: string
  readonly certificate: TestCertificate
  /** What it signs request objects with. */
  readonly key: KeyObject
  readonly kid: string
  /** Registered too, for whatever RSA can do. */
  readonly rsaKey: KeyObject
  readonly rsaKid: string
}

/** Parameters to add, to change, or with `undefined` to leave out. */
export type Changes = Readonly<Record<string, unknown>>

export interface SigningOptions {
  readonly header?: Readonly<Record<string, unknown>>
  readonly key?: KeyObject
}

export interface BeginOptions extends SigningOptions {
  /** Sent by the browser beside the reference or the object. */
  readonly outside?: Readonly<Record<string, string>>
  readonly browser?: FapiBrowser
}

export interface FapiDriver {
  readonly variant: FapiVariant
  readonly server: TestServer
  readonly first: FapiClient
  readonly second: FapiClient
  /** Where `ada` is logged in. */
  readonly browser: FapiBrowser
  /** Moves the server's clock. */
  advance(seconds: number): void
  now(): number
  metadata(): Promise<Readonly<Record<string, unknown>>>
  /** A browser in which nobody is logged in. */
  freshBrowser(): FapiBrowser
  parameters(client: FapiClient, changes?: Changes): Record<string, string>
  /** A request object with right times, its claims changed. */
  object(client: FapiClient, changes?: Changes, options?: SigningOptions): string
  push(client: FapiClient, form: Readonly<Record<string, string>>, certificate?: TestCertificate): Promise<TestAnswer>
  /** Pushes a request as the variant wants it. */
  pushed(client: FapiClient, changes?: Changes, options?: SigningOptions): Promise<TestAnswer>
  /** Sends the browser with a request as the variant wants it. A push that is refused fails. */
  begin(client: FapiClient, changes?: Changes, options?: BeginOptions): Promise<FapiPage>
  /** What comes of a request that must be refused: the error of the push, of the page, or of the answer to the client. */
  refusal(client: FapiClient, changes?: Changes, options?: SigningOptions): Promise<string>
  /** The error that a page shows, or that the client is told. */
  errorOf(page: FapiPage): Promise<string>
  open(parameters: Readonly<Record<string, string>>, browser?: FapiBrowser): Promise<FapiPage>
  /** Logs in and allows, as far as pages ask for it. */
  through(page: FapiPage, browser?: FapiBrowser): Promise<FapiPage>
  /** The parameters that the client got, taken out of the signed answer where it is one. */
  answer(page: FapiPage): Promise<URLSearchParams>
  token(
    client: FapiClient,
    form: Readonly<Record<string, string>>,
    certificate?: TestCertificate | 'none',
  ): Promise<TestAnswer>
  redeem(client: FapiClient, code: string, changes?: Changes): Promise<TestAnswer>
  /** The whole way to tokens. */
  flow(
    client: FapiClient,
    changes?: Changes,
  ): Promise<{ readonly answer: URLSearchParams; readonly tokens: Readonly<Record<string, unknown>> }>
  userinfo(token: unknown, certificate?: TestCertificate, scheme?: string): Promise<TestAnswer>
}

export const verifier = 'v'.repeat(43)
const password = 'correct horse battery staple'

/** Starts a server by the rules of one profile, with two clients and one person. */
export async function startFapi(t: { after(cleanUp: () => unknown): void }, variant: FapiVariant): Promise<FapiDriver> {
  let ahead = 0
  const now = (): number => Math.floor(Date.now() / 1000) + ahead
  const unissued = [fapiClient('client-1', variant), fapiClient('client-2', variant)] as const
  const server = await startTestServer(
    t,
    {
      clients: unissued.map((client) => registration(client, variant)),
      more: {
        profile: variant.profileOf === 'server' ? variant.profile : 'none',
        people: {
          users: [
            {
              subject: 'ada',
              username: 'ada',
              password_hash: await clientSecretHash(password),
              claims: { name: 'Ada' },
            },
          ],
        },
      },
    },
    { clock: { now } },
  )
  const [first, second] = unissued.map((client) => ({
    ...client,
    certificate: client.certificate ?? server.authority.issue({ san: { dns: [`${client.id}.test`] } }),
  })) as [FapiClient, FapiClient]
  const browser = createFapiBrowser(server)

  const driver: FapiDriver = {
    variant,
    server,
    first,
    second,
    browser,
    advance: (seconds) => void (ahead += seconds),
    now,
    freshBrowser: () => createFapiBrowser(server),
    metadata: async () => (await server.send({ path: '/.well-known/openid-configuration' })).json,
    parameters: (client, changes = {}) =>
      textOf({
        client_id: client.id,
        redirect_uri: client.redirectUri,
        scope: 'openid orders:read',
        state: randomBytes(12).toString('base64url'),
        nonce: randomBytes(12).toString('base64url'),
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...variant.parameters,
        ...changes,
      }),
    object: (client, changes = {}, { header = {}, key = client.key } = {}) =>
      signed(
        { alg: 'ES256', kid: client.kid, typ: 'oauth-authz-req+jwt', ...header },
        {
          iss: client.id,
          aud: 'https://as.test',
          nbf: now(),
          iat: now(),
          exp: now() + 300,
          ...driver.parameters(client),
          ...changes,
        },
        key,
      ),
    push: (client, form, certificate = client.certificate) =>
      server.post('/par', { client_id: client.id, ...form }, { certificate }),
    pushed: (client, changes = {}, options = {}) =>
      variant.requests === 'pushed'
        ? driver.push(client, driver.parameters(client, changes))
        : driver.push(client, { request: driver.object(client, changes, options) }),
    begin: async (client, changes = {}, { outside = {}, browser: at = browser, ...signing } = {}) => {
      const request =
        variant.requests === 'signed_by_value'
          ? { request: driver.object(client, changes, signing) }
          : { request_uri: requestUriOf(await driver.pushed(client, changes, signing)) }
      return driver.open({ client_id: client.id, ...outside, ...request }, at)
    },
    refusal: async (client, changes = {}, options = {}) => {
      if (variant.requests === 'signed_by_value') return driver.errorOf(await driver.begin(client, changes, options))
      const answer = await driver.pushed(client, changes, options)
      assert.equal(answer.status, 400, answer.text)
      return String(answer.json['error'])
    },
    errorOf: async (page) => {
      if (page.elsewhere !== undefined) {
        const answer = await driver.answer(page)
        assert.equal(answer.has('code'), false)
        assert.equal(answer.has('id_token'), false)
        return answer.get('error') ?? 'none'
      }
      assert.equal(page.status, 400, page.text)
      return /id="error-code">([a-z_]+)</.exec(page.text)?.[1] ?? 'none'
    },
    open: (parameters, at = browser) => at.open(`/authorize?${new URLSearchParams(parameters).toString()}`),
    through: async (page, at = browser) => {
      let here = page
      for (let pages = 0; here.elsewhere === undefined && pages < 3; pages++) {
        if (here.text.includes('id="password"')) here = await at.press(here, 'submit', { username: 'ada', password })
        else if (here.text.includes('id="allow"')) here = await at.press(here, 'allow')
        else break
      }
      return here
    },
    answer: async (page) => {
      assert.ok(page.elsewhere, `no answer to the client but ${page.status} at ${page.path}:\n${page.text}`)
      const { hash, searchParams } = page.elsewhere
      const parameters = hash === '' ? searchParams : new URLSearchParams(hash.slice(1))
      const response = parameters.get('response')
      if (response === null) return parameters
      assert.deepEqual(
        [...parameters.keys()].filter((name) => name !== 'a'),
        ['response'],
      )
      const { aud: _aud, exp: _exp, ...claims } = await verified(server, response)
      return new URLSearchParams(textOf(claims))
    },
    token: (client, form, certificate = client.certificate) =>
      server.post(
        '/token',
        { client_id: client.id, ...form },
        certificate === 'none' ? { host: 'mtls.as.test' } : { certificate },
      ),
    redeem: (client, code, changes = {}) =>
      driver.token(
        client,
        textOf({
          grant_type: 'authorization_code',
          code,
          redirect_uri: client.redirectUri,
          code_verifier: verifier,
          ...changes,
        }),
      ),
    flow: async (client, changes = {}) => {
      const answer = await driver.answer(await driver.through(await driver.begin(client, changes)))
      const code = answer.get('code')
      assert.ok(code !== null, answer.toString())
      const tokens = await driver.redeem(client, code)
      assert.equal(tokens.status, 200, tokens.text)
      return { answer, tokens: tokens.json }
    },
    userinfo: (token, certificate, scheme = 'Bearer') =>
      server.send({
        path: '/userinfo',
        host: 'mtls.as.test',
        headers: { authorization: `${scheme} ${String(token)}` },
        ...(certificate === undefined ? {} : { certificate }),
      }),
  }
  return driver
}

/** The reference in the answer to a push, which must have been taken. */
export function requestUriOf(answer: TestAnswer): string {
  assert.equal(answer.status, 201, answer.text)
  return String(answer.json['request_uri'])
}

/** Verifies a JWT of the server by its published keys. */
export async function verified(server: TestServer, jwt: string): Promise<Readonly<Record<string, unknown>>> {
  const { keys } = (await server.send({ path: '/jwks' })).json as { readonly keys: readonly Record<string, string>[] }
  const [header = '', payload = '', signature = ''] = jwt.split('.')
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { readonly kid: string }
  const jwk = keys.find((one) => one['kid'] === kid)
  assert.ok(jwk)
  const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const
  assert.ok(
    verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')),
    'signature',
  )
  const claims = claimsOf(jwt)
  assert.equal(claims['iss'], 'https://as.test')
  return claims
}

/** A compact JWS by what the header says, with an empty signature for `none`. */
export function signed(header: Readonly<Record<string, unknown>>, claims: object, key: KeyObject): string {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  if (header['alg'] === 'none') return `${input}.`
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  const how = { ES256: { dsaEncoding: 'ieee-p1363' }, PS256: pss, RS256: {} }[String(header['alg'])] ?? {}
  const signature = sign('sha256', Buffer.from(input), { key, ...how } as SignKeyObjectInput)
  return `${input}.${signature.toString('base64url')}`
}

type UnissuedClient = Omit<FapiClient, 'certificate'> & { readonly certificate: TestCertificate | undefined }

/** A client, whose certificate by a CA the server's authority issues later. */
function fapiClient(id: string, { clientAuth }: FapiVariant): UnissuedClient {
  return {
    id,
    redirectUri: `https://${id}.test/callback?a=b`,
    certificate: clientAuth === 'tls_client_auth' ? undefined : createSelfSignedCertificate({ commonName: id }),
    key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    kid: `${id}-key`,
    rsaKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    rsaKid: `${id}-rsa`,
  }
}

function registration(client: UnissuedClient, { clientAuth, profile, profileOf }: FapiVariant): object {
  const jwk = (key: KeyObject, more: object): object => ({ ...createPublicKey(key).export({ format: 'jwk' }), ...more })
  const signing = jwk(client.key, { kid: client.kid, use: 'sig', alg: 'ES256' })
  const rsa = jwk(client.rsaKey, { kid: client.rsaKid, use: 'sig' })
  const { certificate } = client
  return {
    client_id: client.id,
    ...(profileOf === 'clients' ? { profile } : {}),
    token_endpoint_auth_method: clientAuth,
    ...(certificate === undefined
      ? { tls_client_auth_san_dns: `${client.id}.test`, trust: 'partners', jwks: { keys: [signing, rsa] } }
      : { jwks: { keys: [certified(certificate), signing, rsa] } }),
    tls_client_certificate_bound_access_tokens: true,
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types: profile === 'fapi1-advanced' ? ['code', 'code id_token'] : ['code'],
    redirect_uris: [client.redirectUri],
    scope: 'openid profile orders:read orders:write',
  }
}

function certified({ pem, der }: TestCertificate): object {
  const x5c = [Buffer.from(der).toString('base64')]
  return { ...createPublicKey(pem).export({ format: 'jwk' }), kid: 'certificate', x5c }
}

function textOf(parameters: Changes): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)]],
    ),
  )
}
