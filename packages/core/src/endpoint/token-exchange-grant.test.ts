import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import type { Answer } from '../protocol-error/answer.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import {
  codeOf,
  delegatedFakePorts,
  type DelegatedFakePorts,
  delegatedSettings,
  redemption,
  tokenEndpoint,
} from './delegated-fake-ports.test.ts'
import { claimsOf, errorOf, presented, reasonOf, request, signedJwt, tokenOf } from './fake-ports.test.ts'
import { createIntrospectionEndpoint } from './introspection-endpoint.ts'

const authority = createTestAuthority()
const of = (name: string): BackChannelRequest['certificate'] =>
  presented(authority.issue({ san: { dns: [`${name}.example`] } }))
const certificates = { app: of('app'), api: of('api'), other: of('other') }
type Name = keyof typeof certificates

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
const issuerKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const client = (name: Name, changes: object = {}): object => ({
  client_id: name,
  grant_types: ['authorization_code', 'client_credentials', exchange],
  scope: 'openid orders:read orders:write',
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: `${name}.example`,
  trust: 'partners',
  ...changes,
})

function ports(changes: object = {}): DelegatedFakePorts {
  return delegatedFakePorts({
    clients: [
      client('app', { ...changes, access_token_format: 'jwt' }),
      client('api', { resource: ['https://stock.example'], introspection_audience: ['https://api.example'] }),
      client('other', { introspection_audience: '*' }),
    ],
    trust: { partners: [authority.rootDer] },
  })
}

async function subjectToken(fakes: DelegatedFakePorts, scope = ['openid', 'orders:read']): Promise<string> {
  const { code } = await codeOf(fakes, 'app', { authorization: { scope } })
  return tokenOf(await tokenEndpoint(fakes)(request(redemption('app', code), { certificate: certificates.app })))
}

const ask = (fakes: DelegatedFakePorts, name: Name, form: object, more: object = {}): Promise<Answer> =>
  tokenEndpoint(fakes)(
    request(
      { grant_type: exchange, client_id: name, subject_token_type: accessTokenType, ...form },
      { certificate: certificates[name], ...more },
    ),
  )

describe('token exchange', () => {
  test('RFC8693-X10 a resource exchanges what was sent to it: bound to its own certificate, for its own next resource, and it says who acts', async () => {
    const fakes = ports()
    const subject_token = await subjectToken(fakes)
    const answer = await ask(fakes, 'api', { subject_token, scope: 'orders:read' })
    const claims = claimsOf(tokenOf(answer))
    assert.deepEqual(
      [claims['sub'], claims['client_id'], claims['aud'], claims['scope'], claims['act'], claims['cnf']],
      [
        'alice',
        'api',
        'https://stock.example',
        'orders:read',
        { sub: 'api' },
        { 'x5t#S256': certificates.api?.thumbprint },
      ],
    )
    const { issued_token_type, token_type, refresh_token } = JSON.parse(answer.body) as Record<string, unknown>
    assert.deepEqual([issued_token_type, token_type, refresh_token], [accessTokenType, 'Bearer', undefined])
    assert.ok(Number(claims['exp']) <= Number(claimsOf(subject_token)['exp']))
  })

  test('RFC8693-X11 a bound token that somebody else has is of no use to them', async () => {
    const fakes = ports()
    const subject_token = await subjectToken(fakes)
    assert.equal(errorOf(await ask(fakes, 'other', { subject_token })), 'invalid_target')
    assert.equal(reasonOf(fakes as never), 'exchange_not_allowed')
  })

  test('RFC8693-X12 the client that it was issued to needs the certificate that it is bound to', async () => {
    const fakes = ports()
    const subject_token = await subjectToken(fakes)
    const renewed = of('app')
    assert.equal(errorOf(await ask(fakes, 'app', { subject_token }, { certificate: renewed })), 'invalid_request')
    const own = await ask(fakes, 'app', { subject_token, scope: 'orders:read' })
    assert.deepEqual([claimsOf(tokenOf(own))['scope'], claimsOf(tokenOf(own))['act']], ['orders:read', undefined])
  })

  test('RFC8693-X13 a bound token never comes out unbound', async () => {
    const secret = {
      token_endpoint_auth_method: 'client_secret_post',
      client_secret_hash: 'hash of s',
      tls_client_auth_san_dns: undefined,
      trust: undefined,
      binding: 'if_present',
    }
    const fakes = ports(secret)
    const { code } = await codeOf(fakes, 'app')
    const more = { client_secret: 's' }
    const bound = tokenOf(
      await tokenEndpoint(fakes)(request({ ...redemption('app', code), ...more }, { certificate: certificates.app })),
    )
    const without = await ask(fakes, 'app', { subject_token: bound, ...more }, { certificate: undefined, role: 'main' })
    assert.equal(errorOf(without), 'invalid_request')
  })

  test('RFC8693-X14 no more scope than the token had, and no more than the client may have', async () => {
    const fakes = ports()
    const subject_token = await subjectToken(fakes)
    assert.equal(errorOf(await ask(fakes, 'api', { subject_token, scope: 'orders:write' })), 'invalid_scope')
    assert.equal(
      errorOf(await ask(fakes, 'api', { subject_token, resource: 'https://bank.example' })),
      'invalid_target',
    )
  })

  test('RFC8693-X15 chained exchanges say who acted before', async () => {
    const fakes = ports()
    const first = tokenOf(await ask(fakes, 'api', { subject_token: await subjectToken(fakes) }))
    const actor_token = tokenOf(
      await tokenEndpoint(fakes)(
        request({ grant_type: 'client_credentials', client_id: 'api' }, { certificate: certificates.api }),
      ),
    )
    const second = await ask(fakes, 'api', { subject_token: first, actor_token, actor_token_type: accessTokenType })
    assert.deepEqual(claimsOf(tokenOf(second))['act'], { sub: 'api', client_id: 'api', act: { sub: 'api' } })
    const stolen = { subject_token: first, actor_token: await subjectToken(fakes), actor_token_type: accessTokenType }
    assert.equal(errorOf(await ask(fakes, 'api', stolen)), 'invalid_request')
  })

  test('RFC8693-X16 what the authorization ended is worth nothing, before and after the exchange', async () => {
    const fakes = ports()
    const subject_token = await subjectToken(fakes)
    const exchanged = tokenOf(await ask(fakes, 'api', { subject_token }))
    const introspect = async (): Promise<unknown> => {
      const endpoint = createIntrospectionEndpoint({ ...fakes, delegations: fakes }, delegatedSettings)
      const answer = await endpoint(request({ client_id: 'api', token: exchanged }, { certificate: certificates.api }))
      return (JSON.parse(answer.body) as { active: boolean }).active
    }
    assert.equal(await introspect(), true)
    const [{ id } = { id: '' }] = await fakes.authorizations.ofSubject('alice', 1)
    await fakes.authorizations.revoke(id)
    assert.equal(await introspect(), false)
    assert.equal(errorOf(await ask(fakes, 'api', { subject_token })), 'invalid_request')
  })

  const wrong: readonly (readonly [string, object])[] = [
    ['no subject token', { subject_token: '' }],
    ['no type', { subject_token_type: '' }],
    ['a type that is not exchanged', { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }],
    ['a wanted type that is not made', { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }],
    ['an actor type without actor', { actor_token_type: accessTokenType }],
    ['something that is no token', { subject_token: 'a.b.c' }],
    ['a refresh token', { subject_token: 'x'.repeat(43) }],
  ]
  for (const [name, changes] of wrong) {
    test(`RFC8693-X17 ${name}: invalid_request`, async () => {
      const fakes = ports()
      const subject_token = await subjectToken(fakes)
      assert.equal(errorOf(await ask(fakes, 'api', { subject_token, ...changes })), 'invalid_request')
    })
  }
})

describe('assertions as grants', () => {
  const bringer = client('app', {
    grant_types: [jwtBearer],
    assertion_issuers: [
      {
        issuer: 'https://idp.example',
        jwks: { keys: [{ ...issuerKey.publicKey.export({ format: 'jwk' }), kid: 'i1' }] },
      },
    ],
  })
  const make = (): DelegatedFakePorts =>
    delegatedFakePorts({ clients: [bringer], trust: { partners: [authority.rootDer] } })
  const assertion = (now: number, claims: object = {}, key = issuerKey.privateKey): string =>
    signedJwt(
      { alg: 'ES256', kid: 'i1' },
      { iss: 'https://idp.example', sub: 'carol', aud: 'https://login.example', exp: now + 60, jti: 'a1', ...claims },
      key,
    )
  const bring = (fakes: DelegatedFakePorts, text: string): Promise<Answer> =>
    tokenEndpoint(fakes)(
      request({ grant_type: jwtBearer, client_id: 'app', assertion: text }, { certificate: certificates.app }),
    )

  test('RFC7523-J10 an assertion of a registered issuer earns a token for its subject, bound to who brings it, once', async () => {
    const fakes = make()
    const text = assertion(fakes.clock.now())
    const claims = claimsOf(tokenOf(await bring(fakes, text)))
    assert.deepEqual(
      [claims['sub'], claims['client_id'], claims['cnf']],
      ['carol', 'app', { 'x5t#S256': certificates.app?.thumbprint }],
    )
    assert.equal(errorOf(await bring(fakes, text)), 'invalid_grant')
    assert.equal(reasonOf(fakes as never), 'grant_assertion_replayed')
  })

  test('RFC7523-J11 whatever is wrong with it is invalid_grant', async () => {
    const fakes = make()
    const now = fakes.clock.now()
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const texts = [
      assertion(now, {}, stranger),
      assertion(now, { iss: 'https://other.example' }),
      assertion(now, { aud: 'https://other.example' }),
      assertion(now, { aud: undefined }),
      assertion(now, { sub: undefined }),
      assertion(now, { exp: undefined }),
      assertion(now, { exp: now - 11 }),
      assertion(now, { exp: now + 4000 }),
      assertion(now, { nbf: now + 61 }),
      assertion(now, { jti: 7 }),
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`,
      'nonsense',
    ]
    for (const text of texts) assert.equal(errorOf(await bring(fakes, text)), 'invalid_grant', text)
    assert.equal((await bring(fakes, assertion(now))).status, 200)
  })
})
