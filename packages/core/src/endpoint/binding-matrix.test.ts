import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import { createSelfSignedCertificate, createTestAuthority } from '@holdfast/testkit'
import type { GrantType } from '../client-registration/registered-client.ts'
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
import { claimsOf, errorOf, presented, request, signedJwt, tokenOf } from './fake-ports.test.ts'
import { createIntrospectionEndpoint } from './introspection-endpoint.ts'
import { createRevocationEndpoint } from './revocation-endpoint.ts'
import { createUserinfoEndpoint } from './userinfo-endpoint.ts'

const authority = createTestAuthority()
const trusted = presented(authority.issue({ san: { dns: ['acme.example'] } }))
const own = createSelfSignedCertificate({ commonName: 'acme' })
const selfSigned = presented(own)
const assertionKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = dpopKey()

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
const grantTypes: readonly GrantType[] = [
  'client_credentials',
  'authorization_code',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:openid:params:grant-type:ciba',
  exchange,
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
]
const jwk = { ...assertionKey.publicKey.export({ format: 'jwk' }), kid: 'k1' }

/** Each method: how it is registered, what it puts into a request, and with which certificate a client comes that has one. */
const methods = {
  tls_client_auth: {
    metadata: { tls_client_auth_san_dns: 'acme.example', trust: 'partners' },
    credentials: () => ({}),
    certificate: trusted,
  },
  self_signed_tls_client_auth: {
    metadata: { certificate_thumbprints: [selfSigned.thumbprint] },
    credentials: () => ({}),
    certificate: selfSigned,
  },
  private_key_jwt: {
    metadata: { jwks: { keys: [jwk] } },
    credentials: (now: number) => ({
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: signedJwt(
        { alg: 'ES256', kid: 'k1' },
        { iss: 'acme', sub: 'acme', aud: 'https://login.example', exp: now + 60, jti: randomUUID() },
        assertionKey.privateKey,
      ),
    }),
    certificate: trusted,
  },
  client_secret_post: {
    metadata: { client_secret_hash: 'hash of s' },
    credentials: () => ({ client_secret: 's' }),
    certificate: trusted,
  },
  none: { metadata: {}, credentials: () => ({}), certificate: selfSigned },
} as const
type Method = keyof typeof methods

const modes = {
  off: { binding: 'off' },
  if_present: { binding: 'if_present' },
  required: { binding: 'required' },
  dpop_required: { binding: 'if_present', dpop_bound_access_tokens: true },
  both_required: { binding: 'required', dpop_bound_access_tokens: true },
} as const
type Mode = keyof typeof modes

const holdings = ['nothing', 'certificate', 'proof', 'certificate_and_proof'] as const
type Holding = (typeof holdings)[number]

function ports(method: Method, mode: Mode): DelegatedFakePorts {
  // RFC 6749 §4.4: no client credentials for public clients.
  const grants = method === 'none' ? grantTypes.filter((one) => one !== 'client_credentials') : grantTypes
  return delegatedFakePorts({
    clients: [
      {
        client_id: 'acme',
        token_endpoint_auth_method: method,
        grant_types: grants,
        scope: 'openid orders:read',
        backchannel_token_delivery_mode: 'poll',
        assertion_issuers: [{ issuer: 'https://idp.example', jwks: { keys: [jwk] } }],
        ...methods[method].metadata,
        ...modes[mode],
      },
    ],
    trust: { partners: [authority.rootDer] },
  })
}

function held(fakes: DelegatedFakePorts, method: Method, holding: Holding): Partial<BackChannelRequest> {
  return {
    role: 'mtls',
    ...(holding.startsWith('certificate') ? { certificate: methods[method].certificate } : {}),
    ...(holding.endsWith('proof') ? { dpop: dpopProofOf(key, fakes.clock.now()) } : {}),
  }
}

/** What is to come of it, by the rules alone. */
function expected(
  method: Method,
  mode: Mode,
  holding: Holding,
): { readonly error: string } | { readonly cnf: object | undefined } {
  const certificate = holding.startsWith('certificate')
  const byCertificate = method === 'tls_client_auth' || method === 'self_signed_tls_client_auth'
  if (byCertificate && !certificate) return { error: 'invalid_client' }
  if ((mode === 'required' || mode === 'both_required') && !certificate) return { error: 'invalid_request' }
  if (holding.endsWith('proof')) return { cnf: { jkt: key.thumbprint } }
  if (mode === 'dpop_required' || mode === 'both_required') return { error: 'invalid_dpop_proof' }
  return certificate && mode !== 'off'
    ? { cnf: { 'x5t#S256': methods[method].certificate.thumbprint } }
    : { cnf: undefined }
}

/** What a grant is asked with: everything before it is done by somebody who holds all that can be held. */
async function formOf(fakes: DelegatedFakePorts, grant: GrantType): Promise<object> {
  const now = fakes.clock.now()
  switch (grant) {
    case 'client_credentials':
      return { grant_type: grant }
    case 'authorization_code':
      return redemption('acme', (await codeOf(fakes, 'acme')).code)
    case 'refresh_token': {
      const { authorizationId } = await codeOf(fakes, 'acme')
      const { token, digest } = fakes.opaqueTokens.create()
      const scope = ['openid', 'orders:read']
      await fakes.refreshTokens.issue(digest, {
        clientId: 'acme',
        authorizationId,
        scope,
        issuedAt: now,
        expiresAt: now + 60,
      })
      return { grant_type: grant, refresh_token: token }
    }
    case 'urn:ietf:params:oauth:grant-type:device_code':
    case 'urn:openid:params:grant-type:ciba': {
      const { authorizationId } = await codeOf(fakes, 'acme')
      const { token, digest } = fakes.opaqueTokens.create()
      const device = grant.endsWith('device_code')
      const common = { clientId: 'acme', scope: ['openid'], audience: ['https://api.example'], interval: 5 }
      await fakes.decoupled.request(digest, {
        ...common,
        kind: device ? 'device_code' : 'ciba',
        issuedAt: now,
        expiresAt: now + 60,
      })
      await fakes.decoupled.decide(digest, { authorizationId })
      return { grant_type: grant, [device ? 'device_code' : 'auth_req_id']: token }
    }
    case exchange: {
      const { authorizationId } = await codeOf(fakes, 'acme')
      const { token, digest } = fakes.opaqueTokens.create()
      await fakes.accessTokens.issue(digest, {
        clientId: 'acme',
        subject: 'alice',
        scope: ['openid'],
        audience: ['https://api.example'],
        issuedAt: now,
        expiresAt: now + 60,
        authorizationId,
      })
      const type = 'urn:ietf:params:oauth:token-type:access_token'
      return { grant_type: grant, subject_token: token, subject_token_type: type }
    }
    case 'urn:ietf:params:oauth:grant-type:jwt-bearer': {
      const claims = {
        iss: 'https://idp.example',
        sub: 'carol',
        aud: 'https://login.example',
        exp: now + 60,
        jti: randomUUID(),
      }
      return { grant_type: grant, assertion: signedJwt({ alg: 'ES256', kid: 'k1' }, claims, assertionKey.privateKey) }
    }
  }
}

for (const method of Object.keys(methods) as Method[]) {
  describe(`tokens of a client with ${method}`, () => {
    for (const grant of grantTypes) {
      if (method === 'none' && (grant === 'client_credentials' || grant === exchange)) continue
      for (const mode of Object.keys(modes) as Mode[]) {
        for (const holding of holdings) {
          const outcome = expected(method, mode, holding)
          test(`${grant.replace(/.*:/, '')}, binding ${mode}, with ${holding}: ${JSON.stringify(outcome)}`, async () => {
            const fakes = ports(method, mode)
            const form = await formOf(fakes, grant)
            const credentials = methods[method].credentials(fakes.clock.now())
            const ask = (more: Partial<BackChannelRequest>, proof = credentials): Promise<Answer> =>
              tokenEndpoint(fakes)(request({ ...form, client_id: 'acme', ...proof }, more))
            const answer = await ask(held(fakes, method, holding))
            if ('error' in outcome) {
              assert.ok(answer.status >= 400, answer.body)
              assert.equal(errorOf(answer), outcome.error)
              // What was refused for its binding is not used up: its owner comes again and is served.
              const again = await ask(
                held(fakes, method, 'certificate_and_proof'),
                methods[method].credentials(fakes.clock.now()),
              )
              assert.equal(again.status, 200, again.body)
              return
            }
            assert.deepEqual(claimsOf(tokenOf(answer))['cnf'], outcome.cnf)
            const type = outcome.cnf !== undefined && 'jkt' in outcome.cnf ? 'DPoP' : 'Bearer'
            assert.equal((JSON.parse(answer.body) as { token_type: string }).token_type, type)
          })
        }
      }
    }
  })
}

describe('a token at userinfo', () => {
  for (const issuedWith of holdings) {
    for (const shownWith of holdings) {
      test(`issued with ${issuedWith}, shown with ${shownWith}`, async () => {
        const fakes = ports('client_secret_post', 'if_present')
        const { code } = await codeOf(fakes, 'acme')
        const form = { ...redemption('acme', code), client_secret: 's' }
        const token = tokenOf(await tokenEndpoint(fakes)(request(form, held(fakes, 'client_secret_post', issuedWith))))
        const boundTo = issuedWith.endsWith('proof') ? 'key' : issuedWith === 'certificate' ? 'certificate' : 'nothing'
        const { certificate } = held(fakes, 'client_secret_post', shownWith)
        const byProof = shownWith.endsWith('proof')
        const dpop = dpopProofOf(key, fakes.clock.now(), {
          htm: 'GET',
          htu: 'https://mtls.login.example/userinfo',
          ath: sha256(token),
        })
        const answer = await createUserinfoEndpoint(
          fakes,
          delegatedSettings,
        )({
          method: 'GET',
          role: 'mtls',
          authorization: `${byProof ? 'DPoP' : 'Bearer'} ${token}`,
          certificate,
          ...(byProof ? { dpop } : {}),
        })
        const passes = boundTo === 'key' ? byProof : !byProof && (boundTo === 'nothing' || certificate !== undefined)
        assert.equal(answer.status, passes ? 200 : 401, answer.body)
      })
    }
  }
})

describe('every endpoint where clients authenticate', () => {
  const settings = {
    ...delegatedSettings,
    verificationUri: 'https://login.example/device',
    deviceCodeLifetime: 600,
    pollInterval: 5,
    authenticationRequestLifetime: 300,
    profile: 'none',
  } as const
  const endpoints: Readonly<Record<string, (fakes: DelegatedFakePorts) => BackChannelEndpoint>> = {
    token: (fakes) => tokenEndpoint(fakes),
    introspection: (fakes) => createIntrospectionEndpoint(fakes, settings),
    revocation: (fakes) => createRevocationEndpoint(fakes, settings),
    device_authorization: (fakes) => createDeviceAuthorizationEndpoint(fakes, settings),
    backchannel_authentication: (fakes) =>
      createBackchannelAuthenticationEndpoint({ ...fakes, hints: { subjectOf: () => 'alice' } }, settings),
  }
  const form = { client_id: 'acme', token: 'x', scope: 'openid', login_hint: 'alice', grant_type: 'client_credentials' }
  for (const [name, endpoint] of Object.entries(endpoints)) {
    for (const method of Object.keys(methods) as Method[]) {
      if (method === 'none') continue
      test(`RFC8705-M3 ${name} knows a client with ${method} by its proof alone`, async () => {
        const fakes = ports(method, 'if_present')
        const { credentials, certificate } = methods[method]
        const good = request({ ...form, ...credentials(fakes.clock.now()) }, { certificate })
        assert.equal((await endpoint(fakes)(good)).status, 200)
        const stranger = presented(createSelfSignedCertificate({ commonName: 'acme' }))
        for (const more of [{}, { certificate: stranger }]) {
          const answer = await endpoint(fakes)(request({ ...form, client_secret: 'wrong' }, more))
          assert.deepEqual([answer.status, errorOf(answer)], [401, 'invalid_client'])
        }
      })
    }
  }
})
