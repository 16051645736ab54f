import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  answered,
  authorizationFakes,
  type AuthorizationFakes,
  challenge,
  pageOf,
  redirectUri,
  session,
  told,
  usual,
} from './authorization-fake-ports.test.ts'
import { claimsOf, reasonOf, signedJwt } from './fake-ports.test.ts'

const consented = { kind: 'consented', scope: ['openid', 'orders:read'] } as const
const back = { kind: 'logged_in' } as const

async function codeRecord(
  fakes: AuthorizationFakes,
  parameters: URLSearchParams,
): ReturnType<AuthorizationFakes['stores']['authorizationCodes']['find']> {
  const code = parameters.get('code')
  assert.ok(code !== null, parameters.toString())
  return fakes.stores.authorizationCodes.find(fakes.ports.opaqueTokens.digest(code))
}

/** Login, consent, answer. */
async function through(
  fakes: AuthorizationFakes,
  parameters: Readonly<Record<string, string>>,
): Promise<URLSearchParams> {
  const login = pageOf(await fakes.begin(parameters), 'login')
  const alice = session(fakes, 0)
  const consent = pageOf(await fakes.endpoint.resume(login, alice, back, 'r2'), 'consent')
  return answered(await fakes.endpoint.resume(consent, alice, consented, 'r3'))
}

describe('the way of an authorization', () => {
  test('RFC6749-A4 RFC7636-M3 RFC9207-M1 login, consent, then a code with state and iss that stands for exactly this', async () => {
    const fakes = authorizationFakes()
    const parameters = await through(fakes, usual)
    assert.deepEqual([...parameters.keys()], ['code', 'state', 'iss'])
    assert.equal(parameters.get('state'), 's1')
    assert.equal(parameters.get('iss'), 'https://login.example')
    const record = await codeRecord(fakes, parameters)
    assert.ok(record)
    const now = fakes.ports.clock.now()
    assert.deepEqual(record, {
      clientId: 'acme',
      authorizationId: record.authorizationId,
      redirectUri,
      codeChallenge: challenge,
      nonce: 'n1',
      issuedAt: now,
      expiresAt: now + 60,
    })
    const authorization = await fakes.stores.authorizations.find(record.authorizationId)
    assert.equal(authorization?.subject, 'alice')
    assert.equal(authorization.sessionId, 'session of alice')
    assert.deepEqual(authorization.scope, ['openid', 'orders:read'])
    assert.deepEqual(authorization.audience, ['https://api.example'])
    assert.equal(fakes.ports.events.at(-1)?.event, 'authorization_granted')
  })

  test('OPENID-CORE-M4 state and nonce are optional, and none is invented', async () => {
    const fakes = authorizationFakes()
    const { state: _state, nonce: _nonce, ...without } = usual
    const parameters = await through(fakes, without)
    assert.deepEqual([...parameters.keys()], ['code', 'iss'])
    assert.equal((await codeRecord(fakes, parameters))?.nonce, undefined)
  })

  test('OPENID-CORE-M4 state and nonce of 384 characters come through unchanged, of 3,000 they are refused', async () => {
    const fakes = authorizationFakes()
    const long = 'ä✓-_.~'.repeat(64)
    const parameters = await through(fakes, { ...usual, state: long, nonce: long })
    assert.equal(parameters.get('state'), long)
    assert.equal((await codeRecord(fakes, parameters))?.nonce, long)
    assert.equal(told(await fakes.begin({ ...usual, state: 'x'.repeat(3_000) })), 'parameter_malformed')
    const nonce = answered(await fakes.begin({ ...usual, nonce: 'x'.repeat(3_000) }))
    assert.equal(nonce.get('error'), 'invalid_request')
  })

  test('who cancels gives access_denied to the client, and nothing can be done with the page afterwards', async () => {
    const fakes = authorizationFakes()
    const page = pageOf(await fakes.begin(usual, session(fakes)), 'consent')
    const parameters = answered(await fakes.endpoint.resume(page, session(fakes), { kind: 'cancelled' }, 'r2'))
    assert.equal(parameters.get('error'), 'access_denied')
    assert.equal(parameters.get('state'), 's1')
    assert.equal(parameters.get('iss'), 'https://login.example')
    assert.equal(told(await fakes.endpoint.resume(page, session(fakes), consented, 'r3')), 'interaction_unknown')
  })

  test('of many windows with one page exactly one gets a code', async () => {
    const fakes = authorizationFakes()
    const alice = session(fakes)
    const page = pageOf(await fakes.begin(usual, alice), 'consent')
    const steps = await Promise.all(
      Array.from({ length: 20 }, () => fakes.endpoint.resume(page, alice, consented, 'r')),
    )
    assert.equal(steps.filter(({ kind }) => kind === 'redirect').length, 1)
    assert.equal(steps.filter((step) => told(step) === 'interaction_finished').length, 19)
  })

  test('a page can be opened again before anything is decided', async () => {
    const fakes = authorizationFakes()
    const alice = session(fakes)
    const page = pageOf(await fakes.begin(usual, alice), 'consent')
    for (let time = 0; time < 3; time++) {
      assert.equal(pageOf(await fakes.endpoint.resume(page, alice, back, 'r'), 'consent'), page)
    }
    answered(await fakes.endpoint.resume(page, alice, consented, 'r'))
  })

  test('a page is good for half an hour', async () => {
    const fakes = authorizationFakes()
    const page = pageOf(await fakes.begin(usual, session(fakes)), 'consent')
    fakes.ports.clock.advance(1_800)
    assert.equal(told(await fakes.endpoint.resume(page, session(fakes), consented, 'r')), 'interaction_unknown')
  })

  test('somebody else’s consent does not count: they are asked themselves', async () => {
    const fakes = authorizationFakes()
    const page = pageOf(await fakes.begin(usual, session(fakes)), 'consent')
    const step = await fakes.endpoint.resume(page, session(fakes, 5, 'bob'), consented, 'r')
    assert.ok(step.kind === 'consent')
    assert.equal(step.subject, 'bob')
    assert.equal((await fakes.endpoint.resume(page, undefined, consented, 'r')).kind, 'login')
  })

  test('consent before the page was shown, or without login, leads to the page', async () => {
    const fakes = authorizationFakes()
    const page = pageOf(await fakes.begin(usual), 'login')
    assert.equal((await fakes.endpoint.resume(page, session(fakes), consented, 'r')).kind, 'consent')
  })

  test('what the person leaves out of the scope is left out, and nothing can be added', async () => {
    const fakes = authorizationFakes()
    const page = pageOf(
      await fakes.begin({ ...usual, scope: 'openid orders:read orders:write' }, session(fakes)),
      'consent',
    )
    const left = { kind: 'consented', scope: ['orders:write', 'admin'] } as const
    const record = await codeRecord(fakes, answered(await fakes.endpoint.resume(page, session(fakes), left, 'r')))
    assert.deepEqual((await fakes.stores.authorizations.find(record!.authorizationId))?.scope, [
      'openid',
      'orders:write',
    ])
  })

  test('what was allowed before needs no page; prompt=consent shows it again', async () => {
    const fakes = authorizationFakes()
    await through(fakes, usual)
    assert.ok(answered(await fakes.begin({ ...usual, scope: 'orders:read openid' }, session(fakes))).has('code'))
    assert.equal((await fakes.begin({ ...usual, prompt: 'consent' }, session(fakes))).kind, 'consent')
    assert.equal((await fakes.begin({ ...usual, scope: 'openid orders:write' }, session(fakes))).kind, 'consent')
  })

  test('OPENID-CORE-M1 prompt=none never shows a page', async () => {
    const fakes = authorizationFakes()
    const silent = { ...usual, prompt: 'none' }
    assert.equal(answered(await fakes.begin(silent)).get('error'), 'login_required')
    assert.equal(answered(await fakes.begin(silent, session(fakes))).get('error'), 'consent_required')
    await through(fakes, usual)
    assert.ok(answered(await fakes.begin(silent, session(fakes))).has('code'))
    assert.equal(
      answered(await fakes.begin({ ...silent, max_age: '10' }, session(fakes))).get('error'),
      'login_required',
    )
  })

  test('OPENID-CORE-M1 prompt=login needs a login of now, whatever the page says', async () => {
    const fakes = authorizationFakes()
    const step = await fakes.begin({ ...usual, prompt: 'login', login_hint: 'alice@example.com' }, session(fakes))
    assert.ok(step.kind === 'login' && step.forced)
    assert.equal(step.loginHint, 'alice@example.com')
    assert.equal((await fakes.endpoint.resume(step.interaction, session(fakes, 60), back, 'r')).kind, 'login')
    assert.equal((await fakes.endpoint.resume(step.interaction, session(fakes, 0), back, 'r')).kind, 'consent')
  })

  test('OPENID-CORE-M1 prompt=login is not met by the login that was there, even of the same second', async () => {
    const fakes = authorizationFakes()
    const young = session(fakes, 0)
    for (const parameters of [
      { ...usual, prompt: 'login' },
      { ...usual, max_age: '0' },
    ]) {
      const page = pageOf(await fakes.begin(parameters, young), 'login')
      assert.equal((await fakes.endpoint.resume(page, young, back, 'r')).kind, 'login')
      const again = { ...young, digest: 'of another session' }
      assert.equal((await fakes.endpoint.resume(page, again, back, 'r')).kind, 'consent')
    }
  })

  test('OPENID-CORE-M3 an ID token as hint says who is meant', async () => {
    const fakes = authorizationFakes()
    const hint = (sub: string, key = fakes.ports.tokenKey): string =>
      signedJwt({ alg: 'ES256', typ: 'JWT', kid: 'k1' }, { iss: 'https://login.example', sub, exp: 1 }, key)
    assert.equal((await fakes.begin({ ...usual, id_token_hint: hint('alice') }, session(fakes))).kind, 'consent')
    const other = { ...usual, id_token_hint: hint('bob'), prompt: 'none' }
    assert.equal(answered(await fakes.begin(other, session(fakes))).get('error'), 'login_required')
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    for (const forged of [hint('alice', privateKey), 'nonsense', `${hint('alice')}x`]) {
      const parameters = answered(await fakes.begin({ ...usual, id_token_hint: forged }, session(fakes)))
      assert.equal(parameters.get('error'), 'invalid_request')
    }
  })

  test('OPENID-CORE-M8 an essential acr that the login does not reach ends with the error for it', async () => {
    const fakes = authorizationFakes()
    const claims = JSON.stringify({ id_token: { acr: { essential: true, values: ['gold'] } } })
    const step = await fakes.begin({ ...usual, claims }, session(fakes))
    assert.ok(step.kind === 'login' && step.forced)
    assert.deepEqual(step.essentialAcr, ['gold'])
    const unmet = answered(await fakes.endpoint.resume(step.interaction, session(fakes, 0), back, 'r'))
    assert.equal(unmet.get('error'), 'unmet_authentication_requirements')
  })

  test('RFC9396-M4 RFC9396-M5 authorization details are shown, and kept as they were granted', async () => {
    const fakes = authorizationFakes({ authorization_details_types: ['payment'] })
    const details = [{ type: 'payment', amount: '1.00' }]
    const step = await fakes.begin({ ...usual, authorization_details: JSON.stringify(details) }, session(fakes))
    assert.ok(step.kind === 'consent')
    assert.deepEqual(step.authorizationDetails, details)
    const record = await codeRecord(
      fakes,
      answered(await fakes.endpoint.resume(step.interaction, session(fakes), consented, 'r')),
    )
    assert.deepEqual((await fakes.stores.authorizations.find(record!.authorizationId))?.authorizationDetails, details)
    const unknown = { ...usual, authorization_details: '[{"type":"unknown"}]' }
    assert.equal(answered(await fakes.begin(unknown)).get('error'), 'invalid_authorization_details')
  })

  test('RFC8707-M1 RFC8707-M2 RFC8707-M3 the resource becomes the audience, one that is not registered is refused', async () => {
    const fakes = authorizationFakes({ resource: ['https://one.example', 'https://two.example'] })
    const record = await codeRecord(fakes, await through(fakes, { ...usual, resource: 'https://two.example' }))
    assert.deepEqual((await fakes.stores.authorizations.find(record!.authorizationId))?.audience, [
      'https://two.example',
    ])
    for (const resource of ['https://three.example', 'two', 'https://two.example#x']) {
      assert.equal(answered(await fakes.begin({ ...usual, resource })).get('error'), 'invalid_target', resource)
    }
  })
})

describe('answers in other ways', () => {
  test('code id_token: in the fragment, with c_hash and s_hash over exactly what stands beside them', async () => {
    const fakes = authorizationFakes()
    const parameters = await through(fakes, { ...usual, response_type: 'code id_token' })
    assert.deepEqual([...parameters.keys()], ['code', 'id_token', 'state', 'iss'])
    const claims = claimsOf(parameters.get('id_token')!)
    const half = (text: string): string =>
      createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
    assert.equal(claims['c_hash'], half(parameters.get('code')!))
    assert.equal(claims['s_hash'], half('s1'))
    assert.equal(claims['nonce'], 'n1')
    assert.equal(claims['aud'], 'acme')
    assert.equal(claims['sub'], 'alice')
    assert.equal(claims['sid'], 'session of alice')
    assert.equal('at_hash' in claims, false)
  })

  test('OPENID-CORE-M6 code id_token needs openid and a nonce, and never stands in a query', async () => {
    const fakes = authorizationFakes()
    const hybrid = { ...usual, response_type: 'code id_token' }
    const errorOf = async (changes: Record<string, string>): Promise<string | null> =>
      answered(await fakes.begin({ ...hybrid, ...changes })).get('error')
    assert.equal(await errorOf({ scope: 'orders:read' }), 'invalid_request')
    assert.equal(await errorOf({ nonce: '' }), 'invalid_request')
    assert.equal(await errorOf({ scope: '' }), 'invalid_request')
    const step = await fakes.begin({ ...hybrid, response_mode: 'query' })
    assert.ok(step.kind === 'redirect')
    assert.match(step.location, /#error=invalid_request&/)
  })

  test('RFC9207-M4 response_mode=jwt: one signed JWT with everything inside, errors too', async () => {
    const fakes = authorizationFakes()
    const parameters = await through(fakes, { ...usual, response_mode: 'jwt' })
    assert.deepEqual([...parameters.keys()], ['response'])
    const claims = claimsOf(parameters.get('response')!)
    assert.equal(claims['iss'], 'https://login.example')
    assert.equal(claims['aud'], 'acme')
    assert.equal(claims['state'], 's1')
    assert.equal(typeof claims['code'], 'string')
    const refused = answered(await fakes.begin({ ...usual, response_mode: 'jwt', prompt: 'none' }))
    assert.equal(claimsOf(refused.get('response')!)['error'], 'login_required')
  })

  test('response_mode=form_post: fields for a form of the browser', async () => {
    const fakes = authorizationFakes()
    const step = await fakes.begin({ ...usual, response_mode: 'form_post', prompt: 'none' })
    assert.ok(step.kind === 'form_post')
    assert.equal(step.action, redirectUri)
    assert.equal(step.fields['error'], 'login_required')
    assert.equal(step.fields['state'], 's1')
    assert.equal(step.fields['iss'], 'https://login.example')
  })

  test('OPENID-CORE-M9 pairwise subjects: each sector knows the person by another identifier', async () => {
    const fakes = authorizationFakes({ subject_type: 'pairwise' })
    const { id_token: idToken } = Object.fromEntries(await through(fakes, { ...usual, response_type: 'code id_token' }))
    const { sub } = claimsOf(idToken!)
    assert.notEqual(sub, 'alice')
    const claims = JSON.stringify({ id_token: { sub: { value: sub } } })
    assert.equal((await fakes.begin({ ...usual, claims, prompt: 'consent' }, session(fakes))).kind, 'consent')
  })
})

describe('what may never leave our own page', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ['no client_id', { client_id: '' }, 'parameter_missing'],
    ['an unknown client', { client_id: 'nobody' }, 'client_unknown'],
    ['an unregistered redirect_uri', { redirect_uri: 'https://evil.example' }, 'redirect_uri_not_registered'],
    [
      'an unregistered redirect_uri with a bad response_type',
      { redirect_uri: 'https://evil.example', response_type: 'nonsense' },
      'redirect_uri_not_registered',
    ],
    [
      'an unregistered redirect_uri with prompt=none',
      { redirect_uri: 'https://evil.example', prompt: 'none' },
      'redirect_uri_not_registered',
    ],
    [
      'an unknown request_uri with a redirect_uri',
      { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
      'request_uri_unknown',
    ],
    ['an unregistered request_uri', { request_uri: 'https://evil.example/r' }, 'request_uri_not_registered'],
    ['a request that is no JWT', { request: 'x.y' }, 'request_object_malformed'],
    [
      'RFC9101-M3 both request and request_uri',
      { request: 'x', request_uri: 'urn:ietf:params:oauth:request_uri:x' },
      'request_presented_twice',
    ],
  ]
  for (const [name, changes, reason] of cases) {
    test(`RFC6749-A5 RFC9700-R3 ${name}: ${reason} (CVE-2026-41008, CVE-2026-41479)`, async () => {
      const fakes = authorizationFakes()
      assert.equal(told(await fakes.begin({ ...usual, ...changes })), reason)
      assert.equal(reasonOf(fakes.ports), reason)
    })
  }

  test('RFC6749-A5 a disabled client, and one that never registered for authorizations', async () => {
    assert.equal(told(await authorizationFakes({ disabled: true }).begin(usual)), 'client_disabled')
    const machine = authorizationFakes({ grant_types: ['client_credentials'] })
    assert.equal(told(await machine.begin(usual)), 'authorization_not_registered')
  })

  test('a form that cannot be read', async () => {
    const { endpoint } = authorizationFakes()
    const failure = { reason: 'parameter_repeated', parameter: 'redirect_uri' } as const
    const step = await endpoint.begin({ parameters: { ok: false, failure }, session: undefined, correlationId: 'r' })
    assert.equal(told(step), 'parameter_repeated')
  })
})

describe('what is told to the client', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ['RFC6749-A3 an unsupported response_type', { response_type: 'token' }, 'unsupported_response_type'],
    ['RFC6749-A3 no response_type', { response_type: '' }, 'invalid_request'],
    ['RFC6749-A6 a scope that is not registered', { scope: 'openid admin' }, 'invalid_scope'],
    [
      'RFC7636-M4 no code_challenge where it is needed',
      { code_challenge: '', code_challenge_method: '', nonce: '' },
      'invalid_request',
    ],
    ['RFC7636-M2 the method plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['prompt=none login', { prompt: 'none login' }, 'invalid_request'],
    ['registration by parameter', { registration: '{}' }, 'registration_not_supported'],
    ['a max_age that is no number', { max_age: '-1' }, 'invalid_request'],
    ['claims that are no JSON', { claims: 'x' }, 'invalid_request'],
  ]
  for (const [name, changes, error] of cases) {
    test(`RFC9207-M2 ${name}: ${error}, with state and iss`, async () => {
      const step = await authorizationFakes().begin({ ...usual, ...changes })
      const parameters = answered(step)
      assert.equal(parameters.get('error'), error)
      assert.equal(parameters.get('state'), 's1')
      assert.equal(parameters.get('iss'), 'https://login.example')
      assert.match(parameters.get('error_description') ?? '', /\(reference r1\)$/)
    })
  }

  test('an outage is told as such, and nothing is issued', async () => {
    const fakes = authorizationFakes({ consent: 'never' })
    fakes.stores.authorizations.breakDown()
    const parameters = answered(await fakes.begin(usual, session(fakes)))
    assert.equal(parameters.get('error'), 'temporarily_unavailable')
    assert.equal(parameters.has('code'), false)
  })
})

describe('request objects', () => {
  const inside = { ...usual, scope: 'openid orders:write' }

  test('RFC9101-M1 only what is inside counts', async () => {
    const fakes = authorizationFakes()
    const outside = { client_id: 'acme', scope: 'openid', state: 'outside', redirect_uri: 'https://evil.example' }
    const step = await fakes.begin({ ...outside, request: fakes.object(inside) }, session(fakes))
    assert.ok(step.kind === 'consent')
    assert.deepEqual(step.scope, ['openid', 'orders:write'])
    const { state: _state, ...withoutState } = inside
    const silent = await fakes.begin({ ...outside, request: fakes.object({ ...withoutState, prompt: 'none' }) })
    assert.equal(answered(silent).has('state'), false)
  })

  test('RFC9101-M10 by a request_uri that the client registered, fetched by us', async () => {
    const uri = 'https://app.example/request.jwt'
    const fakes = authorizationFakes({ request_uris: [uri] })
    assert.equal(told(await fakes.begin({ client_id: 'acme', request_uri: uri })), 'request_uri_not_fetched')
    fakes.published.set(uri, `${fakes.object(inside)}\n`)
    assert.equal((await fakes.begin({ client_id: 'acme', request_uri: uri }, session(fakes))).kind, 'consent')
    const near = { client_id: 'acme', request_uri: `${uri}?` }
    assert.equal(told(await fakes.begin(near)), 'request_uri_not_registered')
  })

  test('RFC9101-M4 signed by another key, by nobody, or not at all where that is needed', async () => {
    const fakes = authorizationFakes()
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const forged = fakes.object(inside, {}, privateKey)
    assert.equal(told(await fakes.begin({ client_id: 'acme', request: forged })), 'request_object_signature_invalid')
    const unknown = fakes.object(inside, { kid: 'a2' })
    assert.equal(told(await fakes.begin({ client_id: 'acme', request: unknown })), 'request_object_key_unknown')
    const unsigned = fakes.object(inside, { alg: 'none' }).replace(/[^.]*$/, '')
    assert.equal(
      told(await fakes.begin({ client_id: 'acme', request: unsigned })),
      'request_object_algorithm_not_allowed',
    )
    const header = { jwk: privateKey.export({ format: 'jwk' }), kid: 'a1' }
    assert.equal(
      told(await fakes.begin({ client_id: 'acme', request: fakes.object(inside, header, privateKey) })),
      'request_object_signature_invalid',
    )
  })

  test('RFC9101-M9 a client that registered for signed requests sends no others', async () => {
    const fakes = authorizationFakes({ require_signed_request_object: true })
    assert.equal(answered(await fakes.begin(usual)).get('error'), 'invalid_request')
    assert.equal(reasonOf(fakes.ports), 'signed_request_required')
    assert.equal((await fakes.begin({ client_id: 'acme', request: fakes.object(inside) })).kind, 'login')
  })

  test('RFC9101-M2 another client’s object is refused', async () => {
    const fakes = authorizationFakes()
    const step = await fakes.begin({ client_id: 'other', request: fakes.object(inside) })
    assert.equal(told(step), 'request_object_client_mismatch')
  })
})
