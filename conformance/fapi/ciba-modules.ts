import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { claimsOf } from '../../packages/server/conformance/test-server.ts'
import { type CibaDriver, checkPing } from './ciba-driver.ts'
import type { Changes, ShownBy, SigningOptions } from './fapi-client.ts'
import { checkMetadata } from './shared-modules.ts'
import { checkTls } from './tls-checks.ts'

/** A module of the plan for FAPI-CIBA: throws when the server does not do what it demands. */
export type CibaModule = (ciba: CibaDriver) => Promise<void>

/** What `fapi-ciba-id1-test-plan` asks of every server, by the names without the prefix; the happy flow has the bare name. */
export const cibaModules: Readonly<Record<string, CibaModule>> = {
  'discovery-end-point-verification': async (ciba) => {
    const metadata = await checkMetadata(ciba)
    assert.match(String(metadata['backchannel_authentication_endpoint']), /^https:/)
    assert.ok(listed(metadata['backchannel_token_delivery_modes_supported']).includes(ciba.delivery))
    assert.ok(listed(metadata['grant_types_supported']).includes('urn:openid:params:grant-type:ciba'))
    assert.ok(listed(metadata['backchannel_authentication_request_signing_alg_values_supported']).includes('PS256'))
    assert.equal(typeof metadata['backchannel_user_code_parameter_supported'], 'boolean')
  },
  '': async (ciba) => {
    for (const [client, other] of [
      [ciba.first, ciba.second],
      [ciba.second, ciba.first],
    ] as const) {
      const tokens = await ciba.collected(client)
      assert.deepEqual(claimsOf(tokens['access_token'])['cnf'], ciba.confirmation(client))
      const idToken = claimsOf(tokens['id_token'])
      assert.equal(idToken['sub'], 'ada')
      assert.equal('c_hash' in idToken || 's_hash' in idToken, false)
      assert.equal((await ciba.userinfo(tokens['access_token'], client)).json['sub'], 'ada')
      assert.equal((await ciba.userinfo(tokens['access_token'])).status, 401)
      assert.equal((await ciba.userinfo(tokens['access_token'], other)).status, 401)
    }
  },
  'user-rejects-authentication': async (ciba) => {
    const message = randomUUID().slice(0, 8)
    const authReqId = await ciba.asked(ciba.first, { binding_message: message })
    await ciba.decide(message, 'deny')
    if (ciba.delivery === 'ping') checkPing(await ciba.ping(), authReqId)
    assert.equal((await ciba.poll(ciba.first, authReqId)).json['error'], 'access_denied')
  },
  'multiple-call-to-token-endpoint': async (ciba) => {
    const message = randomUUID().slice(0, 8)
    const authReqId = await ciba.asked(ciba.first, { binding_message: message })
    for (let call = 0; call < 20; call++) {
      const { json } = await ciba.poll(ciba.first, authReqId)
      assert.ok(['authorization_pending', 'slow_down'].includes(String(json['error'])), String(json['error']))
    }
    await ciba.decide(message, 'allow')
    if (ciba.delivery === 'ping') checkPing(await ciba.ping(), authReqId)
  },
  'auth-req-id-expired': async (ciba) => {
    const authReqId = await ciba.asked(ciba.first, { requested_expiry: 10 })
    ciba.advance(11)
    assert.equal((await ciba.poll(ciba.first, authReqId)).json['error'], 'expired_token')
  },
  'ensure-authorization-request-with-binding-message-succeeds': async (ciba) => {
    await ciba.collected(ciba.first, {}, '1234')
  },
  'ensure-other-scope-order-succeeds': async (ciba) => {
    await ciba.collected(ciba.first, { scope: 'orders:read openid' })
  },
  'ensure-requested-expiry-as-string-succeeds': async (ciba) => {
    await ciba.collected(ciba.first, { requested_expiry: '30' })
  },
  'ensure-authorization-request-with-potentially-bad-binding-message': async (ciba) => {
    const binding_message = `1234 👍🏿 品川 ${'Lorem ipsum dolor sit amet '.repeat(17)}`
    assert.equal((await ciba.ask(ciba.first, { binding_message })).json['error'], 'invalid_binding_message')
  },
  'ensure-request-object-missing-aud-fails': refused({ aud: undefined }),
  'ensure-request-object-bad-aud-fails': refused({ aud: 'https://other.test' }),
  'ensure-request-object-missing-iss-fails': refused({ iss: undefined }),
  'ensure-request-object-bad-iss-fails': refused({ iss: 'somebody' }),
  'ensure-request-object-missing-exp-fails': refused({ exp: undefined }),
  'ensure-request-object-expired-exp-fails': (ciba) => refused({ exp: ciba.now() - 300 })(ciba),
  'ensure-request-object-exp-is-70-minutes-in-future-fails': (ciba) => refused({ exp: ciba.now() + 4200 })(ciba),
  'ensure-request-object-missing-iat-fails': refused({ iat: undefined }),
  'ensure-request-object-missing-nbf-fails': refused({ nbf: undefined }),
  'ensure-request-object-nbf-is-10-minutes-in-future-fails': (ciba) =>
    refused({ nbf: ciba.now() + 600, exp: ciba.now() + 900 })(ciba),
  'ensure-request-object-nbf-is-70-minutes-in-past-fails': (ciba) => refused({ nbf: ciba.now() - 4200 })(ciba),
  'ensure-request-object-missing-jti-fails': refused({ jti: undefined }),
  'ensure-request-object-signature-algorithm-is-none-fails': refused({}, { header: { alg: 'none' } }),
  'ensure-request-object-signature-algorithm-is-bad-fails': async (ciba) => {
    await refused({}, { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey })(ciba)
    await refused({}, { header: { alg: 'HS256' } })(ciba)
  },
  'ensure-request-object-signature-algorithm-is-RS256-fails': async (ciba) => {
    const { rsaKey: key, rsaKid: kid } = ciba.first
    await refused({}, { key, header: { alg: 'RS256', kid } })(ciba)
    assert.equal((await ciba.ask(ciba.first, {}, { key, header: { alg: 'PS256', kid } })).status, 200)
  },
  'ensure-request-object-signed-by-other-client-fails': async (ciba) => {
    const { key, kid } = ciba.second
    await refused({}, { key, header: { kid } })(ciba)
  },
  'ensure-authorization-request-with-multiple-hints-fails': refused({ login_hint: 'ada', id_token_hint: 'e30.e30.' }),
  'ensure-wrong-auth-req-id-in-token-endpoint-request': async (ciba) => {
    const authReqId = await ciba.asked(ciba.first)
    assert.equal((await ciba.poll(ciba.second, authReqId)).json['error'], 'invalid_grant')
  },
  'ensure-unsigned-backchannel-authorization-request-fails': async (ciba) => {
    const answer = await ciba.post('/bc-authorize', ciba.first, { scope: 'openid', login_hint: 'ada' })
    assert.equal(answer.json['error'], 'invalid_request')
  },
  'refresh-token': async (ciba) => {
    const { refresh_token } = await ciba.collected(ciba.first)
    const form = { grant_type: 'refresh_token', refresh_token: String(refresh_token) }
    assert.equal((await ciba.token(ciba.second, form)).json['error'], 'invalid_grant')
    const refreshed = await ciba.token(ciba.first, form)
    assert.deepEqual(claimsOf(refreshed.json['access_token'])['cnf'], ciba.confirmation(ciba.first))
  },
  'ensure-mtls-holder-of-key-required': async (ciba) => {
    const authReqId = await ciba.asked(ciba.first)
    const { json } = await ciba.poll(ciba.first, authReqId, { possession: 'none' })
    assert.ok(['invalid_client', 'invalid_request', 'invalid_grant'].includes(String(json['error'])))
    await checkTls(ciba)
  },
}

/** For clients with certificates. */
export const cibaCertificateModules: Readonly<Record<string, CibaModule>> = {
  'ensure-different-client-id-and-issuer-in-backchannel-authorization-request': (ciba) =>
    unauthenticated(ciba, { iss: ciba.first.id }),
  'ensure-wrong-client-id-in-backchannel-authorization-request': (ciba) => unauthenticated(ciba, {}),
  'ensure-wrong-client-id-in-token-endpoint-request': async (ciba) => {
    const authReqId = await ciba.asked(ciba.first)
    const { json } = await ciba.poll(ciba.second, authReqId, { as: ciba.first })
    assert.equal(json['error'], 'invalid_client')
  },
}

/** For clients with `private_key_jwt`. */
export const cibaAssertionModules: Readonly<Record<string, CibaModule>> = {
  'ensure-without-client-assertion-in-token-endpoint-request': (ciba) => refusedAtToken(ciba, 'none'),
  'ensure-without-client-assertion-in-backchannel-authorization-request': (ciba) => refusedAtAsking(ciba, 'none'),
  'ensure-client-assertion-signature-algorithm-in-backchannel-authorization-request-is-RS256-fails': (ciba) =>
    refusedAtAsking(ciba, withRs256(ciba)),
  'ensure-client-assertion-signature-algorithm-in-token-endpoint-request-is-RS256-fails': (ciba) =>
    refusedAtToken(ciba, withRs256(ciba)),
  'ensure-client-assertion-with-iss-aud-to-token-endpoint-succeeds': async (ciba) => {
    const authReqId = await ciba.asked(ciba.first)
    for (const aud of ['https://as.test', 'https://as.test/token', 'https://mtls.as.test/token']) {
      const { json } = await ciba.poll(ciba.first, authReqId, { authentication: { claims: { aud } } })
      assert.ok(['authorization_pending', 'slow_down'].includes(String(json['error'])), aud)
    }
  },
}

/** For clients that are told by ping. */
export const cibaPingModules: Readonly<Record<string, CibaModule>> = {
  'ping-backchannel-notification-endpoint-response-has-body': (ciba) => toldOnce(ciba, 200, undefined, 'thank you'),
  'ping-backchannel-notification-endpoint-response-401': (ciba) => toldOnce(ciba, 401),
  'ping-backchannel-notification-endpoint-response-403': (ciba) => toldOnce(ciba, 403),
  'ping-with-mtls-ciba-notification-endpoint-response-401-and-require-server-does-not-retry': (ciba) =>
    toldOnce(ciba, 401),
  'ping-backchannel-notification-endpoint-return-redirect-request': (ciba) => toldOnce(ciba, 301, '/elsewhere'),
}

/** Whatever the notification endpoint says, it is told once, and the tokens are there. */
async function toldOnce(ciba: CibaDriver, status: number, location?: string, body?: string): Promise<void> {
  ciba.answerPings(status, location, body)
  const before = ciba.pings.length
  await ciba.collected(ciba.first)
  ciba.answerPings(204)
  await ciba.collected(ciba.first)
  assert.equal(ciba.pings.length, before + 2)
}

function refused(changes: Changes, signing: SigningOptions = {}): CibaModule {
  return async (ciba) => {
    const answer = await ciba.ask(ciba.first, changes, signing)
    assert.equal(answer.status, 400)
    assert.ok(['invalid_request', 'invalid_request_object'].includes(String(answer.json['error'])), answer.text)
  }
}

/** The name of the second client, with what the first has. */
async function unauthenticated(ciba: CibaDriver, changes: Changes): Promise<void> {
  const answer = await ciba.ask(ciba.second, changes, { as: ciba.first, key: ciba.first.key })
  assert.equal(answer.json['error'], 'invalid_client')
  assert.equal(answer.status, 401)
}

type Authentication = NonNullable<ShownBy['authentication']>

function withRs256({ first: { rsaKey: key, rsaKid: kid } }: CibaDriver): Authentication {
  return { signing: { key, header: { alg: 'RS256', kid } } }
}

async function refusedAtToken(ciba: CibaDriver, authentication: Authentication): Promise<void> {
  const authReqId = await ciba.asked(ciba.first)
  const { json } = await ciba.poll(ciba.first, authReqId, { authentication })
  assert.ok(['invalid_client', 'invalid_request'].includes(String(json['error'])))
}

async function refusedAtAsking(ciba: CibaDriver, authentication: Authentication): Promise<void> {
  const { json } = await ciba.ask(ciba.first, {}, { authentication })
  assert.ok(['invalid_client', 'invalid_request', 'access_denied'].includes(String(json['error'])))
}

function listed(value: unknown): readonly unknown[] {
  assert.ok(Array.isArray(value))
  return value
}
