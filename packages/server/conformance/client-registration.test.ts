import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { openClientRegistry } from '@holdfast/server/operate'
import { createTestAuthority } from '@holdfast/testkit'
import type { TestCertificate } from '@holdfast/testkit'
import { claimsOf, load, startTestServer } from './test-server.ts'
import type { TestAnswer, TestServer } from './test-server.ts'

const directory = generateKeyPairSync('rsa', { modulusLength: 2048 })
const softwareId = 'c6a36b4b-1a3e-4d3f-9b0a-0123456789ab'
const organizationId = '74e929d9-33b6-4d85-8ba7-c146c867a817'
const initial = 'an-initial-access-token-of-the-test'
const cleanUp: (() => unknown)[] = []

describe('clients that register themselves', () => {
  let running: TestServer
  let tpp: TestCertificate
  before(async () => {
    running = await started({ 'initial-access-token-files': ['initial.token'], 'certificate-trust': ['partners'] })
    tpp = running.authority.issue({ san: { dns: ['tpp.example'] } })
  })
  after(stop)

  const record = {
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_dns: 'tpp.example',
    grant_types: ['client_credentials'],
    scope: 'accounts',
  }

  test('RFC8705-M22 the metadata announces the endpoint on both hosts', async () => {
    const { json } = await running.send({ path: '/.well-known/oauth-authorization-server' })
    assert.equal(json['registration_endpoint'], 'https://as.test/register')
    const aliases = json['mtls_endpoint_aliases'] as Record<string, string>
    assert.equal(aliases['registration_endpoint'], 'https://mtls.as.test/register')
  })

  test('a client registers over mutual TLS, gets a bound token, changes its registration and goes', async () => {
    const registered = await json('POST', '/register', record, tpp, initial)
    assert.equal(registered.status, 201, registered.text)
    const { client_id: id, registration_access_token: token, registration_client_uri: uri } = registered.json as Strings
    assert.equal(uri, `https://mtls.as.test/register/${id}`)

    const form = { grant_type: 'client_credentials', client_id: id }
    const issued = await running.post('/token', form, { certificate: tpp })
    assert.equal(issued.status, 200, issued.text)
    const claims = claimsOf(issued.json['access_token'])
    assert.deepEqual(
      [claims['client_id'], claims['scope'], claims['cnf']],
      [id, 'accounts', { 'x5t#S256': tpp.thumbprint }],
    )

    const path = `/register/${id}`
    const renewed = running.authority.issue({ san: { dns: ['renewed.example'] } })
    const document = { ...record, client_id: id, tls_client_auth_san_dns: 'renewed.example' }
    assert.equal((await json('PUT', path, document, tpp, token)).status, 200)
    assert.equal((await running.post('/token', form, { certificate: tpp })).json['error'], 'invalid_client')
    assert.equal((await running.post('/token', form, { certificate: renewed })).status, 200)

    assert.equal((await json('GET', path, undefined, tpp, token)).json['tls_client_auth_san_dns'], 'renewed.example')
    assert.equal((await json('DELETE', path, undefined, tpp, token)).status, 204)
    assert.equal((await json('GET', path, undefined, tpp, token)).status, 401)
    assert.equal((await running.post('/token', form, { certificate: renewed })).json['error'], 'invalid_client')
  })

  test('who has no certificate of the trust, or no token, does not register', async () => {
    const stranger = createTestAuthority().issue({ san: { dns: ['tpp.example'] } })
    const refused: readonly (readonly [TestCertificate | undefined, string | undefined, number, string | undefined])[] =
      [
        [undefined, initial, 401, 'invalid_client'],
        [stranger, initial, 401, 'invalid_client'],
        [tpp, undefined, 401, undefined],
        [tpp, 'x'.repeat(40), 401, 'invalid_token'],
      ]
    for (const [certificate, token, status, error] of refused) {
      const answer = await json('POST', '/register', record, certificate, token)
      assert.deepEqual([answer.status, answer.json['error']], [status, error])
    }
  })

  test('bodies that are no JSON object, or too large, are refused', async () => {
    const send = (body: string, type: string): Promise<TestAnswer> =>
      running.send({
        method: 'POST',
        path: '/register',
        host: 'mtls.as.test',
        certificate: tpp,
        headers: { 'content-type': type, authorization: `Bearer ${initial}` },
        body,
      })
    assert.equal((await send('{"a":1', 'application/json')).json['error'], 'invalid_client_metadata')
    assert.equal((await send('a=1', 'application/x-www-form-urlencoded')).status, 400)
    assert.equal((await send(`{"client_name":"${'x'.repeat(70_000)}"}`, 'application/json')).status, 413)
  })

  test('an operator beside the running server disables a client at once, and adds one', async () => {
    const clients = await openClientRegistry(load(running.file))
    assert.ok(clients !== 'registration_off')
    try {
      const added = await clients.add({ ...record, client_id: 'by-hand' })
      assert.ok(added.ok)
      const ask = (): Promise<TestAnswer> =>
        running.post('/token', { grant_type: 'client_credentials', client_id: 'by-hand' }, { certificate: tpp })
      assert.equal((await ask()).status, 200)
      assert.equal(await clients.setDisabled('by-hand', true), true)
      assert.equal((await ask()).json['error'], 'invalid_client')
      assert.equal(await clients.setDisabled('by-hand', false), true)
      assert.equal((await ask()).status, 200)
      assert.equal(await clients.remove('by-hand'), true)
      assert.equal((await ask()).json['error'], 'invalid_client')
      assert.equal(await clients.remove('by-hand'), false)

      assert.ok((await clients.add({ ...record, client_id: 'by-hand' })).ok)
      assert.equal((await ask()).status, 200)
      assert.equal(await clients.remove('by-hand'), true)
      const other = { ...record, client_id: 'by-hand', tls_client_auth_san_dns: 'somebody-else.example' }
      assert.ok((await clients.add(other)).ok)
      assert.equal((await ask()).json['error'], 'invalid_client', 'the name of before counts no more')
      assert.equal(await clients.remove('by-hand'), true)
    } finally {
      await clients.close()
    }
  })

  test('other methods are named', async () => {
    const answer = await running.send({ method: 'PATCH', path: '/register' })
    assert.deepEqual([answer.status, answer.headers['allow']], [405, 'POST, OPTIONS'])
    const behind = await running.send({ method: 'POST', path: '/register/x' })
    assert.deepEqual([behind.status, behind.headers['allow']], [405, 'GET, HEAD, PUT, DELETE, OPTIONS'])
  })

  function json(
    method: string,
    path: string,
    document: unknown,
    certificate: TestCertificate | undefined,
    token: string | undefined,
  ): Promise<TestAnswer> {
    return sendJson(running, method, path, document, certificate, token)
  }
})

describe('the rules of Open Finance Brasil', () => {
  let running: TestServer
  let tpp: TestCertificate
  before(async () => {
    running = await started({
      'certificate-trust': ['partners'],
      'software-statements': {
        required: true,
        issuers: { 'https://directory.example': { 'jwks-file': 'directory.jwks', algorithms: ['PS256'] } },
      },
      rules: 'brazil',
    })
    tpp = running.authority.issue({ subject: `UID=${softwareId},CN=tpp.example,OU=${organizationId},O=TPP,C=BR` })
  })
  after(stop)

  const record = {
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_subject_dn: `UID=${softwareId},CN=tpp.example,OU=${organizationId},O=TPP,C=BR`,
    grant_types: ['client_credentials'],
    jwks_uri: 'https://keystore.example/application.jwks',
    redirect_uris: ['https://tpp.example/cb'],
  }

  test('the software of the certificate registers with its statement, and nobody else', async () => {
    const good = await register({ ...record, software_statement: statement({}) }, tpp)
    assert.equal(good.status, 201, good.text)
    assert.equal(good.json['tls_client_certificate_bound_access_tokens'], true)
    assert.equal('holdfast_software_statement' in good.json, false)
    const issued = await running.post(
      '/token',
      { grant_type: 'client_credentials', client_id: String(good.json['client_id']) },
      { certificate: tpp },
    )
    assert.equal(issued.json['expires_in'], 900, issued.text)

    const other = running.authority.issue({ subject: `UID=other,CN=tpp.example,OU=${organizationId},O=TPP,C=BR` })
    const token = String(good.json['registration_access_token'])
    const path = `/register/${String(good.json['client_id'])}`
    assert.equal((await sendJson(running, 'GET', path, undefined, tpp, token)).status, 200)
    const foreign = await sendJson(running, 'GET', path, undefined, other, token)
    assert.equal(foreign.json['error'], 'unapproved_software_statement')
  })

  const refusals: readonly (readonly [string, object | undefined, object, string])[] = [
    ['no statement', undefined, {}, 'invalid_software_statement'],
    ['an old statement', { iat: 1_600_000_000 }, {}, 'invalid_software_statement'],
    ['another software', { software_id: 'other' }, {}, 'unapproved_software_statement'],
    ['another organisation', { org_id: 'other' }, {}, 'unapproved_software_statement'],
    ['another directory', { iss: 'https://else.example' }, {}, 'unapproved_software_statement'],
    ['a foreign redirect URI', {}, { redirect_uris: ['https://evil.example/cb'] }, 'invalid_redirect_uri'],
    ['keys by value', {}, { jwks: { keys: [] }, jwks_uri: undefined }, 'invalid_client_metadata'],
    [
      'another way to authenticate',
      {},
      { token_endpoint_auth_method: 'client_secret_basic' },
      'invalid_client_metadata',
    ],
  ]
  for (const [name, claims, change, error] of refusals) {
    test(`${name} is refused`, async () => {
      const stated = claims === undefined ? {} : { software_statement: statement(claims) }
      const answer = await register({ ...record, ...change, ...stated }, tpp)
      assert.deepEqual([answer.status, answer.json['error']], [400, error], answer.text)
    })
  }

  test('without a certificate nobody registers', async () => {
    const answer = await register({ ...record, software_statement: statement({}) }, undefined)
    assert.deepEqual([answer.status, answer.json['error']], [401, 'invalid_client'])
  })

  function register(document: object, certificate: TestCertificate | undefined): Promise<TestAnswer> {
    return sendJson(running, 'POST', '/register', document, certificate, undefined)
  }
})

test('a reload does not pretend to switch registration off, nor people on', async (t) => {
  const open = await startTestServer(t, { more: { registration: { 'dangerously-open': true } } })
  open.configure({ more: { registration: { endpoint: 'off' } } })
  const kept = await open.server.reload()
  assert.deepEqual(!kept.ok && kept.failure.map(({ path }) => path), ['registration'])
  assert.equal((await open.send({ method: 'PATCH', path: '/register' })).status, 405)

  const machines = await startTestServer(t, {})
  const shop = {
    client_id: 'shop',
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_dns: 'shop.example',
    grant_types: ['authorization_code'],
    redirect_uris: ['https://shop.example/cb'],
  }
  machines.configure({ clients: [shop] })
  const refused = await machines.server.reload()
  assert.deepEqual(!refused.ok && refused.failure.map(({ path }) => path), ['clients'])
})

type Strings = Readonly<Record<'client_id' | 'registration_access_token' | 'registration_client_uri', string>>

async function started(registration: object): Promise<TestServer> {
  const running = await startTestServer(
    { after: (step: () => unknown) => void cleanUp.push(step) },
    {
      more: {
        registration: {
          scope: 'accounts payments',
          'grant-types': ['client_credentials', 'authorization_code', 'refresh_token'],
          ...registration,
        },
      },
    },
    {},
    {
      'initial.token': initial,
      'directory.jwks': JSON.stringify({ keys: [{ ...directory.publicKey.export({ format: 'jwk' }), kid: 'd1' }] }),
    },
  )
  return running
}

async function stop(): Promise<void> {
  for (const step of cleanUp.splice(0).toReversed()) await step()
}

function sendJson(
  running: TestServer,
  method: string,
  path: string,
  document: unknown,
  certificate: TestCertificate | undefined,
  token: string | undefined,
): Promise<TestAnswer> {
  return running.send({
    method,
    path,
    host: certificate === undefined ? 'as.test' : 'mtls.as.test',
    ...(certificate === undefined ? {} : { certificate }),
    headers: {
      ...(document === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(document === undefined ? {} : { body: JSON.stringify(document) }),
  })
}

function statement(changes: object): string {
  const claims = {
    iss: 'https://directory.example',
    iat: Math.floor(Date.now() / 1000),
    software_id: softwareId,
    org_id: organizationId,
    software_jwks_uri: 'https://keystore.example/application.jwks',
    software_redirect_uris: ['https://tpp.example/cb'],
    ...changes,
  }
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${part({ alg: 'PS256', kid: 'd1' })}.${part(claims)}`
  const signature = sign('sha256', Buffer.from(input), { key: directory.privateKey, padding: 6, saltLength: 32 })
  return `${input}.${signature.toString('base64url')}`
}
