import assert from 'node:assert/strict'
import { createHash, createHmac, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { test } from 'node:test'
import { inMemoryAuthorizationStores, inMemoryOneTimeStore, inMemorySessionStore } from '@holdfast/testkit'
import { ok, type Result } from '@holdfast/x509'
import { parseClientMetadata } from '../client-registration/client-metadata.ts'
import type { SecurityProfile } from '../client-registration/security-profile.ts'
import { createAuthorizationEndpoint } from './authorization-endpoint.ts'
import type { AuthorizationSettings, Interaction, PushedRequest } from './authorization-ports.ts'
import type { AuthorizationEndpoint, AuthorizationStep, LoginSession } from './authorization-step.ts'
import type { BackChannelEndpoint } from './endpoint.ts'
import { fakePorts, type FakePorts, settings as server, signedJwt, thumbprintOf } from './fake-ports.test.ts'
import { parseFormParameters } from './form-parameters.ts'
import { createPushedAuthorizationRequestEndpoint } from './pushed-authorization-request-endpoint.ts'

/** An authorization server in memory, with a client `acme` that signs with {@link AuthorizationFakes.key}. */
export interface AuthorizationFakes {
  readonly ports: FakePorts
  readonly stores: ReturnType<typeof inMemoryAuthorizationStores>
  readonly endpoint: AuthorizationEndpoint
  readonly par: BackChannelEndpoint
  readonly pushedRequests: ReturnType<typeof inMemoryOneTimeStore<PushedRequest>>
  readonly interactions: ReturnType<typeof inMemoryOneTimeStore<Interaction>>
  readonly key: KeyObject
  /** What is found at a `request_uri`. */
  readonly published: Map<string, string>
  begin(parameters: Readonly<Record<string, string>>, session?: LoginSession): Promise<AuthorizationStep>
  /** A request object with right times, and these claims. */
  object(claims: object, header?: object, key?: KeyObject): string
}

export const redirectUri = 'https://app.example/cb'
export const challenge = createHash('sha256').update('v'.repeat(43)).digest('base64url')
/** A plain request that is right. */
export const usual = {
  client_id: 'acme',
  response_type: 'code',
  redirect_uri: redirectUri,
  scope: 'openid orders:read',
  state: 's1',
  nonce: 'n1',
  code_challenge: challenge,
  code_challenge_method: 'S256',
}

export function authorizationFakes(client: object = {}, profile: SecurityProfile = 'none'): AuthorizationFakes {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ports = fakePorts({ clients: [] })
  const acme = {
    client_id: 'acme',
    client_name: 'Acme',
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'a1', alg: 'ES256' }] },
    grant_types: ['authorization_code'],
    response_types: ['code', 'code id_token'],
    redirect_uris: [redirectUri],
    scope: 'openid orders:read orders:write',
    ...client,
  }
  const clients = new Map(
    [acme, { ...acme, client_id: 'other' }].map((record) => [record.client_id, registered(record)]),
  )
  const pushedRequests = inMemoryOneTimeStore<PushedRequest>(ports.clock)
  const interactions = inMemoryOneTimeStore<Interaction>(ports.clock)
  const stores = inMemoryAuthorizationStores(ports.clock, {
    oneTime: { interaction: interactions, pushed_request: pushedRequests },
    sessions: inMemorySessionStore(ports.clock),
  })
  const published = new Map<string, string>()
  const all = {
    ...ports,
    clients: { find: (clientId: string) => clients.get(clientId) },
    hash: {
      sha256: (text: string) => createHash('sha256').update(text).digest('base64url'),
      sha512: (text: string) => createHash('sha512').update(text).digest('base64url'),
    },
    requestObjects: {
      fetch: (uri: string): Result<string, { readonly problem: string }> => {
        const text = published.get(uri)
        return text === undefined ? { ok: false, failure: { problem: 'status 404' } } : ok(text)
      },
    },
    pushedRequests,
    interactions,
    authorizations: stores.authorizations,
    pairwise: {
      identify: (sector: string, subject: string) =>
        createHmac('sha256', 'secret').update(`${sector} ${subject}`).digest('base64url'),
    },
  }
  const settings: AuthorizationSettings = {
    issuer: server.issuer,
    profile,
    defaultAudience: ['https://api.example'],
    authorizationDetails: new Map([['payment', { required: ['amount'], optional: [] }]]),
    signingAlgorithm: 'ES256',
    lifetimes: { pushedRequest: 90, interaction: 1800, code: 60, idToken: 300, authorization: 86_400 },
  }
  const endpoint = createAuthorizationEndpoint(all, settings)
  return {
    ports,
    stores,
    endpoint,
    pushedRequests,
    interactions,
    published,
    key: privateKey,
    par: createPushedAuthorizationRequestEndpoint(all, { ...server, assertionAudiences: [] }, settings),
    begin: (parameters, session) =>
      endpoint.begin({
        parameters: parseFormParameters(new URLSearchParams(parameters).toString()),
        session,
        correlationId: 'r1',
      }),
    object: (claims, header = {}, key = privateKey) => {
      const now = ports.clock.now()
      const times = { iss: 'acme', aud: server.issuer, nbf: now, exp: now + 300 }
      return signedJwt({ alg: 'ES256', kid: 'a1', ...header }, { ...times, ...claims }, key)
    },
  }
}

export function registered(record: object): ReturnType<typeof parsed> {
  return parsed(record)
}

function parsed(record: object): Extract<ReturnType<typeof parseClientMetadata>, { ok: true }>['value'] {
  const client = parseClientMetadata(record, {
    authenticationMethods: server.authenticationMethods,
    grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
    trust: [],
    unknownMembers: 'refuse',
    thumbprint: thumbprintOf,
    authorization: {
      responseTypes: ['code', 'code id_token'],
      signingAlgorithms: ['ES256'],
      requestAlgorithms: ['ES256', 'PS256', 'RS256'],
      authorizationDetailsTypes: ['payment'],
      pairwiseSubjects: 'offered',
    },
  })
  assert.ok(client.ok, JSON.stringify(client.ok ? '' : client.failure))
  return client.value
}

/** Somebody who logged in that many seconds ago. */
export function session(fakes: AuthorizationFakes, seconds = 60, subject = 'alice', acr?: string): LoginSession {
  return {
    digest: `digest of ${subject}`,
    sessionId: `session of ${subject}`,
    subject,
    authentication: { time: fakes.ports.clock.now() - seconds, amr: ['pwd'], ...(acr === undefined ? {} : { acr }) },
  }
}

/** The parameters of an answer to the client, from the query or the fragment. */
export function answered(step: AuthorizationStep): URLSearchParams {
  assert.equal(step.kind, 'redirect', JSON.stringify(step))
  assert.ok(step.kind === 'redirect')
  assert.ok(step.location.startsWith(redirectUri), step.location)
  const url = new URL(step.location)
  return url.hash === '' ? url.searchParams : new URLSearchParams(url.hash.slice(1))
}

/** Why our own page is shown. */
export function told(step: AuthorizationStep): string {
  return step.kind === 'error' ? step.failure.reason : `no error page but ${JSON.stringify(step)}`
}

/** The handle of a page that is shown. */
export function pageOf(step: AuthorizationStep, kind: 'login' | 'consent'): string {
  assert.equal(step.kind, kind, JSON.stringify(step))
  assert.ok(step.kind === 'login' || step.kind === 'consent')
  return step.interaction
}

/** A client assertion of `acme`, for the endpoint that takes pushed requests. */
export function assertion(fakes: AuthorizationFakes): Readonly<Record<string, string>> {
  const now = fakes.ports.clock.now()
  const jti = fakes.ports.random.identifier()
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: signedJwt(
      { alg: 'ES256', kid: 'a1' },
      { iss: 'acme', sub: 'acme', aud: server.issuer, exp: now + 60, iat: now, jti },
      fakes.key,
    ),
  }
}

test('the fake client is one that the endpoint knows', async () => {
  const fakes = authorizationFakes()
  assert.equal((await fakes.begin(usual)).kind, 'login')
})
