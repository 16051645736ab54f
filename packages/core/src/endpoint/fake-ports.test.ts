import assert from 'node:assert/strict'
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import { test } from 'node:test'
import { createAnchorSet, ok, parseCertificate } from '@holdfast/x509'
import {
  fixedClock,
  type FixedClock,
  inMemoryAccessTokenStore,
  inMemoryReplayStore,
  inMemoryRevokedTokenStore,
  type TestCertificate,
} from '@holdfast/testkit'
import type { CertificateThumbprint, PresentedCertificate } from '../client-certificate/presented-certificate.ts'
import type { TrustProfile } from '../client-certificate/trust-profile.ts'
import { parseClientMetadata } from '../client-registration/client-metadata.ts'
import type { ClientKeys } from '../client-registration/client-keys.ts'
import type { RegisteredClient } from '../client-registration/registered-client.ts'
import type { Answer } from '../protocol-error/answer.ts'
import type { AuditEvent } from '../port/audit.ts'
import type { BoundCertificate } from '../port/bound-certificates.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import { parseFormParameters } from './form-parameters.ts'
import type { TokenEndpointPorts, TokenManagementPorts } from './ports.ts'
import type { AuthorizationServerSettings } from './settings.ts'

/** Ports by hand for the tests of the sequences: everything in memory, everything can be looked at and told to fail. */
export interface FakePorts extends TokenEndpointPorts, TokenManagementPorts {
  readonly clock: FixedClock
  readonly events: AuditEvent[]
  readonly secretComparisons: { readonly secret: string; readonly known: boolean }[]
  readonly accessTokens: ReturnType<typeof inMemoryAccessTokenStore>
  readonly revokedTokens: ReturnType<typeof inMemoryRevokedTokenStore>
  readonly replays: ReturnType<typeof inMemoryReplayStore>
  readonly profiles: Map<string, TrustProfile>
  readonly publishedKeys: Map<string, { now: ClientKeys; afresh?: ClientKeys }>
  readonly tokenKey: KeyObject
}

export function fakePorts(options: {
  readonly clients: readonly object[]
  readonly trust?: Readonly<Record<string, readonly Uint8Array[]>>
}): FakePorts {
  const trust = Object.entries(options.trust ?? {})
  const profiles = new Map(trust.map(([name, anchors]) => [name, trustProfile(name, anchors)]))
  const clients = new Map(options.clients.map((metadata) => registered(metadata, [...profiles.keys()])))
  const { privateKey: tokenKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const events: AuditEvent[] = []
  const secretComparisons: { secret: string; known: boolean }[] = []
  const publishedKeys = new Map<string, { now: ClientKeys; afresh?: ClientKeys }>()
  const keysOf = (uri: string): { now: ClientKeys; afresh?: ClientKeys } => {
    const keys = publishedKeys.get(uri)
    if (keys === undefined) throw new Error('the jwks_uri is not in this test')
    return keys
  }
  const clock = fixedClock()
  const bound = new Map<string, BoundCertificate>()
  return {
    clock,
    profiles,
    random: { identifier: () => randomBytes(16).toString('base64url') },
    events,
    audit: { record: (event) => void events.push(event) },
    clients: { find: (clientId) => clients.get(clientId) },
    certificates: {
      leaf: (presented) => parseCertificate(presented.der),
      chain: (presented) =>
        presented.chain.flatMap((der) => {
          const certificate = parseCertificate(der)
          return certificate.ok ? [certificate.value] : []
        }),
    },
    anchors: { find: (name) => profiles.get(name) },
    publishedKeys,
    registeredKeys: {
      keys: (uri) => ok(keysOf(uri).now),
      keysAfresh: (uri) => ok(keysOf(uri).afresh ?? keysOf(uri).now),
    },
    assertions: {
      verify: (jws, algorithm, key) =>
        algorithm === 'ES256' &&
        verify(
          'sha256',
          Buffer.from(jws.signingInput),
          { key: createPublicKey({ key: key.publicJwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
          jws.signature,
        ),
    },
    replays: inMemoryReplayStore(clock),
    secretComparisons,
    secrets: {
      verify: (secret, hash) => {
        secretComparisons.push({ secret, known: hash !== undefined })
        return hash === `hash of ${secret}`
      },
    },
    tokenKey,
    signer: { sign: (typ, payload) => signedJwt({ alg: 'ES256', typ, kid: 'k1' }, payload, tokenKey) },
    verifier: {
      verify: (jws) => {
        if (jws.header.kid !== 'k1') return 'key_unknown'
        const key = { key: createPublicKey(tokenKey), dsaEncoding: 'ieee-p1363' } as const
        return verify('sha256', Buffer.from(jws.signingInput), key, jws.signature) ? 'verified' : 'signature_invalid'
      },
    },
    opaqueTokens: {
      create: () => {
        const token = randomBytes(32).toString('base64url')
        return { token, digest: sha256(token) }
      },
      digest: sha256,
    },
    accessTokens: inMemoryAccessTokenStore(),
    boundCertificates: {
      remember: (thumbprint, certificate) => void bound.set(thumbprint, certificate),
      find: (thumbprint) => bound.get(thumbprint),
    },
    revokedTokens: inMemoryRevokedTokenStore(),
  }
}

const grantTypes: AuthorizationServerSettings['grantTypes'] = [
  'client_credentials',
  'authorization_code',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:openid:params:grant-type:ciba',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
]

export const settings: AuthorizationServerSettings = {
  issuer: 'https://login.example',
  assertionAudiences: ['https://login.example/token', 'https://mtls.login.example/token'],
  authenticationMethods: [
    'tls_client_auth',
    'self_signed_tls_client_auth',
    'private_key_jwt',
    'client_secret_basic',
    'client_secret_post',
    'none',
  ],
  grantTypes,
  accessToken: { format: 'jwt', lifetime: 300, audience: ['https://api.example'] },
}

/** A client with everything it needs but its way to authenticate. */
export const ordinary = { client_id: 'acme', grant_types: ['client_credentials'], scope: 'orders:read orders:write' }

export function request(
  form: Readonly<Record<string, string>>,
  more: Partial<BackChannelRequest> = {},
): BackChannelRequest {
  return { form: parseFormParameters(new URLSearchParams(form).toString()), role: 'mtls', ...more }
}

/** As the edge would present it, after a handshake. */
export function presented(certificate: Pick<TestCertificate, 'der' | 'chain'>): PresentedCertificate {
  return {
    der: certificate.der,
    thumbprint: thumbprintOf(certificate.der),
    chain: certificate.chain,
    source: { kind: 'handshake', serverName: 'mtls.login.example', resumed: false },
  } as unknown as PresentedCertificate
}

export function thumbprintOf(der: Uint8Array): CertificateThumbprint {
  return createHash('sha256').update(der).digest('base64url') as CertificateThumbprint
}

export function registered(metadata: object, trust: readonly string[]): readonly [string, RegisteredClient] {
  const client = parseClientMetadata(metadata, {
    authenticationMethods: settings.authenticationMethods,
    grantTypes: settings.grantTypes,
    trust,
    unknownMembers: 'refuse',
    thumbprint: thumbprintOf,
  })
  assert.ok(client.ok, JSON.stringify(client.ok ? '' : client.failure))
  return [client.value.clientId, client.value]
}

export function trustProfile(name: string, anchors: readonly Uint8Array[]): TrustProfile {
  const set = createAnchorSet({ name, anchors })
  assert.ok(set.ok)
  return { anchors: set.value, paths: new Map() }
}

export function signedJwt(header: object, claims: object | string, key: KeyObject): string {
  const payload = typeof claims === 'string' ? claims : JSON.stringify(claims)
  const input = `${encode(JSON.stringify(header))}.${encode(payload)}`
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

/** The claims of a JWT, for looking at what was issued. */
export function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>
}

export function errorOf(answer: Answer): string {
  return (JSON.parse(answer.body) as { error: string }).error
}

export function tokenOf(answer: Answer): string {
  assert.equal(answer.status, 200, answer.body)
  return (JSON.parse(answer.body) as { access_token: string }).access_token
}

export function reasonOf(ports: FakePorts): string {
  const event = ports.events.at(-1)
  return event?.event === 'request_refused' ? event.failure.reason : `no refusal but ${event?.event}`
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

test('the fake signer makes tokens that the fake verifier knows', async () => {
  const ports = fakePorts({ clients: [] })
  const jwt = await ports.signer.sign('at+jwt', '{"a":1}')
  assert.deepEqual(claimsOf(jwt), { a: 1 })
})
