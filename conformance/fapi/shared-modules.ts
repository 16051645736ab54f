import assert from 'node:assert/strict'
import { claimsOf } from '../../packages/server/conformance/test-server.ts'
import { jwkThumbprint } from './fapi-client.ts'
import { requestUriOf } from './fapi-driver.ts'
import type { FapiDriver } from './fapi-driver.ts'
import { checkTls } from './tls-checks.ts'

/** A module of a test plan: throws when the server does not do what it demands. */
export type FapiModule = (fapi: FapiDriver) => Promise<void>

/** What FAPI 1.0 Advanced and FAPI 2.0 test alike, by the part of the name that they share. */
export const sharedModules: Readonly<Record<string, FapiModule>> = {
  'happy flow': async (fapi) => {
    const { first, second } = fapi
    for (const [client, other] of [
      [first, second],
      [second, first],
    ] as const) {
      const dpop_jkt =
        client === second && fapi.variant.senderConstrain === 'dpop' ? jwkThumbprint(second.dpopKey) : undefined
      const parameters = { state: `state-${client.id}`, nonce: `nonce-${client.id}`, dpop_jkt }
      const { answer, tokens } = await fapi.flow(client, parameters)
      assert.equal(answer.get('state'), parameters.state)
      assert.equal(answer.get('iss'), 'https://as.test')
      const idToken = claimsOf(tokens['id_token'])
      assert.equal(idToken['nonce'], parameters.nonce)
      assert.equal(idToken['aud'], client.id)
      assert.equal(tokens['token_type'], fapi.tokenType)
      assert.deepEqual(claimsOf(tokens['access_token'])['cnf'], fapi.confirmation(client))
      assert.equal((await fapi.userinfo(tokens['access_token'], client)).json['sub'], 'ada')
      assert.equal((await fapi.userinfo(tokens['access_token'])).status, 401, 'by the token alone')
      assert.equal((await fapi.userinfo(tokens['access_token'], other)).status, 401, 'by another client')
    }
  },

  'user-rejects-authentication': async (fapi) => {
    const browser = fapi.freshBrowser()
    const state = 'rejected'
    const login = await fapi.begin(fapi.first, { state }, { browser })
    const cancelled = await fapi.answer(await browser.press(login, 'cancel'))
    assert.equal(cancelled.get('error'), 'access_denied')
    assert.equal(cancelled.get('state'), state)
    const consent = await fapi.begin(fapi.first, { state, prompt: 'consent' })
    const asked = consent.text.includes('id="deny"') ? consent : await pastLogin(fapi, consent)
    assert.equal((await fapi.answer(await fapi.browser.press(asked, 'deny'))).get('error'), 'access_denied')
  },

  'ensure-authorization-request-without-state-success': async (fapi) => {
    const { answer } = await fapi.flow(fapi.first, { state: undefined })
    assert.equal(answer.has('state'), false)
  },

  'ensure-other-scope-order-succeeds': async (fapi) => {
    const { tokens } = await fapi.flow(fapi.first, { scope: 'orders:read openid' })
    assert.equal(typeof tokens['id_token'], 'string')
  },

  'access-token-type-header-case-sensitivity': async (fapi) => {
    const { tokens } = await fapi.flow(fapi.first)
    const [first = '', ...others] = fapi.tokenType
    for (const scheme of [
      fapi.tokenType,
      fapi.tokenType.toLowerCase(),
      fapi.tokenType.toUpperCase(),
      `${first.toLowerCase()}${others.join('').toUpperCase()}`,
    ]) {
      assert.equal((await fapi.userinfo(tokens['access_token'], fapi.first, { scheme })).status, 200, scheme)
    }
  },

  'long nonce': async (fapi) => {
    const nonce = 'n'.repeat(384)
    assert.equal(claimsOf((await fapi.flow(fapi.first, { nonce })).tokens['id_token'])['nonce'], nonce)
  },

  '64-char-nonce-success': async (fapi) => {
    const nonce = 'n'.repeat(64)
    assert.equal(claimsOf((await fapi.flow(fapi.first, { nonce })).tokens['id_token'])['nonce'], nonce)
  },

  'long state': async (fapi) => {
    const state = 's'.repeat(384)
    assert.equal((await fapi.flow(fapi.first, { state })).answer.get('state'), state)
  },

  'ensure-different-nonce-inside-and-outside-request-object': async (fapi) => {
    const options = { outside: { nonce: 'outside' } }
    const page = await fapi.through(await fapi.begin(fapi.first, { nonce: 'inside' }, options))
    const tokens = await fapi.redeem(fapi.first, codeOf(await fapi.answer(page)))
    assert.equal(claimsOf(tokens.json['id_token'])['nonce'], 'inside')
  },

  'ensure-different-state-inside-and-outside-request-object': async (fapi) => {
    const page = await fapi.begin(fapi.first, { state: 'inside' }, { outside: { state: 'outside' } })
    assert.equal((await fapi.answer(await fapi.through(page))).get('state'), 'inside')
  },

  'state-only-outside-request-object-not-used': async (fapi) => {
    const page = await fapi.begin(fapi.first, { state: undefined }, { outside: { state: 'outside' } })
    assert.equal((await fapi.answer(await fapi.through(page))).has('state'), false)
  },

  'ensure-request-object-without-redirect-uri-fails': async (fapi) => {
    const error = await fapi.refusal(fapi.first, { redirect_uri: undefined })
    assert.ok(['invalid_request', 'invalid_request_object'].includes(error), error)
  },

  'ensure-client-id-in-token-endpoint': async (fapi) => {
    const refused = await fapi.redeem(fapi.second, await fapi.code(fapi.first), {}, { as: fapi.first })
    assert.equal(refused.json['error'], 'invalid_client')
  },

  'ensure-holder-of-key-required': async (fapi) => {
    const refused = await fapi.redeem(fapi.first, await fapi.code(fapi.first), {}, { possession: 'none' })
    assert.ok(withoutPossession(fapi).includes(String(refused.json['error'])), refused.text)
    await checkTls(fapi)
  },

  'ensure-authorization-code-is-bound-to-client': async (fapi) => {
    const code = await fapi.code(fapi.first)
    const refused = await fapi.redeem(fapi.second, code, { redirect_uri: fapi.first.redirectUri })
    assert.equal(refused.status, 400)
    assert.equal(refused.json['error'], 'invalid_grant')
  },

  'attempt-reuse-authorization-code-after-one-second': async (fapi) => {
    const code = await fapi.code(fapi.first)
    const tokens = await fapi.redeem(fapi.first, code)
    assert.equal(tokens.status, 200)
    fapi.advance(1)
    const again = await fapi.redeem(fapi.first, code)
    assert.equal(again.status, 400)
    assert.equal(again.json['error'], 'invalid_grant')
    const { status } = await fapi.userinfo(tokens.json['access_token'], fapi.first)
    assert.equal(status, 401, 'what came of the code is revoked')
  },

  'refresh-token': async (fapi) => {
    const { first, second } = fapi
    const { tokens } = await fapi.flow(first)
    const form = { grant_type: 'refresh_token', refresh_token: String(tokens['refresh_token']) }
    assert.equal((await fapi.token(second, form)).json['error'], 'invalid_grant', 'of another client')
    assert.equal((await fapi.token(first, form, { as: second })).json['error'], 'invalid_client')
    assert.equal((await fapi.token(first, form, { authentication: 'none' })).json['error'], 'invalid_client')
    const alone = await fapi.token(first, form, { possession: 'none' })
    assert.ok(withoutPossession(fapi).includes(String(alone.json['error'])), alone.text)
    const refreshed = await fapi.token(first, form)
    assert.equal(refreshed.status, 200, refreshed.text)
    assert.deepEqual(claimsOf(refreshed.json['access_token'])['cnf'], fapi.confirmation(first))
    assert.notEqual(refreshed.json['access_token'], tokens['access_token'])
    assert.equal((await fapi.userinfo(refreshed.json['access_token'], first)).status, 200)
  },

  'par-ensure-reused-request-uri-prior-to-auth-completion-succeeds': async (fapi) => {
    const browser = fapi.freshBrowser()
    const uri = requestUriOf(await fapi.pushed(fapi.first))
    const parameters = { client_id: fapi.first.id, request_uri: uri }
    const opened = await fapi.open(parameters, browser)
    assert.match(opened.text, /id="password"/)
    const again = await fapi.open(parameters, browser)
    codeOf(await fapi.answer(await fapi.through(again, browser)))
  },

  'par-attempt-reuse-request_uri': async (fapi) => {
    const parameters = { client_id: fapi.first.id, request_uri: requestUriOf(await fapi.pushed(fapi.first)) }
    codeOf(await fapi.answer(await fapi.through(await fapi.open(parameters))))
    assert.equal(await fapi.errorOf(await fapi.open(parameters)), 'invalid_request_uri')
  },

  'par-attempt-to-use-expired-request_uri': async (fapi) => {
    const pushed = await fapi.pushed(fapi.first)
    const lifetime = Number(pushed.json['expires_in'])
    assert.ok(lifetime >= 5 && lifetime < 600, String(lifetime))
    const parameters = { client_id: fapi.first.id, request_uri: requestUriOf(pushed) }
    fapi.advance(lifetime + 1)
    assert.equal(await fapi.errorOf(await fapi.open(parameters)), 'invalid_request_uri')
  },

  'par-attempt-to-use-request_uri-for-different-client': async (fapi) => {
    const uri = requestUriOf(await fapi.pushed(fapi.first))
    const page = await fapi.open({ client_id: fapi.second.id, request_uri: uri })
    assert.equal(await fapi.errorOf(page), 'invalid_request_uri')
  },

  'par-authorization-request-containing-request_uri-form-param': async (fapi) => {
    const uri = requestUriOf(await fapi.pushed(fapi.first))
    const answer = await fapi.push(fapi.first, { ...fapi.parameters(fapi.first), request_uri: uri })
    assert.equal(answer.status, 400)
    assert.equal(answer.json['error'], 'invalid_request')
  },

  'par-attempt-invalid-http-method': async (fapi) => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const { certificate } = fapi.first
      const answer = await fapi.server.send({ method, path: '/par', host: 'mtls.as.test', certificate })
      assert.equal(answer.status, 405, method)
    }
  },

  'par-ensure-pkce-required': async (fapi) => {
    const without = { code_challenge: undefined, code_challenge_method: undefined }
    assert.equal(await fapi.refusal(fapi.first, without), 'invalid_request')
  },

  'par-plain-pkce-rejected': async (fapi) => {
    const plain = { code_challenge: 'v'.repeat(43), code_challenge_method: 'plain' }
    assert.equal(await fapi.refusal(fapi.first, plain), 'invalid_request')
    assert.equal(await fapi.refusal(fapi.first, { code_challenge_method: undefined }), 'invalid_request')
  },

  'ensure-pkce-code-verifier-required': async (fapi) => {
    const code = await fapi.code(fapi.first)
    const refused = await fapi.redeem(fapi.first, code, { code_verifier: undefined })
    assert.equal(refused.status, 400)
    assert.ok(['invalid_grant', 'invalid_request'].includes(String(refused.json['error'])), refused.text)
  },

  'incorrect-pkce-code-verifier-rejected': async (fapi) => {
    const code = await fapi.code(fapi.first)
    const refused = await fapi.redeem(fapi.first, code, { code_verifier: 'w'.repeat(43) })
    assert.equal(refused.status, 400)
    assert.equal(refused.json['error'], 'invalid_grant')
  },

  'par-without-duplicate-parameters': async (fapi) => {
    const page = await fapi.begin(fapi.first)
    codeOf(await fapi.answer(await fapi.through(page)))
  },
}

/** What may be told to a client that does not show what its tokens are bound to. */
function withoutPossession({ variant }: FapiDriver): readonly string[] {
  if (variant.senderConstrain === 'dpop') return ['invalid_dpop_proof', 'invalid_request', 'invalid_grant']
  if (variant.clientAuth === 'private_key_jwt') return ['invalid_client', 'invalid_request', 'invalid_grant']
  return ['invalid_client']
}

/** The code in an answer, which must be one. */
export function codeOf(answer: URLSearchParams): string {
  const code = answer.get('code')
  assert.ok(code !== null, `no code but ${answer.toString()}`)
  return code
}

/** A server whose metadata a client of this plan can use. */
export async function checkMetadata(fapi: FapiDriver): Promise<Readonly<Record<string, unknown>>> {
  const metadata = await fapi.metadata()
  const { json: other } = await fapi.server.send({ path: '/.well-known/oauth-authorization-server' })
  assert.equal(metadata['issuer'], 'https://as.test')
  assert.equal(other['issuer'], 'https://as.test')
  if (fapi.variant.senderConstrain === 'mtls') {
    assert.equal(metadata['tls_client_certificate_bound_access_tokens'], true)
  } else {
    assert.ok((metadata['dpop_signing_alg_values_supported'] as readonly string[]).includes('ES256'))
  }
  assert.equal(metadata['authorization_response_iss_parameter_supported'], true)
  assert.deepEqual(metadata['code_challenge_methods_supported'], ['S256'])
  const methods = metadata['token_endpoint_auth_methods_supported'] as readonly string[]
  assert.deepEqual(methods, ['tls_client_auth', 'self_signed_tls_client_auth', 'private_key_jwt'])
  const aliases = metadata['mtls_endpoint_aliases'] as Readonly<Record<string, string>>
  for (const [name, url] of Object.entries(aliases)) {
    assert.match(name, /_endpoint$/)
    assert.notEqual(name, 'authorization_endpoint')
    assert.ok(name in metadata, `${name} is only among the aliases`)
    assert.equal(new URL(url).host, 'mtls.as.test')
  }
  for (const name of ['token_endpoint', 'pushed_authorization_request_endpoint', 'userinfo_endpoint']) {
    assert.ok(name in aliases, name)
  }
  for (const [name, value] of Object.entries(metadata)) {
    if (!name.endsWith('_alg_values_supported')) continue
    for (const algorithm of value as readonly string[]) {
      assert.ok(['PS256', 'ES256', 'EdDSA'].includes(algorithm), `${name} has ${algorithm}`)
    }
  }
  return metadata
}

async function pastLogin(fapi: FapiDriver, page: Awaited<ReturnType<FapiDriver['begin']>>): Promise<typeof page> {
  const typed = { username: 'ada', password: 'correct horse battery staple' }
  return fapi.browser.press(page, 'submit', typed)
}
