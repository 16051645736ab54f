import assert from 'node:assert/strict'
import { claimsOf } from '../../packages/server/conformance/test-server.ts'
import { claimsOfAda, type OpenidDriver, type OpenidOutcome } from './openid-driver.ts'

/** A module of a plan of OpenID Connect: throws when the server does not do what it demands. */
export type OpenidModule = (openid: OpenidDriver) => Promise<void>

/** `oidcc-basic-certification-test-plan`, and its siblings for forms and for `code id_token`, by the names without the prefix. */
export const basicModules: Readonly<Record<string, OpenidModule>> = {
  server: async (openid) => {
    const { tokens } = await openid.flow(openid.basic)
    assert.equal(tokens['token_type'], 'Bearer')
    assert.equal((await openid.userinfo(tokens['access_token'])).status, 200)
  },
  'response-type-missing': async (openid) => {
    const page = await openid.open(openid.basic, { response_type: undefined })
    // Nobody knows what was meant to come back, so it is told as of a code.
    const answer = page.elsewhere?.searchParams ?? openid.answer(page)
    assert.match(answer.get('error') ?? '', /^(invalid_request|unsupported_response_type)$/)
    assert.equal(answer.has('state'), true)
  },
  'idtoken-signature': async (openid) => {
    const { idTokenText } = await openid.flow(openid.basic)
    const { alg, kid } = headerOf(idTokenText)
    assert.equal(alg, 'RS256')
    assert.equal(typeof kid, 'string')
  },
  'userinfo-get': async (openid) => {
    const { json, headers } = await openid.userinfo((await openid.flow(openid.basic)).tokens['access_token'])
    assert.match(String(headers['content-type']), /^application\/json/)
    assert.equal(json['sub'], 'ada')
  },
  'userinfo-post-header': async (openid) => {
    const { access_token } = (await openid.flow(openid.basic)).tokens
    assert.equal((await openid.userinfo(access_token, 'POST')).json['sub'], 'ada')
  },
  'userinfo-post-body': async (openid) => {
    // OAuth 2.1 and FAPI do without it, and the module only warns.
    const { access_token } = (await openid.flow(openid.basic)).tokens
    const answer = await openid.server.post('/userinfo', { access_token: String(access_token) })
    assert.equal(answer.status, 401)
  },
  'scope-profile': told('profile', [
    'name',
    'given_name',
    'family_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ]),
  'scope-email': told('email', ['email', 'email_verified']),
  'scope-address': told('address', ['address']),
  'scope-phone': told('phone', ['phone_number', 'phone_number_verified']),
  'scope-all': told('email phone address profile', Object.keys(claimsOfAda)),
  'alternate-happy-flow': async (openid) => {
    const reversed = Object.entries(openid.parameters(openid.basic, { scope: 'email openid' })).toReversed()
    const page = await openid.browser.open(`/authorize?${new URLSearchParams(reversed).toString()}`)
    assert.ok(openid.answer(await openid.through(page)).has('code'))
  },
  'display-page': withParameters({ display: 'page' }),
  'display-popup': withParameters({ display: 'popup' }),
  'prompt-login': async (openid) => {
    const first = await openid.flow(openid.basic, { max_age: '10000' })
    openid.advance(2)
    const page = await openid.open(openid.basic, { prompt: 'login', max_age: '10000' })
    assert.match(page.text, /id="password"/)
    const second = await outcomeOf(openid, await openid.through(page))
    assert.ok(Number(second['auth_time']) > Number(first.idToken['auth_time']))
  },
  'prompt-none-not-logged-in': async (openid) => {
    const page = await openid.open(openid.basic, { prompt: 'none' }, openid.freshBrowser())
    assert.equal(errorOf(openid, page), 'login_required')
  },
  'prompt-none-logged-in': (openid) => sameLogin(openid, {}, () => ({ prompt: 'none' })),
  'max-age-1': async (openid) => {
    const first = await openid.flow(openid.basic, { max_age: '10000' })
    openid.advance(3)
    const page = await openid.open(openid.basic, { max_age: '1' })
    assert.match(page.text, /id="password"/)
    const second = await outcomeOf(openid, await openid.through(page))
    assert.ok(Number(second['auth_time']) > Number(first.idToken['auth_time']))
  },
  'max-age-10000': (openid) => sameLogin(openid, { max_age: '15000' }, () => ({ max_age: '10000' }), 'auth_time'),
  'ensure-request-with-unknown-parameter-succeeds': withParameters({ extra: 'foobar' }),
  'id-token-hint': (openid) =>
    sameLogin(openid, {}, ({ idTokenText }) => ({ prompt: 'none', id_token_hint: idTokenText })),
  'login-hint': withParameters({ login_hint: 'ada' }),
  'ui-locales': withParameters({ ui_locales: 'se' }),
  'claims-locales': withParameters({ claims_locales: 'se' }),
  'ensure-request-with-acr-values-succeeds': withParameters({ acr_values: '1 2' }),
  codereuse: async (openid) => {
    const answer = openid.answer(await openid.through(await openid.open(openid.basic)))
    const code = String(answer.get('code'))
    assert.equal((await openid.redeem(openid.basic, code)).status, 200)
    assert.equal((await openid.redeem(openid.basic, code)).json['error'], 'invalid_grant')
  },
  'codereuse-30seconds': async (openid) => {
    const answer = openid.answer(await openid.through(await openid.open(openid.basic)))
    const code = String(answer.get('code'))
    const tokens = await openid.redeem(openid.basic, code)
    openid.advance(30)
    const again = await openid.redeem(openid.basic, code)
    assert.deepEqual([again.status, again.json['error']], [400, 'invalid_grant'])
    assert.equal((await openid.userinfo(tokens.json['access_token'])).status, 401)
  },
  'ensure-registered-redirect-uri': async (openid) => {
    const page = await openid.open(openid.basic, { redirect_uri: `${openid.basic.redirectUri}/more` })
    assert.equal(page.elsewhere, undefined)
    assert.equal(page.status, 400)
  },
  'ensure-post-request-succeeds': async (openid) => {
    const page = await openid.browser.send('/authorize', openid.parameters(openid.basic))
    assert.ok(openid.answer(await openid.through(page)).has('code'))
  },
  'server-client-secret-post': async (openid) => {
    const { tokens } = await openid.flow(openid.post)
    assert.equal((await openid.userinfo(tokens['access_token'])).status, 200)
  },
  'request-uri-unsigned-supported-correctly-or-rejected-as-unsupported': async (openid) => {
    const page = await openid.open(openid.basic, { request_uri: 'https://basic.test/request.jwt' })
    assert.equal(page.elsewhere, undefined)
  },
  'unsigned-request-object-supported-correctly-or-rejected-as-unsupported': async (openid) => {
    const algorithms = (await openid.metadata())['request_object_signing_alg_values_supported']
    assert.ok(Array.isArray(algorithms) && !algorithms.includes('none'))
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const request = `${part({ alg: 'none' })}.${part(openid.parameters(openid.basic))}.`
    const page = await openid.open(openid.basic, { request })
    assert.match(page.text, /id="error-code">invalid_request_object</)
  },
  'claims-essential': async (openid) => {
    const claims = { userinfo: { name: { essential: true } } }
    const { tokens, idToken } = await openid.flow(openid.basic, { claims })
    assert.equal((await openid.userinfo(tokens['access_token'])).json['name'], claimsOfAda.name)
    assert.equal(idToken['name'], undefined)
  },
  'ensure-request-object-with-redirect-uri': async (openid) => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const inside = openid.parameters(openid.basic, { redirect_uri: 'https://attacker.test/' })
    const request = `${part({ alg: 'none' })}.${part(inside)}.`
    const page = await openid.open(openid.basic, { request })
    if (page.elsewhere !== undefined) assert.equal(page.elsewhere.host, 'basic.test')
  },
  'refresh-token': async (openid) => {
    const { basic, post } = openid
    const { tokens, idToken } = await openid.flow(basic, { scope: 'openid offline_access', prompt: 'consent' })
    const form = { grant_type: 'refresh_token', refresh_token: String(tokens['refresh_token']) }
    assert.equal((await openid.token(post, form)).json['error'], 'invalid_grant')
    const refreshed = await openid.token(basic, form)
    assert.equal(refreshed.status, 200, refreshed.text)
    assert.equal((await openid.userinfo(refreshed.json['access_token'])).status, 200)
    const again = claimsOf(refreshed.json['id_token'])
    for (const claim of ['iss', 'sub', 'aud', 'auth_time']) assert.deepEqual(again[claim], idToken[claim], claim)
  },
  'ensure-request-with-valid-pkce-succeeds': async (openid) => {
    const { basic } = openid
    const changes = {
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    }
    const answer = openid.answer(await openid.through(await openid.open(basic, changes)))
    const tokens = await openid.token(basic, {
      grant_type: 'authorization_code',
      code: String(answer.get('code')),
      redirect_uri: basic.redirectUri,
      code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    })
    assert.equal(tokens.status, 200, tokens.text)
  },
}

/** Of a code alone; the client is registered as one that knows no PKCE. */
export const codeModules: Readonly<Record<string, OpenidModule>> = {
  'ensure-request-without-nonce-succeeds-for-code-flow': async (openid) => {
    const { idToken } = await openid.flow(openid.basic, { nonce: undefined })
    assert.equal('nonce' in idToken, false)
  },
}

/** Where the ID token comes through the browser, its `nonce` is needed. */
export const hybridModules: Readonly<Record<string, OpenidModule>> = {
  'ensure-request-without-nonce-fails': async (openid) => {
    assert.equal(errorOf(openid, await openid.open(openid.basic, { nonce: undefined })), 'invalid_request')
  },
}

/** The error that a client is told; with an answer that has no code. */
export function errorOf(openid: OpenidDriver, page: Parameters<OpenidDriver['answer']>[0]): string {
  const answer = openid.answer(page)
  assert.equal(answer.has('code') || answer.has('id_token'), false)
  const known = ['error', 'error_description', 'state', 'iss']
  for (const name of answer.keys()) assert.ok(known.includes(name), name)
  assert.match(answer.get('error_description') ?? '', /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/)
  return answer.get('error') ?? 'none'
}

function withParameters(parameters: Readonly<Record<string, string>>): OpenidModule {
  return async (openid) => {
    await openid.flow(openid.basic, parameters)
  }
}

/** The claims of a scope are told by the userinfo endpoint, and no others. */
function told(scope: string, claims: readonly string[]): OpenidModule {
  return async (openid) => {
    const { tokens } = await openid.flow(openid.basic, { scope: `openid ${scope}` })
    const { sub: _sub, ...rest } = (await openid.userinfo(tokens['access_token'])).json
    assert.deepEqual(Object.keys(rest).toSorted(), claims.toSorted())
    for (const [name, value] of Object.entries(rest)) {
      assert.deepEqual(value, claimsOfAda[name as keyof typeof claimsOfAda], name)
    }
  }
}

async function sameLogin(
  openid: OpenidDriver,
  first: Readonly<Record<string, string>>,
  second: (outcome: OpenidOutcome) => Readonly<Record<string, string>>,
  needed?: string,
): Promise<void> {
  const before = await openid.flow(openid.basic, first)
  openid.advance(1)
  const page = await openid.open(openid.basic, second(before))
  const after = await outcomeOf(openid, page)
  for (const claim of ['sub', 'auth_time']) assert.deepEqual(after[claim], before.idToken[claim], claim)
  if (needed !== undefined) assert.equal(typeof after[needed], 'number')
}

async function outcomeOf(
  openid: OpenidDriver,
  page: Parameters<OpenidDriver['answer']>[0],
): Promise<Readonly<Record<string, unknown>>> {
  const tokens = await openid.redeem(openid.basic, String(openid.answer(page).get('code')))
  assert.equal(tokens.status, 200, tokens.text)
  return claimsOf(tokens.json['id_token'])
}

function headerOf(jwt: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()) as Readonly<Record<string, unknown>>
}
