/**
 * What each grant costs by itself, without HTTP and TLS: CPU time per token on one thread, with a SQLite file and real keys.
 *
 *   node --conditions=holdfast-source packages/server/bench/grants.bench.ts
 */
import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BackChannelRequest, TokenEndpointPorts, TokenManagementPorts } from '@holdfast/core'
import { parseFormParameters } from '@holdfast/core'
import { createSelfSignedCertificate, createTestAuthority } from '@holdfast/testkit'
import { load, writeTestConfiguration } from '../conformance/test-server.ts'
import { createAssertionVerifier } from '../src/adapter/assertion-verifier.ts'
import { createCertificateReader } from '../src/adapter/certificate-reader.ts'
import { createRandomIdentifiers } from '../src/adapter/random-identifiers.ts'
import { systemClock } from '../src/adapter/system-clock.ts'
import { createSecretVerifier } from '../src/client-secret/create-secret-verifier.ts'
import { createGrants } from '../src/interactive/grants.ts'
import { openConfiguredKeys } from '../src/keys/open-configured-keys.ts'
import { authorizationServerSettings } from '../src/live-settings.ts'
import { loadMaterial } from '../src/material/load-material.ts'
import { openStore } from '../src/store/open-store.ts'

const each = 4_000
const atOnce = 32
const verifier = 'v'.repeat(43)
const common = { grant_types: ['client_credentials', 'authorization_code', 'refresh_token'], scope: 'orders:read' }
const redirect_uris = ['https://client.test/cb']
const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
const authority = createTestAuthority()
const { der, thumbprint } = createSelfSignedCertificate({ commonName: 'client' })
const source = { kind: 'handshake', serverName: 'mtls.as.test', resumed: false }
const certificate = { der, thumbprint, chain: [], source } as unknown as BackChannelRequest['certificate']
const { file } = writeTestConfiguration(directory, authority, {
  clients: [
    {
      ...common,
      client_id: 'pinned',
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      certificate_thumbprints: [thumbprint],
      dangerously_ignore_certificate_dates: true,
      redirect_uris,
    },
    {
      ...common,
      client_id: 'public',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris,
    },
  ],
  more: { people: { users: [] } },
})

const configuration = load(file)
const material = loadMaterial(configuration)
if (!material.ok) throw new Error('the configuration is of no use')
const store = await openStore(configuration, systemClock)
const stores = await store.people()
const keyRing = await openConfiguredKeys(configuration, material.value.masterKeys, store, systemClock, {
  resealed: () => undefined,
  problem: (cause) => {
    throw cause
  },
})
const random = createRandomIdentifiers()
const away = (): never => {
  throw new Error('not used here')
}
const ports: TokenEndpointPorts & TokenManagementPorts = {
  clock: systemClock,
  random,
  opaqueTokens: random,
  audit: { record: () => undefined },
  clients: configuration.clients,
  anchors: { find: () => undefined },
  certificates: createCertificateReader(100),
  registeredKeys: { keys: away, keysAfresh: away },
  assertions: createAssertionVerifier(),
  replays: store.replay,
  secrets: createSecretVerifier(),
  signer: keyRing.signer,
  verifier: keyRing.verifier,
  accessTokens: store.accessTokens,
  revokedTokens: store.revokedTokens,
  boundCertificates: store.boundCertificates,
}
const people = { claimsOf: () => ({}), subjectOf: () => undefined }
const { endpoints } = createGrants(configuration, ports, authorizationServerSettings(configuration), stores, people)

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** What stands in the store when a person has allowed something. */
async function authorization(clientId: string): Promise<string> {
  const id = randomUUID()
  const now = systemClock.now()
  await stores.authorizations.grant(id, {
    clientId,
    subject: 'alice',
    scope: ['orders:read'],
    audience: ['https://as.test'],
    authentication: { time: now, amr: ['pwd'] },
    createdAt: now,
    expiresAt: now + 86_400,
  })
  return id
}

async function code(clientId: string): Promise<Readonly<Record<string, string>>> {
  const authorizationId = await authorization(clientId)
  const { token, digest } = random.create()
  const now = systemClock.now()
  const redirectUri = 'https://client.test/cb'
  const codeChallenge = sha256(verifier)
  const record = { clientId, authorizationId, redirectUri, codeChallenge, issuedAt: now, expiresAt: now + 600 }
  await stores.authorizationCodes.issue(digest, record)
  const form = { grant_type: 'authorization_code', client_id: clientId, code: token }
  return { ...form, redirect_uri: redirectUri, code_verifier: verifier }
}

async function refreshToken(clientId: string): Promise<Readonly<Record<string, string>>> {
  const authorizationId = await authorization(clientId)
  const { token, digest } = random.create()
  const now = systemClock.now()
  const record = { clientId, authorizationId, scope: ['orders:read'], issuedAt: now, expiresAt: now + 600 }
  await stores.refreshTokens.issue(digest, record)
  return { grant_type: 'refresh_token', client_id: clientId, refresh_token: token }
}

type Form = Readonly<Record<string, string>>

async function measure(what: string, forms: readonly Form[]): Promise<void> {
  const requests = forms.map((form) => new URLSearchParams(form).toString())
  const warm = requests.splice(0, requests.length / 5)
  await all(warm)
  const before = process.cpuUsage()
  const began = performance.now()
  await all(requests)
  const { user, system } = process.cpuUsage(before)
  const wall = ((performance.now() - began) * 1000) / requests.length
  const cpu = (user + system) / requests.length
  process.stdout.write(`${what.padEnd(44)}${cpu.toFixed(0).padStart(6)} µs CPU${wall.toFixed(0).padStart(7)} µs wall\n`)
}

/** So many at once as connections would bring. */
async function all(requests: readonly string[]): Promise<void> {
  const waiting = requests.values()
  const one = async (): Promise<void> => {
    for (const body of waiting) {
      const answer = await endpoints.token({ form: parseFormParameters(body), certificate, role: 'mtls' })
      if (answer.status !== 200) throw new Error(answer.body)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, one))
}

const many = <Value>(make: () => Promise<Value>): Promise<readonly Value[]> =>
  Promise.all(Array.from({ length: each }, make))

try {
  const kept = await refreshToken('pinned')
  await measure(
    'client credentials',
    Array.from({ length: each }, () => ({ grant_type: 'client_credentials', client_id: 'pinned' })),
  )
  await measure('authorization code, with refresh token', await many(() => code('pinned')))
  await measure(
    'refresh token of a confidential client, kept',
    Array.from({ length: each }, () => kept),
  )
  await measure('refresh token of a public client, rotated', await many(() => refreshToken('public')))
} finally {
  keyRing.close()
  await store.close()
  rmSync(directory, { recursive: true })
}
