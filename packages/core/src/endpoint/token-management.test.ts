import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import type { Answer } from '../protocol-error/answer.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import { fakePorts, type FakePorts, ordinary, presented, request, settings, signedJwt } from './fake-ports.test.ts'
import { createIntrospectionEndpoint } from './introspection-endpoint.ts'
import { createRevocationEndpoint } from './revocation-endpoint.ts'
import { createTokenEndpoint } from './token-endpoint.ts'

const authority = createTestAuthority()
const certificate = presented(authority.issue({ san: { dns: ['acme.example'] } }))

const acme = {
  ...ordinary,
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'acme.example',
  trust: 'partners',
}
const service = {
  client_id: 'api',
  grant_types: [],
  token_endpoint_auth_method: 'client_secret_post',
  client_secret_hash: 'hash of s',
  introspection_audience: ['https://api.example'],
}

function ports(format: 'jwt' | 'opaque', changes: object = {}): FakePorts {
  return fakePorts({
    clients: [
      { ...acme, access_token_format: format, ...changes },
      service,
      { ...service, client_id: 'other', introspection_audience: ['https://other.example'] },
      { ...service, client_id: 'all', introspection_audience: '*' },
      {
        client_id: 'public',
        token_endpoint_auth_method: 'none',
        grant_types: ['client_credentials'],
        dangerously_allow_public_client_credentials: true,
        binding: 'required',
        access_token_format: format,
      },
    ],
    trust: { partners: [authority.rootDer] },
  })
}

const asAcme = { form: { client_id: 'acme' }, more: { certificate } }
const as = (client_id: string): { form: Readonly<Record<string, string>>; more: Partial<BackChannelRequest> } => ({
  form: { client_id, client_secret: 's' },
  more: {},
})

async function issued(fakes: FakePorts): Promise<string> {
  const answer = await createTokenEndpoint(
    fakes,
    settings,
  )(request({ grant_type: 'client_credentials', client_id: 'acme', scope: 'orders:read' }, { certificate }))
  return (JSON.parse(answer.body) as { access_token: string }).access_token
}

async function introspected(fakes: FakePorts, token: string, caller = as('api')): Promise<Answer> {
  return createIntrospectionEndpoint(fakes, settings)(request({ ...caller.form, token }, caller.more))
}

async function revoked(
  fakes: FakePorts,
  token: string,
  caller: { form: object; more: object } = asAcme,
): Promise<Answer> {
  return createRevocationEndpoint(fakes, settings)(request({ ...caller.form, token }, caller.more))
}

const inactive = '{"active":false}'

for (const format of ['jwt', 'opaque'] as const) {
  describe(`introspection of a token in ${format} form`, () => {
    test('RFC8705-M17 tells its audience all, with cnf at top level', async () => {
      const fakes = ports(format)
      const answer = await introspected(fakes, await issued(fakes))
      assert.equal(answer.status, 200)
      assert.equal(answer.headers['cache-control'], 'no-store')
      const { jti, ...body } = JSON.parse(answer.body) as Record<string, unknown>
      assert.equal(typeof jti, format === 'jwt' ? 'string' : 'undefined')
      assert.deepEqual(body, {
        active: true,
        iss: 'https://login.example',
        client_id: 'acme',
        sub: 'acme',
        aud: 'https://api.example',
        scope: 'orders:read',
        token_type: 'Bearer',
        iat: fakes.clock.now(),
        exp: fakes.clock.now() + 300,
        cnf: { 'x5t#S256': certificate.thumbprint },
      })
      assert.deepEqual(fakes.events.at(-1), {
        event: 'token_introspected',
        correlationId: fakes.events.at(-1)?.correlationId,
        at: fakes.clock.now(),
        clientId: 'api',
        certificateThumbprint: undefined,
        active: true,
        why: undefined,
      })
    })

    test('RFC7662-I1 tells its own client and whoever may know all, and nobody else', async () => {
      const fakes = ports(format)
      const token = await issued(fakes)
      assert.match((await introspected(fakes, token, asAcme)).body, /"active":true/)
      assert.match((await introspected(fakes, token, as('all'))).body, /"active":true/)
      assert.equal((await introspected(fakes, token, as('other'))).body, inactive)
      const event = fakes.events.at(-1)
      assert.equal(event?.event === 'token_introspected' && event.why, 'not_for_the_caller')
    })

    test('RFC7662-I2 ends with the token’s time, without any clean-up', async () => {
      const fakes = ports(format)
      const token = await issued(fakes)
      fakes.clock.advance(299)
      assert.match((await introspected(fakes, token)).body, /"active":true/)
      fakes.clock.advance(1)
      assert.equal((await introspected(fakes, token)).body, inactive)
    })

    test('RFC7662-I3 says nothing but inactive of a revoked token', async () => {
      const fakes = ports(format)
      const token = await issued(fakes)
      assert.equal((await revoked(fakes, token)).status, 200)
      assert.equal((await introspected(fakes, token)).body, inactive)
    })

    test('says inactive when the client has been disabled or removed', async () => {
      const fakes = ports(format)
      const token = await issued(fakes)
      const find = (change: 'disabled' | 'removed') => (id: string) => {
        const client = fakes.clients.find(id)
        assert.ok(!(client instanceof Promise))
        if (id !== 'acme' || client === undefined) return client
        return change === 'removed' ? undefined : { ...client, disabled: true }
      }
      for (const change of ['disabled', 'removed'] as const) {
        assert.equal((await introspected({ ...fakes, clients: { find: find(change) } }, token)).body, inactive)
      }
    })

    test('is refused when the store is away, never answered by guess', async () => {
      const fakes = ports(format)
      const token = await issued(fakes)
      fakes.accessTokens.breakDown()
      fakes.revokedTokens.breakDown()
      assert.equal((await introspected(fakes, token)).status, 503)
    })
  })

  describe(`revocation of a token in ${format} form`, () => {
    test('RFC7009-V1 is for the token’s own client alone', async () => {
      const fakes = ports(format)
      const token = await issued(fakes)
      const answer = await revoked(fakes, token, as('api'))
      assert.equal(answer.status, 400)
      assert.equal((JSON.parse(answer.body) as { error: string }).error, 'invalid_grant')
      assert.match((await introspected(fakes, token)).body, /"active":true/)
    })

    test('RFC7009-V2 answers a repetition as it answered the first time', async () => {
      const fakes = ports(format)
      const token = await issued(fakes)
      for (let times = 0; times < 2; times++) {
        const answer = await revoked(fakes, token)
        assert.deepEqual([answer.status, answer.body], [200, ''])
      }
    })

    test('RFC7009-V3 answers 503 when the store is away, and the token lives on', async () => {
      const fakes = ports(format)
      const token = await issued(fakes)
      fakes.accessTokens.breakDown()
      fakes.revokedTokens.breakDown()
      const answer = await revoked(fakes, token)
      assert.equal(answer.status, 503)
      assert.equal(answer.headers['retry-after'], '5')
      fakes.accessTokens.mend()
      fakes.revokedTokens.mend()
      assert.match((await introspected(fakes, token)).body, /"active":true/)
      assert.equal((await revoked(fakes, token)).status, 200)
    })

    test('RFC7009-V4 is open to public clients for their own tokens', async () => {
      const fakes = ports(format)
      const answer = await createTokenEndpoint(
        fakes,
        settings,
      )(request({ grant_type: 'client_credentials', client_id: 'public' }, { certificate }))
      const token = (JSON.parse(answer.body) as { access_token: string }).access_token
      assert.equal((await revoked(fakes, token, { form: { client_id: 'public' }, more: {} })).status, 200)
      assert.equal((await introspected(fakes, token)).body, inactive)
    })
  })
}

describe('introspection and revocation of what is no token of ours', () => {
  test('RFC7662-I3 RFC7009-V2 introspection says inactive, revocation 200', async () => {
    const fakes = ports('jwt')
    const now = fakes.clock.now()
    const claims = {
      iss: settings.issuer,
      exp: now + 60,
      aud: 'https://api.example',
      sub: 'a',
      client_id: 'acme',
      iat: now,
      jti: 'j',
    }
    const strangers = [
      'unknown',
      'a.b.c',
      'x'.repeat(20_000),
      `${'x'.repeat(20_000)}.`,
      signedJwt({ alg: 'ES256', typ: 'at+jwt', kid: 'k2' }, claims, fakes.tokenKey),
      signedJwt({ alg: 'ES256', typ: 'JWT', kid: 'k1' }, claims, fakes.tokenKey),
      `${signedJwt({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' }, claims, fakes.tokenKey).slice(0, -4)}AAAA`,
    ]
    for (const token of strangers) {
      assert.equal((await introspected(fakes, token)).body, inactive)
      assert.equal((await revoked(fakes, token)).status, 200)
    }
    const ours = signedJwt({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' }, claims, fakes.tokenKey)
    assert.match((await introspected(fakes, ours)).body, /"active":true/)
  })

  test('RFC7662-I4 RFC7009-V4 the caller must prove who he is, and a public client cannot introspect', async () => {
    const fakes = ports('jwt')
    const token = await issued(fakes)
    for (const form of [{ client_id: 'public' }, { client_id: 'api' }, { client_id: 'api', client_secret: 'x' }, {}]) {
      const answer = await introspected(fakes, token, { form, more: {} })
      assert.equal(answer.status, 401)
      assert.equal((JSON.parse(answer.body) as { error: string }).error, 'invalid_client')
    }
    assert.equal((await revoked(fakes, token, { form: { client_id: 'acme' }, more: {} })).status, 401)
  })

  test('RFC8705-M3 certificate authentication holds at introspection and revocation as well', async () => {
    const fakes = ports('jwt')
    const token = await issued(fakes)
    const stranger = presented(authority.issue({ san: { dns: ['other.example'] } }))
    for (const more of [{}, { certificate: stranger }]) {
      assert.equal((await introspected(fakes, token, { form: { client_id: 'acme' }, more })).status, 401)
      assert.equal((await revoked(fakes, token, { form: { client_id: 'acme' }, more })).status, 401)
    }
  })

  test('no token is a malformed request', async () => {
    const fakes = ports('jwt')
    for (const endpoint of [createIntrospectionEndpoint(fakes, settings), createRevocationEndpoint(fakes, settings)]) {
      const answer = await endpoint(request({ client_id: 'acme' }, { certificate }))
      assert.equal(answer.status, 400)
      assert.equal((JSON.parse(answer.body) as { error: string }).error, 'invalid_request')
    }
  })
})
