import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createSelfSignedCertificate, createTestAuthority } from '@holdfast/testkit'
import type { Answer } from '../protocol-error/answer.ts'
import {
  codeOf,
  delegatedFakePorts,
  type DelegatedFakePorts,
  dpopKey,
  dpopProofOf,
  redemption,
  sha256,
  tokenEndpoint,
} from './delegated-fake-ports.test.ts'
import { claimsOf, errorOf, presented, reasonOf, request, tokenOf } from './fake-ports.test.ts'

const authority = createTestAuthority()
const certificate = presented(authority.issue({ san: { dns: ['acme.example'] } }))
const stranger = presented(createSelfSignedCertificate({ commonName: 'phone' }))

const grants = ['authorization_code', 'refresh_token']
const acme = {
  client_id: 'acme',
  grant_types: grants,
  scope: 'openid orders:read orders:write',
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'acme.example',
  trust: 'partners',
}
const phone = {
  client_id: 'phone',
  grant_types: grants,
  scope: 'openid orders:read',
  token_endpoint_auth_method: 'none',
}

function ports(changes: object = {}): DelegatedFakePorts {
  return delegatedFakePorts({
    clients: [
      { ...acme, ...changes },
      { ...acme, client_id: 'other' },
      { ...phone, binding: 'if_present' },
    ],
    trust: { partners: [authority.rootDer] },
  })
}

const ask = (fakes: DelegatedFakePorts, form: Readonly<Record<string, string>>, more: object = {}): Promise<Answer> =>
  tokenEndpoint(fakes)(request(form, { certificate, ...more }))
const body = (answer: Answer): Record<string, unknown> => JSON.parse(answer.body) as Record<string, unknown>

describe('redeeming an authorization code', () => {
  test('RFC6749-A10 a code earns a bound access token, an ID token and a refresh token', async () => {
    const fakes = ports()
    const { code, authorizationId } = await codeOf(fakes, 'acme')
    const answer = await ask(fakes, redemption('acme', code))
    const claims = claimsOf(tokenOf(answer))
    assert.deepEqual(claims['cnf'], { 'x5t#S256': certificate.thumbprint })
    assert.equal(claims['sub'], 'alice')
    assert.equal(claims['scope'], 'openid orders:read')
    assert.equal(claims['authorization_id'], authorizationId)
    const { id_token, refresh_token, token_type, scope } = body(answer)
    assert.deepEqual([token_type, scope, typeof refresh_token], ['Bearer', 'openid orders:read', 'string'])
    const identity = claimsOf(String(id_token))
    assert.deepEqual(
      [identity['sub'], identity['aud'], identity['nonce'], identity['sid'], identity['at_hash']],
      [
        'alice',
        'acme',
        'n-1',
        'sid-1',
        Buffer.from(sha256(tokenOf(answer)), 'base64url')
          .subarray(0, 16)
          .toString('base64url'),
      ],
    )
    assert.deepEqual(fakes.joined, ['sid-1 acme'])
  })

  test('RFC6749-A11 of ten redemptions at once one earns tokens, and they end with the authorization', async () => {
    const fakes = ports()
    const { code, authorizationId } = await codeOf(fakes, 'acme')
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(fakes, redemption('acme', code))))
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, ...Array<number>(9).fill(400)])
    assert.equal(await fakes.authorizations.find(authorizationId), undefined)
    const won = answers.find(({ status }) => status === 200)
    assert.ok(won)
    const { jti } = claimsOf(tokenOf(won))
    assert.equal(await fakes.revokedTokens.isRevoked(String(jti)), true)
    const refresh = {
      grant_type: 'refresh_token',
      client_id: 'acme',
      refresh_token: String(body(won)['refresh_token']),
    }
    assert.equal(errorOf(await ask(fakes, refresh)), 'invalid_grant')
  })

  test('RFC6749-A12 a code past its end earns nothing, and its second use is still seen', async () => {
    const fakes = ports()
    const { code } = await codeOf(fakes, 'acme')
    fakes.clock.advance(61)
    assert.equal(errorOf(await ask(fakes, redemption('acme', code))), 'invalid_grant')
    assert.equal(reasonOf(fakes as never), 'code_expired')
    await ask(fakes, redemption('acme', code))
    assert.equal(reasonOf(fakes as never), 'code_reused')
  })

  const wrong: readonly (readonly [string, object, string])[] = [
    ['RFC6749-A13 another redirect_uri', { redirect_uri: 'https://client.example/CB' }, 'redirect_uri_mismatch'],
    ['RFC6749-A13 no redirect_uri', { redirect_uri: '' }, 'redirect_uri_mismatch'],
    ['RFC7636-M10 no verifier', { code_verifier: '' }, 'code_verifier_refused'],
    ['RFC7636-M10 another verifier', { code_verifier: 'x'.repeat(43) }, 'code_verifier_refused'],
    ['RFC7636-M10 a verifier that is too short', { code_verifier: 'x'.repeat(42) }, 'code_verifier_refused'],
    ['RFC6749-A14 the code of another client', { client_id: 'other' }, 'code_of_another_client'],
    ['a code that nobody gave out', { code: 'x'.repeat(43) }, 'code_unknown'],
    ['RFC8707-M10 a resource that was not granted', { resource: 'https://other.example' }, 'resource_exceeds_grant'],
  ]
  for (const [name, changes, reason] of wrong) {
    test(`${name}: refused, and its owner can still redeem the code`, async () => {
      const fakes = ports()
      const { code } = await codeOf(fakes, 'acme')
      const answer = await ask(fakes, { ...redemption('acme', code), ...changes })
      assert.equal(answer.status, 400)
      assert.equal(reasonOf(fakes as never), reason)
      assert.equal((await ask(fakes, redemption('acme', code))).status, 200)
    })
  }

  test('RFC7636-M11 a verifier where nobody asked for one is refused: somebody took the challenge out', async () => {
    const fakes = ports()
    const { code } = await codeOf(fakes, 'acme')
    const plain = await fakes.authorizationCodes.find(fakes.opaqueTokens.digest(code))
    assert.ok(plain)
    const { codeChallenge: _, ...without } = plain
    const other = fakes.opaqueTokens.create()
    await fakes.authorizationCodes.issue(other.digest, without)
    assert.equal(errorOf(await ask(fakes, redemption('acme', other.token))), 'invalid_grant')
    const { code_verifier: _verifier, ...bare } = redemption('acme', other.token)
    assert.equal((await ask(fakes, bare)).status, 200)
  })

  test('RFC8705-M19 without the certificate that binding demands nothing is used up', async () => {
    const fakes = ports({
      token_endpoint_auth_method: 'client_secret_post',
      client_secret_hash: 'hash of s',
      trust: undefined,
      tls_client_auth_san_dns: undefined,
      binding: 'required',
    })
    const { code } = await codeOf(fakes, 'acme')
    const form = { ...redemption('acme', code), client_secret: 's' }
    assert.equal(errorOf(await ask(fakes, form, { certificate: undefined, role: 'main' })), 'invalid_request')
    assert.equal((await ask(fakes, form)).status, 200)
  })

  test('RFC9449-D40 a code that was asked for with a key is redeemed by that key only', async () => {
    const fakes = ports()
    const [key, other] = [dpopKey(), dpopKey()]
    const { code } = await codeOf(fakes, 'acme', { code: { dpopKeyThumbprint: key.thumbprint } })
    const now = fakes.clock.now()
    assert.equal(errorOf(await ask(fakes, redemption('acme', code))), 'invalid_dpop_proof')
    const byOther = await ask(fakes, redemption('acme', code), { dpop: dpopProofOf(other, now) })
    assert.equal(errorOf(byOther), 'invalid_dpop_proof')
    const answer = await ask(fakes, redemption('acme', code), { dpop: dpopProofOf(key, now) })
    assert.deepEqual(claimsOf(tokenOf(answer))['cnf'], { jkt: key.thumbprint })
    assert.equal(body(answer)['token_type'], 'DPoP')
  })

  test('a person who may not log in any more earns the client nothing', async () => {
    const fakes = ports()
    const { code } = await codeOf(fakes, 'acme')
    fakes.people.known.delete('alice')
    assert.equal(errorOf(await ask(fakes, redemption('acme', code))), 'invalid_grant')
    assert.equal(reasonOf(fakes as never), 'person_gone')
  })

  for (const store of ['authorizations', 'authorizationCodes', 'refreshTokens'] as const) {
    test(`503 when ${store} is away`, async () => {
      const fakes = ports()
      const { code } = await codeOf(fakes, 'acme')
      fakes[store].breakDown(new Error('away'))
      const answer = await ask(fakes, redemption('acme', code))
      assert.deepEqual([answer.status, errorOf(answer)], [503, 'temporarily_unavailable'])
    })
  }
})

describe('authorization details', () => {
  const details = [
    { type: 'payment', amount: { currency: 'EUR', value: '1' } },
    { type: 'account', actions: ['read'] },
  ]

  test('RFC9396-M4 what was granted stands in the token and beside it', async () => {
    const fakes = ports()
    const { code } = await codeOf(fakes, 'acme', { authorization: { authorizationDetails: details } })
    const answer = await ask(fakes, redemption('acme', code))
    assert.deepEqual(claimsOf(tokenOf(answer))['authorization_details'], details)
    assert.deepEqual(body(answer)['authorization_details'], details)
  })

  test('RFC9396-M8 a token may be asked for a part of it, and for nothing else', async () => {
    const fakes = ports()
    const { code } = await codeOf(fakes, 'acme', { authorization: { authorizationDetails: details } })
    const asked = (authorization_details: string): Promise<Answer> =>
      ask(fakes, { ...redemption('acme', code), authorization_details })
    const more = { type: 'payment', amount: { currency: 'EUR', value: '1000' } }
    for (const wrong of [JSON.stringify([more]), JSON.stringify(details[0]), '[]', 'x', '['.repeat(5000), '[null]']) {
      assert.equal(errorOf(await asked(wrong)), 'invalid_authorization_details', wrong.slice(0, 40))
    }
    const part = await asked('[{"amount":{"value":"1","currency":"EUR"},"type":"payment"}]')
    assert.deepEqual(claimsOf(tokenOf(part))['authorization_details'], [details[0]])
    assert.deepEqual(body(part)['authorization_details'], [details[0]])
  })
})

describe('refreshing', () => {
  async function refreshable(
    fakes: DelegatedFakePorts,
    client: string,
    more: object = {},
  ): Promise<Record<string, unknown>> {
    const { code } = await codeOf(fakes, client)
    return body(await ask(fakes, redemption(client, code), more))
  }
  const refresh = (client_id: string, token: unknown, more: object = {}): Readonly<Record<string, string>> => ({
    grant_type: 'refresh_token',
    client_id,
    refresh_token: String(token),
    ...more,
  })

  test('RFC8705-M28 a confidential client refreshes with another certificate of its own; the token stays and is not rotated', async () => {
    const fakes = ports()
    const first = await refreshable(fakes, 'acme')
    const renewed = presented(authority.issue({ san: { dns: ['acme.example'] } }))
    for (let round = 0; round < 2; round++) {
      const answer = await ask(fakes, refresh('acme', first['refresh_token']), { certificate: renewed })
      assert.deepEqual(claimsOf(tokenOf(answer))['cnf'], { 'x5t#S256': renewed.thumbprint })
      assert.equal(body(answer)['refresh_token'], undefined)
      assert.equal(claimsOf(String(body(answer)['id_token']))['nonce'], undefined)
    }
  })

  test('what was bound is not refreshed into a bearer token, also of a client that may have such', async () => {
    const secret = {
      token_endpoint_auth_method: 'client_secret_post',
      client_secret_hash: 'hash of s',
      trust: undefined,
      tls_client_auth_san_dns: undefined,
      binding: 'if_present',
    }
    const fakes = ports(secret)
    const redeem = async (more: object): Promise<Record<string, unknown>> => {
      const { code } = await codeOf(fakes, 'acme')
      return body(await ask(fakes, { ...redemption('acme', code), client_secret: 's' }, more))
    }
    const without = { certificate: undefined }
    const bound = await redeem({})
    const again = refresh('acme', bound['refresh_token'], { client_secret: 's' })
    assert.equal(errorOf(await ask(fakes, again, without)), 'invalid_request')
    assert.ok(claimsOf(tokenOf(await ask(fakes, again)))['cnf'])
    const bearer = await redeem(without)
    const bearerAgain = refresh('acme', bearer['refresh_token'], { client_secret: 's' })
    assert.equal(claimsOf(tokenOf(await ask(fakes, bearerAgain, without)))['cnf'], undefined)
  })

  test('RFC6749-A20 another client gets nothing by it, nor does a certificate alone', async () => {
    const fakes = ports()
    const first = await refreshable(fakes, 'acme')
    assert.equal(errorOf(await ask(fakes, refresh('other', first['refresh_token']))), 'invalid_grant')
    const none = await ask(fakes, refresh('acme', first['refresh_token']), { certificate: undefined })
    assert.deepEqual([none.status, errorOf(none)], [401, 'invalid_client'])
  })

  test('RFC6749-A21 less than was granted may be asked for, more not, and the whole later again', async () => {
    const fakes = ports()
    const { refresh_token } = await refreshable(fakes, 'acme')
    const less = await ask(fakes, refresh('acme', refresh_token, { scope: 'orders:read' }))
    assert.equal(claimsOf(tokenOf(less))['scope'], 'orders:read')
    assert.equal(errorOf(await ask(fakes, refresh('acme', refresh_token, { scope: 'orders:write' }))), 'invalid_scope')
    const whole = await ask(fakes, refresh('acme', refresh_token))
    assert.equal(claimsOf(tokenOf(whole))['scope'], 'openid orders:read')
  })

  test('RFC8705-M20 a public client needs the very certificate that the refresh token is bound to', async () => {
    const fakes = ports()
    const first = await refreshable(fakes, 'phone', { certificate: stranger })
    const token = refresh('phone', first['refresh_token'])
    assert.equal(errorOf(await ask(fakes, token, { certificate: undefined })), 'invalid_grant')
    assert.equal(errorOf(await ask(fakes, token)), 'invalid_grant')
    assert.equal((await ask(fakes, token, { certificate: stranger })).status, 200)
  })

  test('RFC9449-D22 a public client with DPoP needs the key of the first proof', async () => {
    const fakes = ports()
    const [key, other] = [dpopKey(), dpopKey()]
    const now = fakes.clock.now()
    const without = { certificate: undefined }
    const first = await refreshable(fakes, 'phone', { ...without, dpop: dpopProofOf(key, now) })
    const token = refresh('phone', first['refresh_token'])
    assert.equal(errorOf(await ask(fakes, token, without)), 'invalid_dpop_proof')
    assert.equal(errorOf(await ask(fakes, token, { ...without, dpop: dpopProofOf(other, now) })), 'invalid_dpop_proof')
    const answer = await ask(fakes, token, { ...without, dpop: dpopProofOf(key, now) })
    assert.deepEqual(claimsOf(tokenOf(answer))['cnf'], { jkt: key.thumbprint })
  })

  test('RFC9700-R14 a public client’s token is replaced; a copy that comes late ends everything', async () => {
    const fakes = ports()
    const more = { certificate: stranger }
    const first = await refreshable(fakes, 'phone', more)
    const second = body(await ask(fakes, refresh('phone', first['refresh_token']), more))
    assert.notEqual(second['refresh_token'], first['refresh_token'])
    fakes.clock.advance(61)
    assert.equal(errorOf(await ask(fakes, refresh('phone', first['refresh_token']), more)), 'invalid_grant')
    assert.equal(reasonOf(fakes as never), 'refresh_token_reused')
    assert.equal(errorOf(await ask(fakes, refresh('phone', second['refresh_token']), more)), 'invalid_grant')
  })

  test('a lost answer does not log anybody out: within the grace the predecessor earns a successor of its own', async () => {
    const fakes = ports()
    const more = { certificate: stranger }
    const first = await refreshable(fakes, 'phone', more)
    const lost = body(await ask(fakes, refresh('phone', first['refresh_token']), more))
    const again = await ask(fakes, refresh('phone', first['refresh_token']), more)
    assert.equal(again.status, 200)
    assert.equal((await ask(fakes, refresh('phone', body(again)['refresh_token']), more)).status, 200)
    assert.equal((await ask(fakes, refresh('phone', lost['refresh_token']), more)).status, 200)
  })

  test('a refresh token ends by itself, whoever has cleaned up', async () => {
    const fakes = ports()
    const { refresh_token } = await refreshable(fakes, 'acme')
    fakes.clock.advance(86_401)
    assert.equal(errorOf(await ask(fakes, refresh('acme', refresh_token))), 'invalid_grant')
  })

  test('OpenID Connect Core §11: a client that may ask for offline_access gets a refresh token when it was granted', async () => {
    const fakes = ports({ scope: 'openid orders:read offline_access' })
    assert.equal((await refreshable(fakes, 'acme'))['refresh_token'], undefined)
    const { code } = await codeOf(fakes, 'acme', { authorization: { scope: ['openid', 'offline_access'] } })
    assert.equal(typeof body(await ask(fakes, redemption('acme', code)))['refresh_token'], 'string')
  })
})
