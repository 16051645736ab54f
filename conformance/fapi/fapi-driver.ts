import assert from 'node:assert/strict'
import { constants, createHash, createPublicKey, randomBytes, randomUUID, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { clientSecretHash } from '@holdfast/server'
import type { StartOptions } from '@holdfast/server'
import { claimsOf, startTestServer } from '../../packages/server/conformance/test-server.ts'
import type { TestAnswer, TestServer } from '../../packages/server/conformance/test-server.ts'
import { createFapiBrowser } from './fapi-browser.ts'
import type { FapiBrowser, FapiPage } from './fapi-browser.ts'
import { assertion, fapiClient, jwkThumbprint, registration, signed, textOf } from './fapi-client.ts'
import type { Changes, FapiClient, FapiVariant, ProofChanges, ShownBy, SigningOptions } from './fapi-client.ts'

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
  /** Sends a form to another endpoint. */
  post(path: string, client: FapiClient, form: Readonly<Record<string, string>>, shown?: ShownBy): Promise<TestAnswer>
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
    options?: {
      readonly scheme?: string
      readonly possession?: ProofChanges
      readonly headers?: Readonly<Record<string, string>>
    },
  ): Promise<TestAnswer>
  /** What a token of this client must be bound to. */
  confirmation(client: FapiClient): Readonly<Record<string, string>>
  /** `Bearer`, or `DPoP`. */
  readonly tokenType: string
}

export const verifier = 'v'.repeat(43)
const password = 'correct horse battery staple'

/** Starts a server by the rules of one profile, with two clients and one person. */
export async function startFapi(
  t: { after(cleanUp: () => unknown): void },
  variant: FapiVariant,
  {
    more = {},
    start = {},
    files = {},
  }: {
    readonly more?: Readonly<Record<string, unknown>>
    readonly start?: StartOptions
    readonly files?: Readonly<Record<string, string>>
  } = {},
): Promise<FapiDriver> {
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
        ...(variant.profile === 'brazil' ? { keys: { 'master-key-file': 'master.key', algorithm: 'PS256' } } : {}),
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
        ...more,
      },
    },
    { clock: { now }, ...start },
    files,
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
        { alg: client.alg, kid: client.kid, typ: 'oauth-authz-req+jwt', ...header },
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
    post: (path, client, form, shown = {}) => post(path, client, form, shown),
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
    userinfo: (token, holder, { scheme = driver.tokenType, possession, headers = {} } = {}) => {
      const ath = createHash('sha256').update(String(token)).digest('base64url')
      return server.send({
        path: '/userinfo',
        host,
        headers: {
          authorization: `${scheme} ${String(token)}`,
          ...headers,
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
export async function checkTokens(server: TestServer, client: FapiClient, tokens: TestAnswer['json']): Promise<void> {
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
  const { kid, alg } = JSON.parse(Buffer.from(header, 'base64url').toString()) as Readonly<Record<string, string>>
  const jwk = keys.find((one) => one['kid'] === kid)
  assert.ok(jwk)
  const padding = alg === 'PS256' ? { padding: constants.RSA_PKCS1_PSS_PADDING } : {}
  const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363', ...padding } as const
  assert.ok(
    verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')),
    'signature',
  )
  const claims = claimsOf(jwt)
  assert.equal(claims['iss'], 'https://as.test')
  return claims
}
