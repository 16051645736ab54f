import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createTestAuthority } from '@holdfast/testkit'
import type { TestCertificate } from '@holdfast/testkit'
import { claimsOf } from '../../packages/server/conformance/test-server.ts'
import type { TestAnswer } from '../../packages/server/conformance/test-server.ts'
import { type Changes, type FapiClient, signed, signingKey } from './fapi-client.ts'
import { type FapiDriver, startFapi } from './fapi-driver.ts'
import { named, runModules } from './run-plan.ts'

/** Registration by the rules of Open Finance Brasil, with a directory and a keystore of our own. */
interface BrazilDriver {
  readonly fapi: FapiDriver
  readonly tpp: TestCertificate
  /** By nobody whom the server trusts, with the same name. */
  readonly stranger: TestCertificate
  body(changes?: Changes): object
  statement(claims?: Changes, key?: KeyObject): string
  send(method: string, path: string, sent: Sent): Promise<TestAnswer>
  register(body?: object): Promise<Registered>
}

interface Sent {
  readonly body?: object
  readonly token?: string | undefined
  readonly certificate?: TestCertificate | undefined
}

interface Registered {
  readonly path: string
  readonly token: string
  readonly json: TestAnswer['json']
  /** As the driver of the other plans knows clients. */
  readonly client: FapiClient
}

const softwareId = '9a26ecd5-1f77-4c8b-9a55-64f0b1d5c0a2'
const organizationId = '6d8a1c77-32b5-4b19-8f1e-0a4f8a9d2c11'
const redirectUris = ['https://tpp.test/callback', 'https://tpp.test/other?a=b']

async function startBrazil(t: { after(cleanUp: () => unknown): void }): Promise<BrazilDriver> {
  const [directory, key] = [signingKey('PS256'), signingKey('PS256')]
  const jwks = (of: KeyObject, kid: string): string =>
    JSON.stringify({ keys: [{ ...createPublicKey(of).export({ format: 'jwk' }), kid, use: 'sig', alg: 'PS256' }] })
  const keystore = createTestAuthority()
  const identity = keystore.issueServer(['localhost'])
  const listener = createServer({ cert: identity.chainPem, key: identity.keyPem }, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(jwks(key, 'tpp-key'))
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.after(() => listener.close())
  const jwksUri = `https://localhost:${(listener.address() as AddressInfo).port}/application.jwks`

  const fapi = await startFapi(
    t,
    {
      profile: 'brazil',
      clientAuth: 'tls_client_auth',
      senderConstrain: 'mtls',
      profileOf: 'server',
      requests: 'signed_pushed',
      parameters: { response_type: 'code id_token' },
    },
    {
      more: {
        limits: { 'jwks-uri-private-addresses': ['127.0.0.1'] },
        registration: {
          'certificate-trust': ['partners'],
          'software-statements': {
            required: true,
            issuers: { 'https://directory.test': { 'jwks-file': 'directory.jwks', algorithms: ['PS256'] } },
          },
          rules: 'brazil',
          scope: 'openid orders:read orders:write',
          'grant-types': ['client_credentials', 'authorization_code', 'refresh_token'],
        },
      },
      start: { jwksUriCa: keystore.rootPem },
      files: { 'directory.jwks': jwks(directory, 'directory') },
    },
  )
  const subject = `UID=${softwareId},CN=tpp.test,OU=${organizationId},O=TPP,C=BR`
  const driver: BrazilDriver = {
    fapi,
    tpp: fapi.server.authority.issue({ subject }),
    stranger: createTestAuthority().issue({ subject }),
    statement: (claims = {}, by = directory) =>
      signed(
        { alg: 'PS256', kid: 'directory', typ: 'JWT' },
        {
          iss: 'https://directory.test',
          iat: fapi.now(),
          software_id: softwareId,
          org_id: organizationId,
          software_jwks_uri: jwksUri,
          software_redirect_uris: redirectUris,
          ...claims,
        },
        by,
      ),
    body: (changes = {}) => ({
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_subject_dn: subject,
      // `implicit` is what OpenID Connect Registration §2 wants beside `code id_token`.
      grant_types: ['authorization_code', 'implicit', 'refresh_token', 'client_credentials'],
      response_types: ['code id_token'],
      redirect_uris: [redirectUris[0]],
      jwks_uri: jwksUri,
      id_token_signed_response_alg: 'PS256',
      request_object_signing_alg: 'PS256',
      software_statement: driver.statement(),
      ...changes,
    }),
    send: async (method, path, { body, token, certificate = driver.tpp }) => {
      const answer = await fapi.server.send({
        method,
        path,
        host: 'mtls.as.test',
        certificate,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      if (answer.text !== '') assert.match(String(answer.headers['content-type']), /^application\/json(;|$)/)
      return answer
    },
    register: async (body = driver.body()) => {
      const answer = await driver.send('POST', '/register', { body })
      assert.equal(answer.status, 201, answer.text)
      const { client_id: id, registration_access_token: token, registration_client_uri: uri, scope } = answer.json
      assert.match(String(uri), /^https:\/\/mtls\.as\.test\/register\//)
      assert.ok(String(scope).split(' ').includes('openid'))
      const client: FapiClient = {
        id: String(id),
        redirectUri: redirectUris[0] ?? '',
        certificate: driver.tpp,
        key,
        kid: 'tpp-key',
        alg: 'PS256',
        rsaKey: key,
        rsaKid: 'tpp-key',
        dpopKey: key,
      }
      return { path: new URL(String(uri)).pathname, token: String(token), json: answer.json, client }
    },
  }
  return driver
}

type BrazilModule = (brazil: BrazilDriver) => Promise<void>

/** `fapi1-advanced-final-brazil-dcr-test-plan`, by the names without the prefix that all have. */
const modules: Readonly<Record<string, BrazilModule>> = {
  'brazildcr-happy-flow': (brazil) => flowOf(brazil, brazil.body()),
  // Without a scope, and with members that nobody knows.
  'brazildcr-happy-flow-variant': (brazil) =>
    flowOf(brazil, brazil.body({ scope: undefined, unknown_member: { a: [1] }, webhook_uris: ['https://tpp.test/'] })),
  // With a subject whose attributes are written by their numbers.
  'brazildcr-happy-flow-variant-2': (brazil) => {
    const numbered = `0.9.2342.19200300.100.1.1=${softwareId},CN=tpp.test,OU=${organizationId},O=TPP,C=BR`
    return flowOf(brazil, brazil.body({ tls_client_auth_subject_dn: numbered }))
  },
  'brazildcr-client-delete': async (brazil) => {
    const { path, token, client } = await brazil.register()
    const form = { grant_type: 'client_credentials', scope: 'orders:read' }
    assert.equal((await brazil.fapi.token(client, form)).status, 200)
    assert.equal((await brazil.send('DELETE', path, { token })).status, 204)
    const gone = await brazil.send('GET', path, { token })
    assert.equal(gone.status, 401)
    assert.equal('client_id' in gone.json, false)
    assert.equal((await brazil.send('DELETE', path, { token })).status, 401)
    assert.equal((await brazil.fapi.token(client, form)).json['error'], 'invalid_client')
  },
  'brazildcr-invalid-registration-access-token': async (brazil) => {
    const { path, token } = await brazil.register()
    for (const bad of ['', 'bad', `${token}x`, undefined]) {
      for (const method of ['GET', 'DELETE']) {
        const answer = await brazil.send(method, path, { token: bad })
        assert.ok([400, 401].includes(answer.status), answer.text)
        assert.equal('client_id' in answer.json, false)
      }
    }
    assert.equal((await brazil.send('GET', path, { token })).status, 200)
  },
  'brazil-dcr-invalid-software-statement-signature': refused(
    (brazil) => ({ software_statement: brazil.statement({}, signingKey('PS256')) }),
    ['invalid_software_statement'],
  ),
  'brazil-dcr-no-software-statement': refused(
    () => ({ software_statement: undefined }),
    ['invalid_software_statement'],
  ),
  'brazil-dcr-no-mtls': async (brazil) => {
    const { path, token } = await brazil.register()
    const without = (method: string, at: string, body?: object): Promise<TestAnswer> =>
      brazil.fapi.server.send({
        method,
        path: at,
        host: 'mtls.as.test',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    await refusedWith(await without('POST', '/register', brazil.body()))
    for (const method of ['GET', 'DELETE']) await refusedWith(await without(method, path))
  },
  'brazil-dcr-bad-mtls': async (brazil) => {
    const { path, token } = await brazil.register()
    const certificate = brazil.stranger
    await refusedWith(await brazil.send('POST', '/register', { body: brazil.body(), certificate }))
    for (const method of ['GET', 'DELETE']) await refusedWith(await brazil.send(method, path, { token, certificate }))
  },
  'brazildcr-update-client-config': async (brazil) => {
    const { path, token, json, client } = await brazil.register()
    const [, other = ''] = redirectUris
    const answer = await brazil.send('PUT', path, {
      token,
      body: replacement(brazil, json, { redirect_uris: [other] }),
    })
    assert.equal(answer.status, 200, answer.text)
    assert.deepEqual(answer.json['redirect_uris'], [other])
    assert.equal(answer.json['client_id'], client.id)
    await brazil.fapi.flow({ ...client, redirectUri: other })
  },
  'brazildcr-update-client-config-bad-jwks-uri': notReplaced({ jwks_uri: 'https://evil.test/application.jwks' }),
  'brazildcr-update-client-config-invalid-jwks-by-value': notReplaced({ jwks_uri: undefined, jwks: { keys: [] } }),
  'brazildcr-update-client-config-invalid-redirect-uri': notReplaced({ redirect_uris: ['https://evil.test/cb'] }),
  'brazil-dcr-no-redirect-uri': refused(() => ({ redirect_uris: undefined }), redirectErrors()),
  'brazil-dcr-invalid-redirect-uri': refused(() => ({ redirect_uris: ['https://evil.test/cb'] }), redirectErrors()),
  'brazil-dcr-invalid-jwks-uri': refused(() => ({ jwks_uri: 'https://evil.test/jwks' }), ['invalid_client_metadata']),
  'brazil-dcr-invalid-jwks-by-value': refused(
    () => ({ jwks_uri: undefined, jwks: { keys: [] } }),
    ['invalid_client_metadata'],
  ),
}

runModules(
  'fapi1-advanced-final-brazil-dcr-test-plan, tls_client_auth',
  startBrazil,
  named('fapi1-advanced-final', modules, { 'brazildcr-happy-flow': 'FAPI1-ADVANCED-M10' }),
)

/** From the registration to tokens, and a look at what is registered. */
async function flowOf(brazil: BrazilDriver, body: object): Promise<void> {
  const { path, token, json, client } = await brazil.register(body)
  assert.equal(json['tls_client_certificate_bound_access_tokens'], true)
  const { tokens } = await brazil.fapi.flow(client)
  assert.deepEqual(claimsOf(tokens['access_token'])['cnf'], { 'x5t#S256': brazil.tpp.thumbprint })
  const lifetime = Number(tokens['expires_in'])
  assert.ok(lifetime >= 300 && lifetime <= 900, String(lifetime))
  const form = { grant_type: 'refresh_token', refresh_token: String(tokens['refresh_token']) }
  const refreshed = await brazil.fapi.token(client, form)
  assert.equal(refreshed.status, 200, refreshed.text)
  assert.ok([undefined, tokens['refresh_token']].includes(refreshed.json['refresh_token']), 'not rotated')
  const looked = await brazil.send('GET', path, { token })
  assert.equal(looked.status, 200)
  for (const member of ['client_id', 'redirect_uris', 'registration_client_uri']) {
    assert.deepEqual(looked.json[member], json[member], member)
  }
}

function refused(changes: (brazil: BrazilDriver) => Changes, errors: readonly string[]): BrazilModule {
  return async (brazil) => {
    const answer = await brazil.send('POST', '/register', { body: brazil.body(changes(brazil)) })
    assert.equal(answer.status, 400, answer.text)
    assert.ok(errors.includes(String(answer.json['error'])), answer.text)
    assert.equal('client_id' in answer.json, false)
  }
}

function redirectErrors(): readonly string[] {
  return ['invalid_redirect_uri', 'invalid_client_metadata']
}

async function refusedWith(answer: TestAnswer): Promise<void> {
  assert.ok([400, 401].includes(answer.status), answer.text)
  assert.equal(typeof answer.json['error'], 'string')
  assert.equal('client_id' in answer.json, false)
  return Promise.resolve()
}

/** RFC 7592 §2.2: the whole record, without what the server set. */
function replacement(brazil: BrazilDriver, json: TestAnswer['json'], changes: Changes): object {
  const {
    registration_access_token: _token,
    registration_client_uri: _uri,
    client_id_issued_at: _issued,
    client_secret_expires_at: _expires,
    ...record
  } = json
  return { ...record, software_statement: brazil.statement(), ...changes }
}

function notReplaced(changes: Changes): BrazilModule {
  return async (brazil) => {
    const { path, token, json } = await brazil.register()
    const answer = await brazil.send('PUT', path, { token, body: replacement(brazil, json, changes) })
    assert.equal(answer.status, 400, answer.text)
    assert.ok(redirectErrors().includes(String(answer.json['error'])), answer.text)
    const looked = await brazil.send('GET', path, { token })
    assert.deepEqual(looked.json['redirect_uris'], json['redirect_uris'])
    assert.deepEqual(looked.json['jwks_uri'], json['jwks_uri'])
  }
}
