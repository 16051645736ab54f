import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Answer } from '../protocol-error/answer.ts'
import {
  answered,
  assertion,
  authorizationFakes,
  type AuthorizationFakes,
  pageOf,
  session,
  told,
  usual,
} from './authorization-fake-ports.test.ts'
import { errorOf, reasonOf, request } from './fake-ports.test.ts'

async function push(fakes: AuthorizationFakes, form: Readonly<Record<string, string>>): Promise<Answer> {
  return fakes.par(request({ ...form, ...assertion(fakes) }))
}

async function requestUriOf(
  fakes: AuthorizationFakes,
  form: Readonly<Record<string, string>> = usual,
): Promise<string> {
  const answer = await push(fakes, form)
  assert.equal(answer.status, 201, answer.body)
  return (JSON.parse(answer.body) as { request_uri: string }).request_uri
}

describe('pushing a request', () => {
  test('RFC9126-M4 it is answered with 201, an unguessable reference and its lifetime, never cached', async () => {
    const fakes = authorizationFakes()
    const answer = await push(fakes, usual)
    assert.equal(answer.status, 201)
    assert.equal(answer.headers['cache-control'], 'no-store')
    const { request_uri: uri, expires_in: lifetime } = JSON.parse(answer.body) as Record<string, unknown>
    assert.match(String(uri), /^urn:ietf:params:oauth:request_uri:[A-Za-z0-9_-]{43,}$/)
    assert.equal(lifetime, 90)
    assert.notEqual(await requestUriOf(fakes), uri)
  })

  const refused: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ['RFC9126-M2 with a request_uri', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'invalid_request'],
    ['RFC9126-M9 with an unregistered redirect_uri', { redirect_uri: 'https://evil.example' }, 'invalid_request'],
    ['RFC9126-M3 with an unregistered scope', { scope: 'admin' }, 'invalid_scope'],
    ['RFC9126-M3 with a response_type of no kind', { response_type: 'token' }, 'unsupported_response_type'],
    ['RFC9126-M3 with the method plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['RFC9101-M8 RFC9126-M7 with a request that is no JWT', { request: 'x' }, 'invalid_request_object'],
  ]
  for (const [name, changes, error] of refused) {
    test(`${name} it is refused: ${error}`, async () => {
      const answer = await push(authorizationFakes(), { ...usual, ...changes })
      assert.equal(answer.status, 400)
      assert.equal(errorOf(answer), error)
    })
  }

  test('RFC9126-M1 without authentication it is refused as at the token endpoint', async () => {
    const fakes = authorizationFakes()
    const answer = await fakes.par(request(usual))
    assert.equal(answer.status, 401)
    assert.equal(errorOf(answer), 'invalid_client')
    assert.equal(reasonOf(fakes.ports), 'client_credentials_missing')
    const other = await push(fakes, { ...usual, client_id: 'other' })
    assert.equal(other.status >= 400, true)
  })

  test('RFC9126-M6 a body that is too large is 413, another method 405, as at the token endpoint', async () => {
    const { par } = authorizationFakes()
    const large = await par({ form: { ok: false, failure: { reason: 'form_too_large', limit: 65_536 } }, role: 'main' })
    assert.equal(large.status, 413)
    const failure = { reason: 'method_not_allowed', method: 'GET', allowed: ['POST'] } as const
    assert.equal((await par({ form: { ok: false, failure }, role: 'main' })).status, 405)
  })

  test('RFC9126-M7 as a request object, whose parameters alone count', async () => {
    const fakes = authorizationFakes()
    const object = fakes.object({ ...usual, scope: 'openid orders:write' })
    const uri = await requestUriOf(fakes, { client_id: 'acme', scope: 'openid', request: object })
    const step = await fakes.begin({ client_id: 'acme', request_uri: uri }, session(fakes))
    assert.ok(step.kind === 'consent')
    assert.deepEqual(step.scope, ['openid', 'orders:write'])
  })
})

describe('using what was pushed', () => {
  const by = (uri: string, more: object = {}): Record<string, string> => ({
    client_id: 'acme',
    request_uri: uri,
    ...more,
  })

  test('RFC9126-M8 client_id and request_uri suffice, whatever else is sent is not looked at', async () => {
    const fakes = authorizationFakes({ consent: 'never' })
    const plain = answered(await fakes.begin(by(await requestUriOf(fakes)), session(fakes)))
    assert.equal(plain.get('state'), 's1')
    const more = { state: 'other', nonce: 'other', redirect_uri: 'https://evil.example', scope: 'admin' }
    const same = answered(await fakes.begin(by(await requestUriOf(fakes), more), session(fakes)))
    assert.equal(same.get('state'), 's1')
  })

  test('RFC9126-M8 it is used up by a finished authorization, not by opening the page', async () => {
    const fakes = authorizationFakes()
    const uri = await requestUriOf(fakes)
    const alice = session(fakes)
    pageOf(await fakes.begin(by(uri)), 'login')
    const page = pageOf(await fakes.begin(by(uri), alice), 'consent')
    const second = pageOf(await fakes.begin(by(uri), alice), 'consent')
    const consented = { kind: 'consented', scope: usual.scope.split(' ') } as const
    assert.ok(answered(await fakes.endpoint.resume(page, alice, consented, 'r')).has('code'))
    assert.equal(told(await fakes.endpoint.resume(second, alice, consented, 'r')), 'request_uri_unknown')
    assert.equal(told(await fakes.begin(by(uri), alice)), 'request_uri_unknown')
  })

  test('RFC9126-M8 of many browsers with one request_uri exactly one gets a code', async () => {
    const fakes = authorizationFakes({ consent: 'never' })
    const uri = await requestUriOf(fakes)
    const steps = await Promise.all(Array.from({ length: 20 }, () => fakes.begin(by(uri), session(fakes))))
    assert.equal(steps.filter(({ kind }) => kind === 'redirect').length, 1)
    assert.equal(steps.filter((step) => told(step) === 'request_uri_unknown').length, 19)
  })

  test('RFC9126-M8 it expires for who has not begun, and not for who is on our page', async () => {
    const fakes = authorizationFakes()
    const uri = await requestUriOf(fakes)
    const alice = session(fakes)
    const page = pageOf(await fakes.begin(by(uri), alice), 'consent')
    fakes.ports.clock.advance(90)
    assert.equal(told(await fakes.begin(by(uri), alice)), 'request_uri_expired')
    const consented = { kind: 'consented', scope: usual.scope.split(' ') } as const
    assert.ok(answered(await fakes.endpoint.resume(page, alice, consented, 'r')).has('code'))
  })

  test('RFC9126-M5 another client cannot use it', async () => {
    const fakes = authorizationFakes()
    const uri = await requestUriOf(fakes)
    const step = await fakes.begin({ client_id: 'other', request_uri: uri })
    assert.equal(told(step), 'request_uri_of_another_client')
    assert.equal(told(await fakes.begin({ request_uri: uri })), 'parameter_missing')
  })

  test('RFC9126-M11 a client that registered for pushed requests sends no others', async () => {
    const fakes = authorizationFakes({ require_pushed_authorization_requests: true })
    assert.equal(answered(await fakes.begin(usual)).get('error'), 'invalid_request')
    assert.equal(reasonOf(fakes.ports), 'pushed_request_required')
    assert.equal((await fakes.begin(by(await requestUriOf(fakes)))).kind, 'login')
  })
})

describe('by the rules of a profile', () => {
  test('FAPI 2.0: not pushed is refused with the clause, on our page when the redirect URI is not known', async () => {
    const fakes = authorizationFakes({}, 'fapi2')
    assert.equal(answered(await fakes.begin(usual)).get('error'), 'invalid_request')
    const refused = fakes.ports.events.at(-1)
    assert.ok(refused?.event === 'request_refused' && refused.failure.reason === 'pushed_request_required')
    assert.equal(refused.failure.clause, 'FAPI 2.0 §5.3.2.2 (3)')
    assert.equal(
      told(await fakes.begin({ ...usual, redirect_uri: 'https://evil.example' })),
      'redirect_uri_not_registered',
    )
  })

  const demands: readonly (readonly [
    Parameters<typeof authorizationFakes>[1],
    Readonly<Record<string, string>>,
    string,
  ])[] = [
    ['fapi2', { response_type: 'code id_token' }, 'response_type_unsupported'],
    ['fapi2', { redirect_uri: '' }, 'redirect_uri_missing'],
    ['fapi2', { code_challenge: '', code_challenge_method: '' }, 'code_challenge_missing'],
    ['fapi2-message-signing', {}, 'signed_request_required'],
    ['fapi1-advanced', {}, 'signed_request_required'],
  ]
  for (const [profile, changes, reason] of demands) {
    test(`${profile}: ${reason} for ${JSON.stringify(changes)}`, async () => {
      const fakes = authorizationFakes({}, profile)
      assert.equal((await push(fakes, { ...usual, ...changes })).status, 400)
      assert.equal(reasonOf(fakes.ports), reason)
    })
  }

  const objects: readonly (readonly [Parameters<typeof authorizationFakes>[1], object, string])[] = [
    ['fapi2-message-signing', {}, 'response_mode_unsupported'],
    ['fapi2-message-signing', { response_mode: 'jwt' }, 'pushed'],
    ['fapi2-message-signing', { response_mode: 'jwt', nbf: undefined }, 'request_object_claim_missing'],
    ['fapi1-advanced', {}, 'response_type_unsupported'],
    ['fapi1-advanced', { response_mode: 'jwt' }, 'pushed'],
    ['fapi1-advanced', { response_type: 'code id_token' }, 'pushed'],
    [
      'fapi1-advanced',
      { response_type: 'code id_token', code_challenge: undefined, code_challenge_method: undefined },
      'code_challenge_missing',
    ],
  ]
  for (const [profile, changes, expected] of objects) {
    test(`${profile}: an object with ${JSON.stringify(changes)} is ${expected}`, async () => {
      const fakes = authorizationFakes({}, profile)
      const answer = await push(fakes, { client_id: 'acme', request: fakes.object({ ...usual, ...changes }) })
      assert.equal(answer.status === 201 ? 'pushed' : reasonOf(fakes.ports), expected)
    })
  }
})
