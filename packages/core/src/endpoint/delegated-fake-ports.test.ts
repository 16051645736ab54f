import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import {
  inMemoryAuthorizationStores,
  type InMemoryAuthorizationStores,
  inMemoryDecoupledAuthorizationStore,
  inMemoryOneTimeStore,
} from '@holdfast/testkit'
import { jwkThumbprintText } from '../jose/jwk-thumbprint-text.ts'
import type { AuthorizationCodeRecord } from '../port/authorization-code-store.ts'
import type { AuthorizationRecord } from '../port/authorization-store.ts'
import { authorizationCodeGrant } from './authorization-code-grant.ts'
import { decoupledGrant } from './decoupled-grant.ts'
import type { DelegatedGrantPorts, DelegatedGrantSettings } from './delegated-grant-ports.ts'
import type { BackChannelEndpoint } from './endpoint.ts'
import { fakePorts, type FakePorts, settings as serverSettings, signedJwt } from './fake-ports.test.ts'
import { jwtBearerGrant } from './jwt-bearer-grant.ts'
import { refreshTokenGrant } from './refresh-token-grant.ts'
import type { AuthorizationServerSettings } from './settings.ts'
import { tokenExchangeGrant } from './token-exchange-grant.ts'
import { createTokenEndpoint } from './token-endpoint.ts'

/** Everything in memory that a client needs who acts for people. */
export type DelegatedFakePorts = Omit<FakePorts, 'accessTokens' | 'revokedTokens'> &
  InMemoryAuthorizationStores &
  DelegatedGrantPorts & { readonly joined: string[]; readonly people: { readonly known: Map<string, object> } }

export const delegatedSettings: DelegatedGrantSettings & AuthorizationServerSettings = {
  ...serverSettings,
  signingAlgorithm: 'ES256',
  idTokenLifetime: 300,
  refreshTokenLifetime: 86_400,
  refreshTokenGrace: 60,
}

export function delegatedFakePorts(options: Parameters<typeof fakePorts>[0]): DelegatedFakePorts {
  const ports = fakePorts(options)
  const known = new Map<string, object>([
    ['alice', { name: 'Alice', email: 'alice@example.com', email_verified: true }],
  ])
  const joined: string[] = []
  const hash = { sha256, sha512: (text: string) => createHash('sha512').update(text).digest('base64url') }
  return {
    ...ports,
    ...inMemoryAuthorizationStores(ports.clock, {
      oneTime: { interaction: inMemoryOneTimeStore(ports.clock), pushed_request: inMemoryOneTimeStore(ports.clock) },
      sessions: { joined: (sessionId, clientId) => Promise.resolve(void joined.push(`${sessionId} ${clientId}`)) },
    }),
    decoupled: inMemoryDecoupledAuthorizationStore(ports.clock),
    joined,
    people: { known, claimsOf: (subject) => known.get(subject) as Readonly<Record<string, unknown>> | undefined },
    hash,
    pairwise: { identify: (sector, subject) => sha256(`${sector} ${subject}`) },
    dpop: { hash, nonces: undefined, bases: { main: 'https://login.example', mtls: 'https://mtls.login.example' } },
  }
}

export function tokenEndpoint(
  ports: DelegatedFakePorts,
  changes: Partial<DelegatedGrantSettings> = {},
): BackChannelEndpoint {
  const settings = { ...delegatedSettings, ...changes }
  return createTokenEndpoint(ports, settings, {
    authorization_code: authorizationCodeGrant(ports, settings),
    refresh_token: refreshTokenGrant(ports, settings),
    'urn:ietf:params:oauth:grant-type:device_code': decoupledGrant('device_code', ports, settings),
    'urn:openid:params:grant-type:ciba': decoupledGrant('ciba', ports, settings),
    'urn:ietf:params:oauth:grant-type:token-exchange': tokenExchangeGrant({ ...ports, delegations: ports }, settings),
    'urn:ietf:params:oauth:grant-type:jwt-bearer': jwtBearerGrant(ports, settings),
  })
}

/** Alice allowed something, and her browser took a code to the client. */
export async function codeOf(
  ports: DelegatedFakePorts,
  clientId: string,
  changes: {
    readonly code?: Partial<AuthorizationCodeRecord>
    readonly authorization?: Partial<AuthorizationRecord>
  } = {},
): Promise<{ readonly code: string; readonly authorizationId: string }> {
  const authorizationId = randomUUID()
  const now = ports.clock.now()
  await ports.authorizations.grant(authorizationId, {
    clientId,
    subject: 'alice',
    sessionId: 'sid-1',
    scope: ['openid', 'orders:read'],
    audience: ['https://api.example'],
    authentication: { time: now - 10, amr: ['pwd', 'otp'] },
    createdAt: now,
    expiresAt: now + 86_400 * 30,
    ...changes.authorization,
  })
  const { token: code, digest } = ports.opaqueTokens.create()
  await ports.authorizationCodes.issue(digest, {
    clientId,
    authorizationId,
    redirectUri: 'https://client.example/cb',
    codeChallenge: sha256(verifier),
    nonce: 'n-1',
    issuedAt: now,
    expiresAt: now + 60,
    ...changes.code,
  })
  return { code, authorizationId }
}

export const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'

/** What redeems the code of {@link codeOf}. */
export function redemption(client_id: string, code: string): Readonly<Record<string, string>> {
  const redirect_uri = 'https://client.example/cb'
  return { grant_type: 'authorization_code', client_id, code, redirect_uri, code_verifier: verifier }
}

export interface DpopKey {
  readonly key: KeyObject
  readonly jwk: Readonly<Record<string, string>>
  readonly thumbprint: string
}

export function dpopKey(): DpopKey {
  const { privateKey: key, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' }) as Readonly<Record<string, string>>
  return { key, jwk, thumbprint: sha256(jwkThumbprintText(jwk)) }
}

/** A proof for a request to the alias of the token endpoint, unless told otherwise. */
export function dpopProofOf(by: DpopKey, now: number, claims: object = {}, header: object = {}): string {
  const body = { jti: randomUUID(), htm: 'POST', htu: 'https://mtls.login.example/token', iat: now, ...claims }
  return signedJwt({ typ: 'dpop+jwt', alg: 'ES256', jwk: by.jwk, ...header }, body, by.key)
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

test('RFC 7638 §3.1: the thumbprint of its example is the one printed there', () => {
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
  assert.equal(sha256(jwkThumbprintText({ kty: 'RSA', n, e: 'AQAB' })), 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
})
