import assert from 'node:assert/strict'
import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
  sign,
  verify,
} from 'node:crypto'
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
  readonly clientAuth: 'tls_client_auth' | 'self_signed_tls_client_auth' | 'private_key_jwt'
  /** What tokens are bound to. */
  readonly senderConstrain: 'mtls' | 'dpop'
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
  /** What it signs request objects and assertions with. */
  readonly key: KeyObject
  readonly kid: string
  /** Registered too, for whatever RSA can do. */
  readonly rsaKey: KeyObject
  readonly rsaKid: string
  readonly dpopKey: KeyObject
}

/** How a client shows who it is, and what it has. */
export interface ShownBy {
  /** Another client's certificate, and its keys, under this client's name. */
  readonly as?: FapiClient
  /** Without authentication; or the claims of its assertion are changed, and how it is signed. */
  readonly authentication?: 'none' | { readonly claims?: Changes; readonly signing?: SigningOptions }
  /** Without certificate or DPoP proof, whatever binds tokens; or the proof is changed. */
  readonly possession?: 'none' | ProofChanges
}

export interface ProofChanges extends SigningOptions {
  readonly claims?: Changes
  /** What is sent instead of the proof. */
  readonly sent?: (proof: string) => string | readonly string[]
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
  push(client: FapiClient, form: Readonly<Record<string, string>>, shown?: ShownBy): Promise<TestAnswer>
  /** Pushes a request as the variant wants it. */
  pushed(client: FapiClient, changes?: Changes, options?: SigningOptions & ShownBy): Promise<TestAnswer>
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
  token(client: FapiClient, form: Readonly<Record<string, string>>, shown?: ShownBy): Promise<TestAnswer>
  redeem(client: FapiClient, code: string, changes?: Changes, shown?: ShownBy): Promise<TestAnswer>
  /** The whole way to a code. */
  code(client: FapiClient, changes?: Changes): Promise<string>
  /** The whole way to tokens. */
  flow(
    client: FapiClient,
    changes?: Changes,
    shown?: ShownBy,
  ): Promise<{ readonly answer: URLSearchParams; readonly tokens: Readonly<Record<string, unknown>> }>
  /** Asks for the person's claims with what `holder` has, or with the token alone. */
  userinfo(
    token: unknown,
    holder?: FapiClient,
    options?: { readonly scheme?: string; readonly possession?: ProofChanges },
  ): Promise<TestAnswer>
  /** What a token of this client must be bound to. */
  confirmation(client: FapiClient): Readonly<Record<string, string>>
  /** `Bearer`, or `DPoP`. */
  readonly tokenType: string
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
        ...(variant.senderConstrain === 'dpop' ? { tokens: { dpop: 'offered' } } : {}),
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
  const { byCertificate, byProof } = meansOf(variant)
  /** Where clients with certificates go, as the aliases say. */
  const host = byCertificate ? 'mtls.as.test' : 'as.test'

  const proof = (key: KeyObject, method: string, path: string, changes: ProofChanges, claims: Changes = {}): string =>
    signed(
      { alg: 'ES256', typ: 'dpop+jwt', jwk: createPublicKey(key).export({ format: 'jwk' }), ...changes.header },
      { jti: randomUUID(), htm: method, htu: `https://${host}${path}`, iat: now(), ...claims, ...changes.claims },
      changes.key ?? key,
    )
  const proofHeader = (
    client: FapiClient,
    method: string,
    path: string,
    changes: ProofChanges = {},
    claims: Changes = {},
  ): Readonly<Record<string, string | readonly string[]>> => {
    const made = proof(client.dpopKey, method, path, changes, claims)
    return { DPoP: changes.sent?.(made) ?? made }
  }
  const post = async (
    path: string,
    client: FapiClient,
    form: Readonly<Record<string, string>>,
    { as = client, authentication, possession }: ShownBy,
  ): Promise<TestAnswer> => {
    const asserts = variant.clientAuth === 'private_key_jwt' && authentication !== 'none'
    const withCertificate =
      byCertificate &&
      (variant.clientAuth === 'private_key_jwt' || authentication !== 'none') &&
      (byProof || possession !== 'none')
    const withProof = byProof && possession !== 'none' && (path === '/token' || possession !== undefined)
    const answer = await server.post(
      path,
      {
        client_id: client.id,
        ...(asserts ? assertion(client, as, now(), authentication) : {}),
        ...form,
      },
      {
        host,
        ...(withCertificate ? { certificate: as.certificate } : {}),
        headers: withProof ? proofHeader(as, 'POST', path, possession) : {},
      },
    )
    checkAnswer(answer)
    return answer
  }

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
    push: (client, form, shown = {}) => post('/par', client, form, shown),
    pushed: (client, changes = {}, options = {}) =>
      variant.requests === 'pushed'
        ? driver.push(client, driver.parameters(client, changes), options)
        : driver.push(client, { request: driver.object(client, changes, options) }, options),
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
    token: (client, form, shown = {}) => post('/token', client, form, shown),
    redeem: (client, code, changes = {}, shown = {}) =>
      driver.token(
        client,
        textOf({
          grant_type: 'authorization_code',
          code,
          redirect_uri: client.redirectUri,
          code_verifier: verifier,
          ...changes,
        }),
        shown,
      ),
    code: async (client, changes = {}) => {
      const answer = await driver.answer(await driver.through(await driver.begin(client, changes)))
      const code = answer.get('code')
      assert.ok(code !== null, `no code but ${answer.toString()}`)
      return code
    },
    flow: async (client, changes = {}, shown = {}) => {
      const answer = await driver.answer(await driver.through(await driver.begin(client, changes)))
      const code = answer.get('code')
      assert.ok(code !== null, `no code but ${answer.toString()}`)
      const tokens = await driver.redeem(client, code, {}, shown)
      assert.equal(tokens.status, 200, tokens.text)
      await checkTokens(server, client, tokens.json)
      return { answer, tokens: tokens.json }
    },
    userinfo: (token, holder, { scheme = driver.tokenType, possession } = {}) => {
      const ath = createHash('sha256').update(String(token)).digest('base64url')
      return server.send({
        path: '/userinfo',
        host,
        headers: {
          authorization: `${scheme} ${String(token)}`,
          ...(byProof && holder !== undefined ? proofHeader(holder, 'GET', '/userinfo', possession, { ath }) : {}),
        },
        ...(byCertificate && holder !== undefined ? { certificate: holder.certificate } : {}),
      })
    },
    confirmation: (client) =>
      byProof ? { jkt: jwkThumbprint(client.dpopKey) } : { 'x5t#S256': client.certificate.thumbprint },
    tokenType: byProof ? 'DPoP' : 'Bearer',
  }
  return driver
}

/** RFC 7638 of a key on P-256. */
export function jwkThumbprint(key: KeyObject): string {
  const { crv, kty, x, y } = createPublicKey(key).export({ format: 'jwk' })
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
}

/** What the suite looks at in every answer of an endpoint that a client asks (RFC 6749 §5.1, §5.2). */
function checkAnswer({ status, headers, json, text }: TestAnswer): void {
  assert.match(String(headers['content-type']), /^application\/json(;|$)/, text)
  assert.match(String(headers['cache-control']), /no-store/)
  assert.equal(typeof headers['date'], 'string')
  if (status < 400) return
  const { error, error_description: description = '' } = json
  assert.match(String(error), /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  assert.match(String(description), /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/)
  assert.ok(status === 400 || (status === 401 && error === 'invalid_client') || status === 405, `${status}: ${text}`)
}

/** What the suite looks at whenever there are tokens. */
async function checkTokens(server: TestServer, client: FapiClient, tokens: TestAnswer['json']): Promise<void> {
  const {
    access_token: access,
    id_token: id,
    expires_in: expires,
    refresh_token: refresh,
  } = tokens as Readonly<Record<string, string | number | undefined>>
  assert.ok(Number.isSafeInteger(expires) && Number(expires) > 0)
  assert.ok(String(access).length >= 22)
  if (refresh !== undefined) assert.match(String(refresh), /^[\x20-\x7e]{22,}$/)
  const claims = await verified(server, String(id))
  assert.equal(claims['aud'], client.id)
  assert.equal(typeof claims['exp'], 'number')
  assert.equal(typeof claims['iat'], 'number')
  const half = createHash('sha256').update(String(access)).digest().subarray(0, 16).toString('base64url')
  if (claims['at_hash'] !== undefined) assert.equal(claims['at_hash'], half)
}

/** A client assertion (RFC 7523 §2.2) under the name of one client, with the key of `as`. */
function assertion(
  client: FapiClient,
  as: FapiClient,
  now: number,
  {
    claims = {},
    signing: { header = {}, key = as.key } = {},
  }: Exclude<ShownBy['authentication'], 'none' | undefined> = {},
): Readonly<Record<string, string>> {
  const usual = { iss: client.id, sub: client.id, aud: 'https://as.test', iat: now, exp: now + 60, jti: randomUUID() }
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: signed({ alg: 'ES256', kid: as.kid, ...header }, { ...usual, ...claims }, key),
  }
}

/** What goes along with requests. */
function meansOf({ clientAuth, senderConstrain }: FapiVariant): {
  readonly byCertificate: boolean
  readonly byProof: boolean
} {
  const byProof = senderConstrain === 'dpop'
  return { byCertificate: clientAuth !== 'private_key_jwt' || !byProof, byProof }
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
    certificate:
      clientAuth === 'self_signed_tls_client_auth' ? createSelfSignedCertificate({ commonName: id }) : undefined,
    key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    kid: `${id}-key`,
    rsaKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    rsaKid: `${id}-rsa`,
    dpopKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  }
}

function registration(client: UnissuedClient, variant: FapiVariant): object {
  const jwk = (key: KeyObject, more: object): object => ({ ...createPublicKey(key).export({ format: 'jwk' }), ...more })
  const signing = jwk(client.key, { kid: client.kid, use: 'sig', alg: 'ES256' })
  const rsa = jwk(client.rsaKey, { kid: client.rsaKid, use: 'sig' })
  const { certificate } = client
  const { clientAuth, senderConstrain, profile, profileOf } = variant
  return {
    client_id: client.id,
    ...(profileOf === 'clients' ? { profile } : {}),
    token_endpoint_auth_method: clientAuth,
    ...(clientAuth === 'tls_client_auth' ? { tls_client_auth_san_dns: `${client.id}.test`, trust: 'partners' } : {}),
    jwks: { keys: [...(certificate === undefined ? [] : [certified(certificate)]), signing, rsa] },
    ...(senderConstrain === 'dpop'
      ? { dpop_bound_access_tokens: true }
      : { tls_client_certificate_bound_access_tokens: true }),
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
