import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, test } from 'node:test'
import { ok } from '@holdfast/x509'
import { createTestAuthority, inMemoryClientRegistrationStore, type TestCertificate } from '@holdfast/testkit'
import { parseJsonWebKeySet } from '../client-registration/json-web-key-set.ts'
import type { RegistrationPolicy } from '../client-registration/registration-policy.ts'
import type { CertificateThumbprint } from '../client-certificate/presented-certificate.ts'
import type { Answer } from '../protocol-error/answer.ts'
import { createClientConfigurationEndpoint } from './client-configuration-endpoint.ts'
import { createClientRegistrationEndpoint } from './client-registration-endpoint.ts'
import type { ClientRegistrationRequest } from './client-registration-request.ts'
import { type FakePorts, fakePorts, presented, settings, signedJwt } from './fake-ports.test.ts'

const partners = createTestAuthority({ name: 'Directory' })
const strangers = createTestAuthority({ name: 'Directory' })
const bank = partners.issue({ san: { dns: ['tpp.example'] } })
const foreign = strangers.issue({ san: { dns: ['tpp.example'] } })
const directory = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const open: RegistrationPolicy = {
  initialAccessTokens: undefined,
  certificateTrust: undefined,
  softwareStatements: undefined,
  scope: ['accounts', 'payments'],
  grantTypes: ['client_credentials'],
  authenticationMethods: ['tls_client_auth', 'self_signed_tls_client_auth', 'private_key_jwt', 'client_secret_basic'],
  trust: undefined,
  resource: [],
  rules: 'none',
  binding: 'as_registered',
}

const record = {
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'tpp.example',
  grant_types: ['client_credentials'],
  scope: 'accounts',
}

interface Stand {
  readonly ports: FakePorts
  register(document: unknown, request?: Partial<ClientRegistrationRequest>): Promise<Told>
  lookAfter(
    method: 'GET' | 'PUT' | 'DELETE',
    clientId: string,
    token: string | undefined,
    document?: unknown,
    certificate?: TestCertificate,
  ): Promise<Told>
  readonly ended: string[]
}

interface Told {
  readonly status: number
  readonly headers: Answer['headers']
  readonly body: Record<string, unknown>
}

function stand(policy: Partial<RegistrationPolicy> = {}): Stand {
  const fake = fakePorts({ clients: [], trust: { partners: [partners.rootDer] } })
  const ended: string[] = []
  const ports = {
    ...fake,
    registrations: inMemoryClientRegistrationStore(),
    hashSecret: (secret: string) => `hash of ${secret}`,
    authorizations: {
      revokeClient: (clientId: string) => {
        ended.push(clientId)
        return Promise.resolve(0)
      },
    },
  }
  const registration = {
    policy: { ...open, ...policy },
    rules: {
      authenticationMethods: settings.authenticationMethods,
      grantTypes: settings.grantTypes,
      trust: ['partners'],
      unknownMembers: 'ignore' as const,
      thumbprint,
    },
    registrationEndpoint: { main: 'https://login.example/register', mtls: 'https://mtls.login.example/register' },
  }
  const register = createClientRegistrationEndpoint(ports, registration)
  const lookAfter = createClientConfigurationEndpoint(ports, registration)
  return {
    ports: fake,
    ended,
    register: async (document, request = {}) =>
      told(await register({ document: ok(JSON.stringify(document)), role: 'main', ...request })),
    lookAfter: async (method, clientId, token, document, certificate) =>
      told(
        await lookAfter({
          method,
          clientId,
          role: 'mtls',
          ...(token === undefined ? {} : { authorization: [`Bearer ${token}`] }),
          ...(document === undefined ? {} : { document: ok(JSON.stringify(document)) }),
          ...(certificate === undefined ? {} : { certificate: presented(certificate) }),
        }),
      ),
  }
}

describe('the client registration endpoint', () => {
  test('RFC7591-R1 RFC7591-R4 registers what was asked, with everything that the client must know to go on', async () => {
    const { register, ports } = stand({ trust: 'partners' })
    const { status, headers, body } = await register({ ...record, unknown_member: 1, client_name: 'Täst' })
    assert.equal(status, 201)
    assert.equal(headers['cache-control'], 'no-store')
    const { client_id, registration_access_token: token, ...rest } = body
    assert.deepEqual(rest, {
      ...record,
      client_name: 'Täst',
      client_id_issued_at: ports.clock.now(),
      registration_client_uri: `https://login.example/register/${String(client_id)}`,
    })
    assert.equal(typeof token, 'string')
    const [event] = ports.events
    assert.equal(event?.event, 'client_registered')
    assert.equal(event?.clientId, client_id)
    assert.ok(!JSON.stringify(ports.events).includes(String(token)))
  })

  test('RFC7591-R5 a secret is given out once, with its end, and kept as a hash', async () => {
    const { register, lookAfter } = stand()
    const { body } = await register({ grant_types: ['client_credentials'], scope: 'accounts' })
    const { client_id, client_secret: secret, registration_access_token: token } = body as Record<string, string>
    assert.ok((secret ?? '').length >= 43)
    assert.equal(body['client_secret_expires_at'], 0)
    const read = await lookAfter('GET', String(client_id), token)
    assert.equal(read.status, 200)
    assert.ok(!JSON.stringify(read.body).includes(secret ?? '-'))
    assert.ok(!JSON.stringify(read.body).includes('hash'))
  })

  const refusals: readonly (readonly [string, object, string, RegExp])[] = [
    ['a scope that the policy does not have', { scope: 'accounts admin' }, 'invalid_client_metadata', /scope: admin/],
    [
      'a grant that the policy does not have',
      { grant_types: ['client_credentials', 'refresh_token'] },
      'invalid_client_metadata',
      /grant_types\[1\]/,
    ],
    [
      'tokens through the browser',
      { grant_types: ['client_credentials', 'implicit'], response_types: ['code id_token token'] },
      'invalid_client_metadata',
      /grant_types\[1\]/,
    ],
    [
      'a method that the policy does not have',
      { token_endpoint_auth_method: 'none' },
      'invalid_client_metadata',
      /none|not allowed/,
    ],
    ['two subjects', { tls_client_auth_san_uri: 'urn:x' }, 'invalid_client_metadata', /tls_client_auth/],
    ['no subject', { tls_client_auth_san_dns: undefined }, 'invalid_client_metadata', /subject|tls_client_auth/],
    [
      'jwks and jwks_uri',
      {
        jwks: { keys: [] },
        jwks_uri: 'https://a.example/',
        token_endpoint_auth_method: 'private_key_jwt',
        tls_client_auth_san_dns: undefined,
      },
      'invalid_client_metadata',
      /jwks/,
    ],
  ]
  for (const [name, change, error, detail] of refusals) {
    test(`RFC7591-R6 refuses ${name}, and says which member it is`, async () => {
      const { register, ports } = stand({ trust: 'partners' })
      const { status, body } = await register({ ...record, ...change })
      assert.equal(status, 400)
      assert.equal(body['error'], error)
      assert.match(String(body['error_description']), detail)
      assert.match(String(body['error_description']), /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
      assert.equal(ports.events[0]?.event, 'request_refused')
    })
  }

  test('where bound tokens are the rule, a client is registered for them, or for DPoP', async () => {
    const { register } = stand({ trust: 'partners', binding: 'required' })
    const member = 'tls_client_certificate_bound_access_tokens'
    assert.equal((await register(record)).body[member], true)
    assert.equal((await register({ ...record, dpop_bound_access_tokens: true })).body[member], undefined)
    assert.equal((await register({ ...record, [member]: false })).body['error'], 'invalid_client_metadata')
  })

  test('RFC7591-R2 what only an operator decides cannot be sent', async () => {
    const { register } = stand({ trust: 'partners' })
    const { body } = await register({
      ...record,
      trust: 'everybody',
      binding: 'off',
      client_secret_hash: 'x',
      introspection_audience: '*',
      disabled: false,
      dangerously_allow_public_client_credentials: true,
      holdfast_software_statement: {},
      client_id: 'chosen',
    })
    assert.notEqual(body['client_id'], 'chosen')
    for (const member of ['trust', 'binding', 'introspection_audience', 'holdfast_software_statement']) {
      assert.equal(member in body, false, member)
    }
  })

  for (const text of ['', '[]', 'null', '"x"', '{', '{"a":1}{}']) {
    test(`RFC7591-R1 refuses the body ${JSON.stringify(text)}`, async () => {
      const { register } = stand()
      const { status, body } = await register(undefined, { document: ok(text) })
      assert.deepEqual([status, body['error']], [400, 'invalid_client_metadata'])
    })
  }

  test('RFC7591-R9 where tokens are asked for, only one of them registers', async () => {
    const { register } = stand({ trust: 'partners', initialAccessTokens: new Set([sha256('good')]) })
    const none = await register(record)
    assert.equal(none.status, 401)
    assert.equal(none.headers['www-authenticate'], 'Bearer realm="registration"')
    const bad = await register(record, { authorization: ['Bearer bad'] })
    assert.equal(bad.status, 401)
    assert.match(bad.headers['www-authenticate'] ?? '', /error="invalid_token"/)
    assert.equal((await register(record, { authorization: ['Bearer good'] })).status, 201)
    assert.equal((await register(record, { authorization: ['Bearer good', 'Bearer good'] })).status, 400)
  })

  test('where a certificate is asked for, only one of its trust registers, and the client gets that trust', async () => {
    const { register } = stand({ certificateTrust: ['partners'] })
    assert.equal((await register(record)).body['error'], 'invalid_client')
    assert.equal((await register(record, { certificate: presented(foreign) })).body['error'], 'invalid_client')
    const good = await register(record, { certificate: presented(bank), role: 'mtls' })
    assert.equal(good.status, 201)
    assert.match(String(good.body['registration_client_uri']), /^https:\/\/mtls\.login\.example\/register\//)
  })
})

describe('software statements', () => {
  const keys = parseJsonWebKeySet(
    { keys: [{ ...directory.publicKey.export({ format: 'jwk' }), kid: 'd1' }] },
    thumbprint,
  ).keys
  const statements = {
    demand: 'required' as const,
    issuers: new Map([
      ['https://directory.example', { keys: { kind: 'registered' as const, keys }, algorithms: ['ES256' as const] }],
    ]),
    maximumAge: 300,
  }
  const policy = { trust: 'partners', softwareStatements: statements }
  const statement = (claims: object, key: KeyObject = directory.privateKey, header: object = {}): string =>
    signedJwt({ alg: 'ES256', kid: 'd1', ...header }, JSON.stringify(claims), key)

  test('RFC7591-R7 their claims take the place of what the client says', async () => {
    const { register, ports } = stand(policy)
    const claims = {
      iss: 'https://directory.example',
      iat: ports.clock.now(),
      client_name: 'Directory says',
      scope: 'payments',
    }
    const { status, body } = await register({ ...record, client_name: 'I say', software_statement: statement(claims) })
    assert.equal(status, 201)
    assert.deepEqual([body['client_name'], body['scope']], ['Directory says', 'payments'])
  })

  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const bad: readonly (readonly [string, (now: number) => unknown, string])[] = [
    ['none', () => undefined, 'invalid_software_statement'],
    ['a number', () => 7, 'invalid_software_statement'],
    ['no JWS', () => 'a.b', 'invalid_software_statement'],
    [
      'another key',
      (now) => statement({ iss: 'https://directory.example', iat: now }, other),
      'invalid_software_statement',
    ],
    [
      'alg none',
      (now) => statement({ iss: 'https://directory.example', iat: now }, directory.privateKey, { alg: 'none' }),
      'invalid_software_statement',
    ],
    [
      'an unknown issuer',
      (now) => statement({ iss: 'https://else.example', iat: now }),
      'unapproved_software_statement',
    ],
    ['no issuer', (now) => statement({ iat: now }), 'invalid_software_statement'],
    [
      'an old one',
      (now) => statement({ iss: 'https://directory.example', iat: now - 301 }),
      'invalid_software_statement',
    ],
    ['one without iat', () => statement({ iss: 'https://directory.example' }), 'invalid_software_statement'],
    [
      'an expired one',
      (now) => statement({ iss: 'https://directory.example', iat: now, exp: now }),
      'invalid_software_statement',
    ],
    [
      'one of tomorrow',
      (now) => statement({ iss: 'https://directory.example', iat: now + 86_400 }),
      'invalid_software_statement',
    ],
  ]
  for (const [name, make, error] of bad) {
    test(`RFC7591-R8 refuses ${name}`, async () => {
      const { register, ports } = stand(policy)
      const { status, body } = await register({ ...record, software_statement: make(ports.clock.now()) })
      assert.deepEqual([status, body['error']], [400, error])
    })
  }

  test('RFC7591-R7 a claim cannot go beyond the policy either', async () => {
    const { register, ports } = stand(policy)
    const claims = { iss: 'https://directory.example', iat: ports.clock.now(), scope: 'admin' }
    const { body } = await register({ ...record, software_statement: statement(claims) })
    assert.equal(body['error'], 'invalid_client_metadata')
  })
})

describe('the client configuration endpoint', () => {
  test('RFC7592-R1 RFC7592-R5 reads, replaces and removes a registration for whoever holds its token', async () => {
    const { register, lookAfter, ended } = stand({ trust: 'partners' })
    const { body } = await register(record)
    const { client_id: id, registration_access_token: token } = body as Record<
      'client_id' | 'registration_access_token',
      string
    >
    const read = await lookAfter('GET', id, token)
    assert.equal(read.status, 200)
    assert.equal(read.body['tls_client_auth_san_dns'], 'tpp.example')

    const changed = await lookAfter('PUT', id, token, {
      ...record,
      client_id: id,
      tls_client_auth_san_dns: 'new.example',
    })
    assert.equal(changed.status, 200)
    assert.equal(changed.body['tls_client_auth_san_dns'], 'new.example')
    assert.equal((await lookAfter('GET', id, token)).body['tls_client_auth_san_dns'], 'new.example')

    assert.equal((await lookAfter('DELETE', id, token)).status, 204)
    assert.deepEqual(ended, [id])
    assert.equal((await lookAfter('GET', id, token)).status, 401)
  })

  test('RFC7592-R2 a wrong token, none, and a client that is not there are answered alike', async () => {
    const { register, lookAfter } = stand({ trust: 'partners' })
    const { body } = await register(record)
    const { client_id: id, registration_access_token: token } = body as Record<
      'client_id' | 'registration_access_token',
      string
    >
    const other = (await register(record)).body['registration_access_token'] as string
    const answers = [
      await lookAfter('GET', id, 'x'),
      await lookAfter('GET', id, other),
      await lookAfter('GET', 'nobody', token),
      await lookAfter('DELETE', id, other),
    ]
    for (const { status, body: told } of answers) assert.deepEqual([status, told['error']], [401, 'invalid_token'])
    assert.equal((await lookAfter('GET', id, undefined)).status, 401)
  })

  test('RFC7592-R3 RFC7592-R4 a replacement names its client, and nothing that only the server sets', async () => {
    const { register, lookAfter } = stand({ trust: 'partners' })
    const { body } = await register(record)
    const { client_id: id, registration_access_token: token } = body as Record<
      'client_id' | 'registration_access_token',
      string
    >
    for (const document of [
      record,
      { ...record, client_id: 'other' },
      { ...record, client_id: id, registration_access_token: token },
      { ...record, client_id: id, registration_client_uri: 'https://x.example' },
      { ...record, client_id: id, client_id_issued_at: 1 },
      { ...record, client_id: id, client_secret_expires_at: 0 },
      { ...record, client_id: id, client_secret: 'guess' },
    ]) {
      const { status, body: told } = await lookAfter('PUT', id, token, document)
      assert.deepEqual([status, told['error']], [400, 'invalid_client_metadata'])
    }
  })

  test('RFC7592-R3 a secret stays as it is when the registration changes', async () => {
    const { register, lookAfter } = stand()
    const first = await register({ grant_types: ['client_credentials'], scope: 'accounts' })
    const { client_id: id, registration_access_token: token, client_secret } = first.body as Record<string, string>
    const document = { client_id: id, grant_types: ['client_credentials'], scope: 'payments', client_secret }
    const changed = await lookAfter('PUT', String(id), token, document)
    assert.equal(changed.status, 200)
    assert.equal('client_secret' in changed.body, false)
    assert.equal((await lookAfter('PUT', String(id), token, { ...document, client_secret: 'guess' })).status, 400)
  })

  test('RFC7592-R2 where registering takes a certificate, looking after the registration takes one too', async () => {
    const { register, lookAfter } = stand({ certificateTrust: ['partners'] })
    const { body } = await register(record, { certificate: presented(bank), role: 'mtls' })
    const { client_id: id, registration_access_token: token } = body as Record<
      'client_id' | 'registration_access_token',
      string
    >
    assert.equal((await lookAfter('GET', id, token)).status, 401)
    assert.equal((await lookAfter('GET', id, token, undefined, foreign)).status, 401)
    assert.equal((await lookAfter('GET', id, token, undefined, bank)).status, 200)
  })
})

function told(answer: Answer): Told {
  return { ...answer, body: answer.body === '' ? {} : (JSON.parse(answer.body) as Record<string, unknown>) }
}

function thumbprint(der: Uint8Array): CertificateThumbprint {
  return createHash('sha256').update(der).digest('base64url') as CertificateThumbprint
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
