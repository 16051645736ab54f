import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createSelfSignedCertificate, createTestAuthority } from '@holdfast/testkit'
import type { Answer } from '../protocol-error/answer.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import { createBackchannelAuthenticationEndpoint } from './backchannel-authentication-endpoint.ts'
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
import { createDeviceAuthorizationEndpoint } from './device-authorization-endpoint.ts'
import type { BackChannelEndpoint } from './endpoint.ts'
import { errorOf, presented, request, tokenOf } from './fake-ports.test.ts'
import { createIntrospectionEndpoint } from './introspection-endpoint.ts'
import { createPushedAuthorizationRequestEndpoint } from './pushed-authorization-request-endpoint.ts'
import { createRevocationEndpoint } from './revocation-endpoint.ts'
import { createUserinfoEndpoint } from './userinfo-endpoint.ts'

const authority = createTestAuthority()
const own = presented(authority.issue({ san: { dns: ['acme.example'] } }))
const renamed = presented(authority.issue({ san: { dns: ['other.example'] } }))
const stranger = presented(createSelfSignedCertificate({ commonName: 'acme', san: { dns: ['acme.example'] } }))
const key = dpopKey()

const secret = { token_endpoint_auth_method: 'client_secret_post', client_secret_hash: 'hash of s' }
const grants = {
  grant_types: [
    'client_credentials',
    'authorization_code',
    'refresh_token',
    'urn:ietf:params:oauth:grant-type:device_code',
    'urn:openid:params:grant-type:ciba',
    'urn:ietf:params:oauth:grant-type:token-exchange',
  ],
  redirect_uris: ['https://client.example/cb'],
  scope: 'openid orders:read',
  backchannel_token_delivery_mode: 'poll',
}
const byCertificate = { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'acme.example' }
const moving = { binding: 'off', report_only_authentication: { ...byCertificate, trust: 'partners' } }

function ports(members: object): DelegatedFakePorts {
  return delegatedFakePorts({
    clients: [{ client_id: 'acme', ...secret, ...grants, ...members }],
    trust: { partners: [authority.rootDer] },
  })
}

/** What was reported, by endpoint and reason. */
function reported(fakes: DelegatedFakePorts): readonly string[] {
  return fakes.events.flatMap((event) =>
    event.event === 'would_have_refused' ? [`${event.endpoint}: ${event.failure.reason}`] : [],
  )
}

const settings = {
  ...delegatedSettings,
  verificationUri: 'https://login.example/device',
  deviceCodeLifetime: 600,
  pollInterval: 5,
  authenticationRequestLifetime: 300,
  profile: 'none',
} as const
const form = {
  client_id: 'acme',
  token: 'x',
  scope: 'openid',
  login_hint: 'alice',
  grant_type: 'client_credentials',
  response_type: 'code',
  redirect_uri: 'https://client.example/cb',
  code_challenge: sha256('verifier'),
  code_challenge_method: 'S256',
}
const endpoints: Readonly<Record<string, (fakes: DelegatedFakePorts) => BackChannelEndpoint>> = {
  token: (fakes) => tokenEndpoint(fakes),
  introspection: (fakes) => createIntrospectionEndpoint(fakes, settings),
  revocation: (fakes) => createRevocationEndpoint(fakes, settings),
  device_authorization: (fakes) => createDeviceAuthorizationEndpoint(fakes, settings),
  backchannel_authentication: (fakes) =>
    createBackchannelAuthenticationEndpoint({ ...fakes, hints: { subjectOf: () => 'alice' } }, settings),
  pushed_authorization_request: (fakes) =>
    createPushedAuthorizationRequestEndpoint(
      {
        ...fakes,
        requestObjects: { fetch: () => assert.fail('nothing to fetch') },
        pushedRequests: {
          keep: () => Promise.resolve(),
          find: () => Promise.resolve(undefined),
          take: () => Promise.resolve(undefined),
          replace: () => assert.fail('nothing to replace'),
        },
      },
      settings,
      {
        issuer: 'https://login.example',
        profile: 'none',
        defaultAudience: ['https://api.example'],
        authorizationDetails: new Map(),
        signingAlgorithm: 'ES256',
        lifetimes: { pushedRequest: 90, interaction: 600, code: 60, idToken: 300, authorization: 86_400 },
      },
    ),
}

describe('a client that is to be known by its certificate, and is known by its secret until then', () => {
  for (const [name, endpoint] of Object.entries(endpoints)) {
    const ask = (fakes: DelegatedFakePorts, more: Partial<BackChannelRequest>, proof = 's'): Promise<Answer> =>
      Promise.resolve(endpoint(fakes)(request({ ...form, client_secret: proof }, more)))

    test(`${name} answers as before, and reports who would be refused, and why`, async () => {
      const without = ports({ binding: 'off' })
      const plain = await ask(without, {})
      assert.deepEqual(reported(without), [])
      for (const [more, reason] of [
        [{ role: 'main' }, 'certificate_missing'],
        [{ certificate: stranger }, 'certificate_untrusted'],
        [{ certificate: renamed }, 'certificate_subject_mismatch'],
        [{ certificate: own }, undefined],
      ] as const) {
        const fakes = ports(moving)
        const answer = await ask(fakes, more)
        assert.equal(answer.status, plain.status, answer.body)
        assert.deepEqual(Object.keys(bodyOf(answer)), Object.keys(bodyOf(plain)))
        assert.deepEqual(reported(fakes), reason === undefined ? [] : [`${name}: ${reason}`])
      }
    })

    test(`${name} knows nobody by the certificate that is only tried`, async () => {
      for (const certificate of [own, stranger, renamed]) {
        const fakes = ports(moving)
        for (const answer of [
          await ask(fakes, { certificate }, 'wrong'),
          await endpoint(fakes)(request(form, { certificate })),
        ]) {
          assert.deepEqual([answer.status, errorOf(answer)], [401, 'invalid_client'])
        }
        assert.deepEqual(reported(fakes), [], 'who is not the client is refused, not reported')
      }
    })

    test(`${name} refuses when the report cannot be written`, async () => {
      const fakes = ports(moving)
      const audit = { record: () => Promise.reject(new Error('full')) }
      const answer = await ask({ ...fakes, audit }, {})
      assert.equal(answer.status, 503)
    })
  }

  test('the certificate of a refused header is refused, tried or not', async () => {
    const fakes = ports(moving)
    const refused = request(
      { ...form, client_secret: 's' },
      { certificateRefusal: { kind: 'header_not_expected', header: 'x-client-cert' } as never },
    )
    assert.equal((await tokenEndpoint(fakes)(refused)).status, 400)
  })

  test('a self-signed certificate is tried by its thumbprint', async () => {
    const tried = { token_endpoint_auth_method: 'self_signed_tls_client_auth' }
    const thumbprints = { certificate_thumbprints: [stranger.thumbprint] }
    const fakes = ports({ binding: 'off', report_only_authentication: { ...tried, ...thumbprints } })
    const all = { ...form, client_secret: 's' }
    await tokenEndpoint(fakes)(request(all, { certificate: stranger }))
    assert.deepEqual(reported(fakes), [])
    await tokenEndpoint(fakes)(request(all, { certificate: own }))
    assert.deepEqual(reported(fakes), ['token: certificate_not_registered'])
  })
})

describe('a client whose tokens are to be bound', () => {
  const tokenWith = async (fakes: DelegatedFakePorts, more: Partial<BackChannelRequest>): Promise<string> => {
    const { code } = await codeOf(fakes, 'acme')
    return tokenOf(await tokenEndpoint(fakes)(request({ ...redemption('acme', code), client_secret: 's' }, more)))
  }
  const show = (fakes: DelegatedFakePorts, token: string, more: Partial<BackChannelRequest>): Promise<Answer> =>
    createUserinfoEndpoint(
      fakes,
      delegatedSettings,
    )({ method: 'GET', role: 'mtls', authorization: `Bearer ${token}`, ...more })
  const proof = (fakes: DelegatedFakePorts): Partial<BackChannelRequest> => ({
    dpop: dpopProofOf(key, fakes.clock.now()),
  })

  test('RFC 8705 §3: a bound token stays bound at userinfo, whatever is tried', async () => {
    for (const [rule, more, status] of [
      ['certificate_bound', {}, 401],
      ['certificate_bound', { certificate: renamed }, 401],
      ['bound', {}, 401],
      ['dpop_bound', {}, 401],
      ['certificate_bound', { certificate: own }, 200],
    ] as const) {
      const fakes = ports({ binding: 'if_present', report_only: rule })
      const token = await tokenWith(fakes, { certificate: own })
      fakes.events.length = 0
      const answer = await show(fakes, token, more)
      assert.equal(answer.status, status, answer.body)
      assert.deepEqual(reported(fakes), [])
    }
  })

  test('userinfo reports a bearer token whose caller brings nothing to be bound by', async () => {
    const fakes = ports({ binding: 'off', report_only: 'certificate_bound' })
    const token = await tokenWith(fakes, {})
    fakes.events.length = 0
    assert.equal((await show(fakes, token, {})).status, 200)
    assert.equal((await show(fakes, token, { certificate: own })).status, 200)
    assert.deepEqual(reported(fakes), ['userinfo: binding_certificate_missing'])
  })

  test('RFC 9449 §7: a token of a key stays bound at userinfo, whatever is tried', async () => {
    for (const rule of ['dpop_bound', 'bound', 'certificate_bound'] as const) {
      const fakes = ports({ binding: 'if_present', report_only: rule })
      const token = await tokenWith(fakes, { certificate: own, ...proof(fakes) })
      assert.equal((await show(fakes, token, {})).status, 401, rule)
    }
  })

  const never: readonly (readonly [string, object, (fakes: DelegatedFakePorts) => Partial<BackChannelRequest>])[] = [
    ['where nothing is tried', { binding: 'if_present' }, () => ({})],
    [
      'where the registration demands certificates',
      { binding: 'required', report_only: 'dpop_bound' },
      () => ({ certificate: renamed }),
    ],
    [
      'where another binding is tried',
      { binding: 'if_present', report_only: 'dpop_bound' },
      () => ({ certificate: renamed }),
    ],
    [
      'when the edge would not take the certificate',
      { binding: 'if_present', report_only: 'bound' },
      () => ({ certificateRefusal: { kind: 'header_not_expected', header: 'x-client-cert' } as never }),
    ],
    [
      'when it was revoked',
      { binding: 'if_present', report_only: 'bound' },
      (fakes) => {
        fakes.revokedTokens.isRevoked = () => Promise.resolve(true)
        return {}
      },
    ],
    [
      'when it is over',
      { binding: 'if_present', report_only: 'bound' },
      (fakes) => {
        fakes.clock.advance(301)
        return {}
      },
    ],
  ]
  for (const [when, members, spoil] of never) {
    test(`a bound token in other hands is refused at userinfo ${when}`, async () => {
      const fakes = ports(members)
      const token = await tokenWith(fakes, { certificate: own })
      const answer = await show(fakes, token, spoil(fakes))
      assert.notEqual(answer.status, 200)
      assert.deepEqual(
        reported(fakes).filter((one) => one.startsWith('userinfo')),
        [],
      )
    })
  }

  test('what was bound never comes out unbound: refresh and exchange stay strict', async () => {
    const fakes = ports({ binding: 'if_present', report_only: 'bound' })
    const { code } = await codeOf(fakes, 'acme')
    const redeemed = await tokenEndpoint(fakes)(
      request({ ...redemption('acme', code), client_secret: 's' }, { certificate: own }),
    )
    const { access_token, refresh_token } = JSON.parse(redeemed.body) as Record<string, string>
    const refresh = { grant_type: 'refresh_token', refresh_token: refresh_token ?? '' }
    const exchange = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: access_token ?? '',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    }
    for (const asked of [refresh, exchange]) {
      const answer = await tokenEndpoint(fakes)(request({ client_id: 'acme', client_secret: 's', ...asked }))
      assert.equal(answer.status, 400, answer.body)
    }
  })

  test('every grant reports a request without certificate, once', async () => {
    const fakes = ports({ binding: 'off', report_only: 'certificate_bound' })
    const { code } = await codeOf(fakes, 'acme')
    const redeemed = await tokenEndpoint(fakes)(request({ ...redemption('acme', code), client_secret: 's' }))
    const { access_token, refresh_token } = JSON.parse(redeemed.body) as Record<string, string>
    for (const asked of [
      { grant_type: 'client_credentials' },
      { grant_type: 'refresh_token', refresh_token: refresh_token ?? '' },
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: access_token ?? '',
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      },
    ]) {
      fakes.events.length = 0
      const answer = await tokenEndpoint(fakes)(request({ client_id: 'acme', client_secret: 's', ...asked }))
      assert.equal(answer.status, 200, answer.body)
      assert.deepEqual(reported(fakes), ['token: binding_certificate_missing'])
    }
  })

  test('a public client whose refresh token is bound proves itself by that, tried or not', async () => {
    const fakes = ports({
      token_endpoint_auth_method: 'none',
      client_secret_hash: undefined,
      grant_types: ['authorization_code', 'refresh_token'],
      binding: 'if_present',
      report_only: 'bound',
      backchannel_token_delivery_mode: undefined,
    })
    const { code } = await codeOf(fakes, 'acme')
    const redeemed = await tokenEndpoint(fakes)(request(redemption('acme', code), { certificate: own }))
    const { refresh_token = '' } = JSON.parse(redeemed.body) as Record<string, string>
    const refresh = { grant_type: 'refresh_token', client_id: 'acme', refresh_token }
    for (const more of [{}, { certificate: renamed }]) {
      assert.equal((await tokenEndpoint(fakes)(request(refresh, more))).status, 400)
    }
  })
})

function bodyOf(answer: Answer): object {
  return answer.body === '' ? {} : (JSON.parse(answer.body) as object)
}
