import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { describe, test } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import fc from 'fast-check'
import type { Answer } from '../protocol-error/answer.ts'
import {
  codeOf,
  delegatedFakePorts,
  type DelegatedFakePorts,
  delegatedSettings,
  dpopKey,
  dpopProofOf,
  redemption,
  sha256,
  tokenEndpoint,
} from './delegated-fake-ports.test.ts'
import { claimsOf, presented, request, tokenOf } from './fake-ports.test.ts'
import { createIntrospectionEndpoint } from './introspection-endpoint.ts'
import { createRevocationEndpoint } from './revocation-endpoint.ts'
import { createUserinfoEndpoint, type UserinfoRequest } from './userinfo-endpoint.ts'

const authority = createTestAuthority()
const certificate = presented(authority.issue({ san: { dns: ['acme.example'] } }))
const other = presented(authority.issue({ san: { dns: ['acme.example'] } }))

const acme = {
  client_id: 'acme',
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  scope: 'openid profile email orders:read',
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'acme.example',
  trust: 'partners',
}

function ports(changes: object = {}): DelegatedFakePorts {
  return delegatedFakePorts({ clients: [{ ...acme, ...changes }], trust: { partners: [authority.rootDer] } })
}

async function tokens(
  fakes: DelegatedFakePorts,
  scope: readonly string[],
  more: object = {},
): Promise<Record<string, string>> {
  const { code } = await codeOf(fakes, 'acme', { authorization: { scope } })
  const answer = await tokenEndpoint(fakes)(request(redemption('acme', code), { certificate, ...more }))
  assert.equal(answer.status, 200, answer.body)
  return JSON.parse(answer.body) as Record<string, string>
}

const ask = (fakes: DelegatedFakePorts, more: Partial<UserinfoRequest>): Promise<Answer> =>
  createUserinfoEndpoint(fakes, delegatedSettings)({ method: 'GET', role: 'mtls', certificate, ...more })
const bearer = (token: string | undefined): Partial<UserinfoRequest> => ({ authorization: `Bearer ${token}` })
const json = (answer: Answer): Record<string, unknown> => JSON.parse(answer.body) as Record<string, unknown>

for (const format of ['jwt', 'opaque'] as const) {
  describe(`userinfo with a token in ${format} form`, () => {
    test('OIDC Core §5.3 tells what the scope stands for, and nothing else', async () => {
      const fakes = ports({ access_token_format: format })
      const email = await ask(fakes, bearer((await tokens(fakes, ['openid', 'email']))['access_token']))
      assert.deepEqual(json(email), { sub: 'alice', email: 'alice@example.com', email_verified: true })
      const nothing = await ask(fakes, { ...bearer((await tokens(fakes, ['openid']))['access_token']), method: 'POST' })
      assert.deepEqual([json(nothing), nothing.headers['cache-control']], [{ sub: 'alice' }, 'no-store'])
    })

    test('RFC8705-M13 a bound token needs its certificate', async () => {
      const fakes = ports({ access_token_format: format })
      const { access_token } = await tokens(fakes, ['openid'])
      for (const presentedInstead of [undefined, other]) {
        const answer = await ask(fakes, { ...bearer(access_token), certificate: presentedInstead })
        assert.equal(answer.status, 401)
        assert.match(String(answer.headers['www-authenticate']), /^Bearer error="invalid_token"/)
      }
    })

    test('RFC9449-D31 a token bound to a key needs scheme DPoP and a proof with its hash, each proof once', async () => {
      const fakes = ports({ access_token_format: format })
      const key = dpopKey()
      const now = fakes.clock.now()
      const { access_token = '' } = await tokens(fakes, ['openid'], { dpop: dpopProofOf(key, now) })
      const proof = (claims: object = {}, by = key): string =>
        dpopProofOf(by, now, {
          htm: 'GET',
          htu: 'https://mtls.login.example/userinfo',
          ath: sha256(access_token),
          ...claims,
        })
      const byDpop = { authorization: `DPoP ${access_token}` }
      const dpop = proof()
      const passed = await ask(fakes, { ...byDpop, dpop, certificate: undefined })
      assert.equal(passed.status, 200, passed.body)
      const wrong: readonly (readonly [string, Partial<UserinfoRequest>, string])[] = [
        ['the same proof again', { ...byDpop, dpop }, 'invalid_dpop_proof'],
        ['no proof', byDpop, 'invalid_token'],
        ['as bearer', { ...bearer(access_token), dpop: proof() }, 'invalid_token'],
        ['without ath', { ...byDpop, dpop: proof({ ath: undefined }) }, 'invalid_dpop_proof'],
        ['ath of another', { ...byDpop, dpop: proof({ ath: sha256('x') }) }, 'invalid_dpop_proof'],
        ['another method', { ...byDpop, dpop: proof(), method: 'POST' }, 'invalid_dpop_proof'],
        [
          'the URL of the main host',
          { ...byDpop, dpop: proof({ htu: 'https://login.example/userinfo' }) },
          'invalid_dpop_proof',
        ],
        ['another key', { ...byDpop, dpop: proof({}, dpopKey()) }, 'invalid_token'],
      ]
      for (const [name, more, error] of wrong) {
        const answer = await ask(fakes, more)
        assert.deepEqual([answer.status, json(answer)['error']], [401, error], name)
        assert.match(String(answer.headers['www-authenticate']), /^DPoP .*algs="ES256 EdDSA PS256 RS256"/, name)
      }
    })

    test('what ends the token, the client, the authorization or the person ends the answers', async () => {
      const endings: readonly ((fakes: DelegatedFakePorts, authorizationId: string) => unknown)[] = [
        (fakes) => fakes.clock.advance(301),
        (fakes, id) => fakes.authorizations.revoke(id),
        (fakes) => fakes.people.known.delete('alice'),
        (fakes) => fakes.profiles.clear(),
      ]
      for (const end of endings) {
        const fakes = ports({ access_token_format: format })
        const { access_token } = await tokens(fakes, ['openid'])
        assert.equal((await ask(fakes, bearer(access_token))).status, 200)
        const [{ id } = { id: '' }] = await fakes.authorizations.ofSubject('alice', 1)
        await end(fakes, id)
        const answer = await ask(fakes, bearer(access_token))
        assert.deepEqual([answer.status, json(answer)['error']], [401, 'invalid_token'], String(end))
      }
    })

    test('RFC9449-D56 introspection tells cnf.jkt and the type DPoP', async () => {
      const fakes = ports({ access_token_format: format })
      const key = dpopKey()
      const { access_token = '' } = await tokens(fakes, ['openid'], { dpop: dpopProofOf(key, fakes.clock.now()) })
      const { authorizations, refreshTokens, people } = fakes
      const endpoint = createIntrospectionEndpoint(
        { ...fakes, delegations: { authorizations, refreshTokens, people, pairwise: undefined } },
        delegatedSettings,
      )
      const told = json(await endpoint(request({ client_id: 'acme', token: access_token }, { certificate })))
      assert.deepEqual([told['active'], told['token_type'], told['cnf']], [true, 'DPoP', { jkt: key.thumbprint }])
    })

    test('RFC7662-I10 introspection tells of it until the authorization or the person is gone', async () => {
      const fakes = ports({ access_token_format: format })
      const { access_token = '' } = await tokens(fakes, ['openid'])
      const delegations = {
        authorizations: fakes.authorizations,
        refreshTokens: fakes.refreshTokens,
        people: fakes.people,
        pairwise: undefined,
      }
      const introspect = async (): Promise<Record<string, unknown>> =>
        json(
          await createIntrospectionEndpoint(
            { ...fakes, delegations },
            delegatedSettings,
          )(request({ client_id: 'acme', token: access_token }, { certificate })),
        )
      assert.equal((await introspect())['sub'], 'alice')
      fakes.people.known.delete('alice')
      assert.deepEqual(await introspect(), { active: false })
    })
  })
}

describe('userinfo', () => {
  test('RFC6750-T10 no token, a malformed header, a token of no person: each its own answer', async () => {
    const fakes = ports()
    const none = await ask(fakes, {})
    assert.deepEqual([none.status, none.headers['www-authenticate']], [401, 'Bearer'])
    assert.equal((await ask(fakes, { authorization: 'Bearer' })).status, 400)
    assert.equal((await ask(fakes, { authorization: ['Bearer a', 'Bearer b'] })).status, 400)
    for (const text of ['x', 'a.b.c', '']) assert.ok((await ask(fakes, bearer(text))).status < 500, text)
    const own = await tokenEndpoint(fakes)(
      request({ grant_type: 'client_credentials', client_id: 'acme', scope: 'openid' }, { certificate }),
    )
    assert.equal((await ask(fakes, bearer(tokenOf(own)))).status, 401)
  })

  test('CVE-2026-9803: no Authorization or DPoP header, however malformed, gets more than a refusal', async () => {
    const fakes = ports()
    const header = fc.oneof(
      fc.string(),
      fc.string().map((text) => `Bearer ${text}`),
      fc.string().map((text) => `DPoP ${text}`),
      fc.string().map((text) => `dpop ${Buffer.from(text).toString('base64url')}.e30.e30`),
    )
    await fc.assert(
      fc.asyncProperty(header, fc.option(header, { nil: undefined }), async (authorization, dpop) => {
        const { status } = await ask(fakes, { authorization, ...(dpop === undefined ? {} : { dpop }) })
        assert.ok(status === 400 || status === 401, String(status))
      }),
    )
  })

  test('RFC6750-T11 a token without the scope openid is told which one is needed', async () => {
    const fakes = ports()
    const answer = await ask(fakes, bearer((await tokens(fakes, ['orders:read']))['access_token']))
    assert.deepEqual([answer.status, json(answer)['error']], [403, 'insufficient_scope'])
  })

  test('RFC9449-D32 a token that is not bound to a key does not go by scheme DPoP', async () => {
    const fakes = ports()
    const { access_token } = await tokens(fakes, ['openid'])
    assert.equal((await ask(fakes, { authorization: `DPoP ${access_token}` })).status, 401)
  })

  test('RFC9449-D57 where nonces are wanted, the challenge says so, and the header brings one', async () => {
    const plain = ports()
    const key = dpopKey()
    const now = plain.clock.now()
    const { access_token = '' } = await tokens(plain, ['openid'], { dpop: dpopProofOf(key, now) })
    assert.ok(plain.dpop)
    const nonces = { current: () => 'fresh', accepts: (nonce: string) => nonce === 'fresh' }
    const fakes = { ...plain, dpop: { ...plain.dpop, nonces } }
    const told = (nonce: string | undefined): Promise<Answer> => {
      const claims = { htm: 'GET', htu: 'https://mtls.login.example/userinfo', ath: sha256(access_token), nonce }
      return ask(fakes, { authorization: `DPoP ${access_token}`, dpop: dpopProofOf(key, now, claims) })
    }
    const refused = await told(undefined)
    assert.deepEqual([refused.status, refused.headers['dpop-nonce']], [401, 'fresh'])
    assert.match(String(refused.headers['www-authenticate']), /^DPoP error="use_dpop_nonce"/)
    assert.equal((await told('fresh')).status, 200)
  })

  test('503 when a store is away', async () => {
    for (const store of ['authorizations', 'revokedTokens'] as const) {
      const fakes = ports()
      const { access_token } = await tokens(fakes, ['openid'])
      fakes[store].breakDown()
      assert.equal((await ask(fakes, bearer(access_token))).status, 503, store)
    }
  })
})

describe('refresh tokens at introspection and revocation', () => {
  const managed = (fakes: DelegatedFakePorts): DelegatedFakePorts => {
    const { authorizations, refreshTokens, people } = fakes
    return {
      ...fakes,
      delegations: { authorizations, refreshTokens, people, pairwise: undefined },
      introspectionSigner: fakes.signer,
    }
  }

  test('RFC7662-I11 its client is told of it, nobody else; RFC7009-V10 revoking it ends what came with it', async () => {
    const fakes = ports()
    const { refresh_token = '', access_token = '' } = await tokens(fakes, ['openid'])
    const form = { client_id: 'acme', token: refresh_token }
    const introspect = async (token = refresh_token): Promise<Record<string, unknown>> =>
      json(
        await createIntrospectionEndpoint(
          managed(fakes),
          delegatedSettings,
        )(request({ ...form, token }, { certificate })),
      )
    const told = await introspect()
    assert.deepEqual(
      [told['active'], told['sub'], told['scope'], told['token_type']],
      [true, 'alice', 'openid', undefined],
    )
    const revoked = await createRevocationEndpoint(managed(fakes), delegatedSettings)(request(form, { certificate }))
    assert.equal(revoked.status, 200)
    for (const token of [refresh_token, access_token]) assert.deepEqual(await introspect(token), { active: false })
    assert.equal((await ask(fakes, bearer(access_token))).status, 401)
  })

  test('a revocation that the store did not take is an outage, never success', async () => {
    const fakes = ports()
    const { refresh_token = '' } = await tokens(fakes, ['openid'])
    fakes.authorizations.breakDown()
    const form = { client_id: 'acme', token: refresh_token }
    const answer = await createRevocationEndpoint(managed(fakes), delegatedSettings)(request(form, { certificate }))
    assert.equal(answer.status, 503)
  })

  test('RFC9701-J10 a signed answer says everything in one member, to the caller alone', async () => {
    const fakes = ports()
    const { access_token = '' } = await tokens(fakes, ['openid'])
    const accept = 'application/json;q=0.1, Application/Token-Introspection+JWT'
    const introspect = (token: string): Promise<Answer> =>
      createIntrospectionEndpoint(
        managed(fakes),
        delegatedSettings,
      )(request({ client_id: 'acme', token }, { certificate, accept }))
    const answer = await introspect(access_token)
    assert.equal(answer.headers['content-type'], 'application/token-introspection+jwt')
    const [header = '', payload = '', signature = ''] = answer.body.split('.')
    assert.equal(
      (JSON.parse(Buffer.from(header, 'base64url').toString()) as { typ: string }).typ,
      'token-introspection+jwt',
    )
    const key = { key: createPublicKey(fakes.tokenKey), dsaEncoding: 'ieee-p1363' } as const
    assert.ok(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')))
    const { token_introspection, ...top } = claimsOf(answer.body)
    assert.deepEqual(top, { iss: 'https://login.example', aud: 'acme', iat: fakes.clock.now() })
    assert.deepEqual((token_introspection as { cnf: object }).cnf, { 'x5t#S256': certificate.thumbprint })
    assert.deepEqual(claimsOf((await introspect('x')).body)['token_introspection'], { active: false })
  })
})
