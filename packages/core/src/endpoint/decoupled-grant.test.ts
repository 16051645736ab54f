import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import type { Answer } from '../protocol-error/answer.ts'
import { createBackchannelAuthenticationEndpoint } from './backchannel-authentication-endpoint.ts'
import {
  delegatedFakePorts,
  type DelegatedFakePorts,
  delegatedSettings,
  tokenEndpoint,
} from './delegated-fake-ports.test.ts'
import { createDeviceAuthorizationEndpoint } from './device-authorization-endpoint.ts'
import { claimsOf, errorOf, presented, reasonOf, request, signedJwt, tokenOf } from './fake-ports.test.ts'

const authority = createTestAuthority()
const certificate = presented(authority.issue({ san: { dns: ['acme.example'] } }))
const signer = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const device = 'urn:ietf:params:oauth:grant-type:device_code'
const ciba = 'urn:openid:params:grant-type:ciba'
const acme = {
  client_id: 'acme',
  grant_types: [device, ciba, 'refresh_token'],
  scope: 'openid orders:read',
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'acme.example',
  trust: 'partners',
  backchannel_token_delivery_mode: 'poll',
  jwks: { keys: [{ ...signer.publicKey.export({ format: 'jwk' }), kid: 'k1' }] },
}

function ports(changes: object = {}): DelegatedFakePorts {
  return delegatedFakePorts({
    clients: [
      { ...acme, ...changes },
      { ...acme, client_id: 'other' },
      {
        client_id: 'tv',
        grant_types: [device],
        token_endpoint_auth_method: 'none',
        scope: 'openid',
        binding: 'if_present',
      },
      { client_id: 'no', grant_types: [], token_endpoint_auth_method: 'none' },
    ],
    trust: { partners: [authority.rootDer] },
  })
}

const json = (answer: Answer): Record<string, unknown> => JSON.parse(answer.body) as Record<string, unknown>
const deviceSettings = {
  ...delegatedSettings,
  verificationUri: 'https://login.example/device',
  deviceCodeLifetime: 600,
  pollInterval: 5,
}
const askDevice = (fakes: DelegatedFakePorts, form: object, more: object = {}): Promise<Answer> =>
  createDeviceAuthorizationEndpoint(fakes, deviceSettings)(request({ ...form }, { certificate, ...more }))
const poll = (fakes: DelegatedFakePorts, form: object): Promise<Answer> =>
  tokenEndpoint(fakes)(request({ grant_type: device, client_id: 'acme', ...form }, { certificate }))

/** As the pages do it when a person has decided. */
async function allow(fakes: DelegatedFakePorts, digest: string, clientId: string): Promise<void> {
  const now = fakes.clock.now()
  await fakes.authorizations.grant('az', {
    clientId,
    subject: 'alice',
    scope: ['openid', 'orders:read'],
    audience: ['https://api.example'],
    authentication: { time: now, amr: ['pwd'] },
    createdAt: now,
    expiresAt: now + 1000,
  })
  assert.ok(await fakes.decoupled.decide(digest, { authorizationId: 'az' }))
}

describe('the device flow', () => {
  test('RFC8628-V10 a device gets a code to poll with and one to show, and its bound tokens once the person allowed it', async () => {
    const fakes = ports()
    const answer = await askDevice(fakes, { client_id: 'acme', scope: 'openid orders:read' })
    assert.equal(answer.headers['cache-control'], 'no-store')
    const { device_code, user_code, ...rest } = json(answer)
    assert.match(String(user_code), /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
    assert.deepEqual(rest, {
      verification_uri: 'https://login.example/device',
      verification_uri_complete: `https://login.example/device?user_code=${String(user_code)}`,
      expires_in: 600,
      interval: 5,
    })
    assert.equal(errorOf(await poll(fakes, { device_code })), 'authorization_pending')
    assert.equal(errorOf(await poll(fakes, { device_code })), 'slow_down')
    const found = await fakes.decoupled.findByUserCode(String(user_code).replace('-', ''), fakes.clock.now())
    assert.ok(found)
    await allow(fakes, found.digest, 'acme')
    fakes.clock.advance(10)
    const answers = await Promise.all(Array.from({ length: 5 }, () => poll(fakes, { device_code })))
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 400, 400, 400, 400])
    const won = answers.find(({ status }) => status === 200)
    assert.ok(won)
    const claims = claimsOf(tokenOf(won))
    assert.deepEqual([claims['sub'], claims['cnf']], ['alice', { 'x5t#S256': certificate.thumbprint }])
    assert.deepEqual([typeof json(won)['id_token'], typeof json(won)['refresh_token']], ['string', 'string'])
  })

  test('RFC8628-V11 a person who says no, or nothing in time, ends it', async () => {
    const fakes = ports()
    const denied = json(await askDevice(fakes, { client_id: 'acme' }))['device_code']
    await fakes.decoupled.decide(fakes.opaqueTokens.digest(String(denied)), 'denied')
    assert.equal(errorOf(await poll(fakes, { device_code: denied })), 'access_denied')
    const late = json(await askDevice(fakes, { client_id: 'acme' }))['device_code']
    fakes.clock.advance(600)
    assert.equal(errorOf(await poll(fakes, { device_code: late })), 'expired_token')
  })

  test('RFC8628-V12 another client, another kind of code, an invented one: nothing', async () => {
    const fakes = ports()
    const { device_code } = json(await askDevice(fakes, { client_id: 'acme' }))
    assert.equal(errorOf(await poll(fakes, { device_code, client_id: 'other' })), 'invalid_grant')
    assert.equal(errorOf(await poll(fakes, { grant_type: ciba, auth_req_id: device_code })), 'invalid_grant')
    assert.equal(errorOf(await poll(fakes, { device_code: 'x'.repeat(43) })), 'invalid_grant')
    assert.equal(errorOf(await poll(fakes, {})), 'invalid_request')
  })

  test('RFC8707-M10 a resource that was not asked for uses nothing up', async () => {
    const fakes = ports()
    const { device_code } = json(await askDevice(fakes, { client_id: 'acme', scope: 'openid' }))
    await allow(fakes, fakes.opaqueTokens.digest(String(device_code)), 'acme')
    assert.equal(errorOf(await poll(fakes, { device_code, resource: 'https://other.example' })), 'invalid_target')
    assert.equal((await poll(fakes, { device_code, resource: 'https://api.example' })).status, 200)
  })

  test('RFC8628-V13 clients authenticate as they do at the token endpoint, public ones name themselves', async () => {
    const fakes = ports()
    assert.equal((await askDevice(fakes, { client_id: 'tv' }, { certificate: undefined })).status, 200)
    assert.equal(errorOf(await askDevice(fakes, { client_id: 'acme' }, { certificate: undefined })), 'invalid_client')
    assert.equal(errorOf(await askDevice(fakes, { client_id: 'no' })), 'unauthorized_client')
    assert.equal(errorOf(await askDevice(fakes, { client_id: 'tv', scope: 'all' })), 'invalid_scope')
  })
})

describe('CIBA', () => {
  const settings = {
    ...delegatedSettings,
    authenticationRequestLifetime: 300,
    pollInterval: 5,
    profile: 'none',
  } as const
  const hints = { subjectOf: (hint: string) => (hint === 'alice@example.com' ? 'alice' : undefined) }
  const ask = (fakes: DelegatedFakePorts, form: object, changes: object = {}): Promise<Answer> =>
    createBackchannelAuthenticationEndpoint(
      { ...fakes, hints },
      { ...settings, ...changes },
    )(request({ client_id: 'acme', ...form }, { certificate }))
  const named = { scope: 'openid orders:read', login_hint: 'alice@example.com' }

  test('CIBA §7.3, §10.1: a client that names the person polls until the answer is there', async () => {
    const fakes = ports()
    const answer = await ask(fakes, { ...named, binding_message: 'W4SCT' })
    const { auth_req_id, ...rest } = json(answer)
    assert.deepEqual(rest, { expires_in: 300, interval: 5 })
    const digest = fakes.opaqueTokens.digest(String(auth_req_id))
    const [waiting] = await fakes.decoupled.ofSubject('alice', fakes.clock.now(), 10)
    assert.deepEqual([waiting?.digest, waiting?.record.bindingMessage], [digest, 'W4SCT'])
    const form = { grant_type: ciba, auth_req_id }
    assert.equal(errorOf(await poll(fakes, form)), 'authorization_pending')
    await allow(fakes, digest, 'acme')
    fakes.clock.advance(5)
    assert.equal(claimsOf(tokenOf(await poll(fakes, form)))['sub'], 'alice')
    assert.equal(errorOf(await poll(fakes, form)), 'invalid_grant')
  })

  test('CIBA §7.1: an ID token of ours names the person, also after its end; a foreign one does not', async () => {
    const fakes = ports()
    const idToken = async (sub: string): Promise<string> =>
      fakes.signer.sign('JWT', JSON.stringify({ iss: 'https://login.example', sub, exp: 1 }))
    const form = { scope: 'openid' }
    assert.equal((await ask(fakes, { ...form, id_token_hint: await idToken('alice') })).status, 200)
    assert.equal(errorOf(await ask(fakes, { ...form, id_token_hint: await idToken('bob') })), 'unknown_user_id')
    const foreign = signedJwt(
      { alg: 'ES256', kid: 'k1' },
      { iss: 'https://login.example', sub: 'alice' },
      signer.privateKey,
    )
    assert.equal(errorOf(await ask(fakes, { ...form, id_token_hint: foreign })), 'invalid_request')
  })

  const refused: readonly (readonly [string, object, string])[] = [
    ['no hint', { scope: 'openid' }, 'invalid_request'],
    ['two hints', { ...named, id_token_hint: 'x' }, 'invalid_request'],
    ['nobody by that name', { ...named, login_hint: 'bob' }, 'unknown_user_id'],
    ['a message too long for a display', { ...named, binding_message: 'x'.repeat(65) }, 'invalid_binding_message'],
    ['a message with a line break', { ...named, binding_message: 'a\nb' }, 'invalid_binding_message'],
    ['without openid', { ...named, scope: 'orders:read' }, 'invalid_scope'],
    ['a scope that is not registered', { ...named, scope: 'openid admin' }, 'invalid_scope'],
    ['an expiry that is no number', { ...named, requested_expiry: '-1' }, 'invalid_request'],
    ['a public client', { ...named, client_id: 'tv' }, 'invalid_client'],
  ]
  for (const [name, form, error] of refused) {
    test(`CIBA §13: ${name}: ${error}`, async () => {
      assert.equal(errorOf(await ask(ports(), form)), error)
    })
  }

  test('CIBA §7.1.1: a signed request counts once, whole, and only by a registered key', async () => {
    const fakes = ports({ backchannel_authentication_request_signing_alg: 'ES256' })
    const now = fakes.clock.now()
    let serial = 0
    const signed = (claims: object = {}, key = signer.privateKey): string => {
      const base = { iss: 'acme', aud: 'https://login.example', exp: now + 60, iat: now, nbf: now, jti: `j${serial++}` }
      return signedJwt({ alg: 'ES256', kid: 'k1' }, { ...base, ...named, ...claims }, key)
    }
    assert.equal(errorOf(await ask(fakes, named)), 'invalid_request')
    const once = signed()
    assert.equal((await ask(fakes, { request: once })).status, 200)
    await ask(fakes, { request: once })
    assert.equal(reasonOf(fakes as never), 'signed_request_refused')
    assert.equal((await ask(fakes, { request: signed(), login_hint: 'bob' })).status, 200)
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const wrong = [
      signed({}, stranger),
      signed({ iss: 'other' }),
      signed({ aud: 'x' }),
      signed({ exp: now - 11 }),
      signed({ nbf: undefined }),
      signed({ jti: undefined }),
      signed({ exp: now + 3700 }),
      signed({ request: 'x' }),
      'a.b.c',
    ]
    for (const text of wrong) assert.equal(errorOf(await ask(fakes, { request: text })), 'invalid_request')
  })

  test('FAPI-CIBA §5.2.2: where the profile wants it, a request that is not signed is refused', async () => {
    assert.equal(errorOf(await ask(ports(), named, { profile: 'fapi1-advanced' })), 'invalid_request')
    assert.equal(errorOf(await ask(ports({ profile: 'fapi1-advanced' }), named)), 'invalid_request', 'of the client')
  })

  test('CIBA §10.2: a ping needs the token to be told with, and it is kept with the request', async () => {
    const fakes = ports({
      backchannel_token_delivery_mode: 'ping',
      backchannel_client_notification_endpoint: 'https://client.example/cb',
    })
    assert.equal(errorOf(await ask(fakes, named)), 'invalid_request')
    const client_notification_token = 'n'.repeat(32)
    const { auth_req_id } = json(await ask(fakes, { ...named, client_notification_token }))
    const record = await fakes.decoupled.find(fakes.opaqueTokens.digest(String(auth_req_id)))
    const expected = { endpoint: 'https://client.example/cb', token: client_notification_token, authReqId: auth_req_id }
    assert.deepEqual(record?.notification, expected)
  })
})
