import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { ClientRegistrationPorts, MetadataProblem } from '@holdfast/core'
import { inMemoryClientRegistrationStore, temporaryDirectory } from '@holdfast/testkit'
import { ok } from '@holdfast/x509'
import { createRandomIdentifiers } from '../adapter/random-identifiers.ts'
import { systemClock } from '../adapter/system-clock.ts'
import type { Configuration } from '../config/configuration.ts'
import { loadConfiguration } from '../config/load-configuration.ts'
import { openClientRegistry } from './open-client-registry.ts'
import { openRegistration, type Registration } from './open-registration.ts'

const directory = await temporaryDirectory({ after })
const file = join(directory, 'holdfast.yaml')
const secret = { token_endpoint_auth_method: 'client_secret_basic', grant_types: ['client_credentials'] }
const byName = {
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'acme.example',
  grant_types: ['client_credentials'],
}
const bearer = { ...secret, tls_client_certificate_bound_access_tokens: false }
const noMtls = { hosts: { 'as.test': { role: 'main' } } }

interface Rule {
  readonly says: string
  readonly server: object
  readonly fine: object
  readonly wrong: object
  readonly path: string
  readonly problem: RegExp
}

const rules: readonly Rule[] = [
  {
    says: 'a client that is known by its certificate needs a host that asks for one',
    server: noMtls,
    fine: bearer,
    wrong: byName,
    path: '',
    problem: /tls_client_auth needs a host of role mtls/,
  },
  {
    says: 'RFC8705-M18 bound tokens need a host that asks for certificates',
    server: noMtls,
    fine: bearer,
    wrong: { ...secret, tls_client_certificate_bound_access_tokens: true },
    path: '',
    problem: /a client with bound tokens needs a host of role mtls/,
  },
  {
    says: 'RFC9449-D24 DPoP is not demanded where it is off',
    server: { tokens: { dpop: 'off' } },
    fine: bearer,
    wrong: { ...bearer, dpop_bound_access_tokens: true },
    path: 'dpop_bound_access_tokens',
    problem: /tokens\.dpop is off/,
  },
  {
    says: 'userinfo is signed with what the server has',
    server: {},
    fine: { ...bearer, userinfo_signed_response_alg: 'ES256' },
    wrong: { ...bearer, userinfo_signed_response_alg: 'PS256' },
    path: 'userinfo_signed_response_alg',
    problem: /this server signs with ES256/,
  },
  {
    says: 'RFC9701-J11 introspection is signed with what the server has',
    server: { keys: { algorithm: 'EdDSA' } },
    fine: { ...bearer, introspection_signed_response_alg: 'EdDSA' },
    wrong: { ...bearer, introspection_signed_response_alg: 'ES256' },
    path: 'introspection_signed_response_alg',
    problem: /this server signs with EdDSA/,
  },
]

for (const { says, server, fine, wrong, path, problem } of rules) {
  describe(says, () => {
    const refuses = (problems: readonly Pick<MetadataProblem, 'path' | 'problem'>[], at: string): void => {
      assert.ok(
        problems.some((one) => one.path === at && problem.test(one.problem)),
        JSON.stringify(problems),
      )
    }
    // The secret of a file stands in it.
    const inFile = (record: object): object => ({
      client_id: 'a',
      ...record,
      ...('token_endpoint_auth_method' in record && record.token_endpoint_auth_method === 'client_secret_basic'
        ? { client_secret: 'correct horse battery' }
        : {}),
    })

    test('in the file', () => {
      assert.ok(load(server, [inFile(fine)]).ok)
      const refused = load(server, [inFile(wrong)])
      assert.ok(!refused.ok)
      refuses(refused.failure.problems, path === '' ? 'clients[0]' : `clients[0].${path}`)
    })

    test('by registration and by its update', async () => {
      const { register, lookAfter } = registration(configured(server))
      const refusal = await register({ document: ok(JSON.stringify(wrong)), role: 'main' })
      assert.equal(refusal.status, 400, refusal.body)
      assert.match(String((JSON.parse(refusal.body) as Strings)['error_description']), problem)
      const registered = await register({ document: ok(JSON.stringify(fine)), role: 'main' })
      assert.equal(registered.status, 201, registered.body)
      const { client_id, registration_access_token: token } = JSON.parse(registered.body) as Strings
      const asked = { role: 'main' as const, authorization: [`Bearer ${token}`] }
      const put = (record: object): ReturnType<typeof lookAfter> =>
        lookAfter({ ...asked, document: ok(JSON.stringify({ ...record, client_id })) }, 'PUT', String(client_id))
      const changed = await put(wrong)
      assert.equal(changed.status, 400, changed.body)
      assert.match(String((JSON.parse(changed.body) as Strings)['error_description']), problem)
      assert.equal((await put(fine)).status, 200)
    })

    test('by holdfast client add and update', async () => {
      const clients = await openClientRegistry(configured(server))
      assert.ok(clients !== 'registration_off')
      try {
        const refused = await clients.add(wrong as Record<string, unknown>)
        assert.ok(!refused.ok)
        refuses(refused.failure, path)
        const added = await clients.add(fine as Record<string, unknown>)
        assert.ok(added.ok, JSON.stringify(added))
        const changed = await clients.replace(added.value.client.clientId, wrong as Record<string, unknown>)
        assert.ok(!changed.ok)
        refuses(changed.failure, path)
      } finally {
        await clients.close()
      }
    })
  })
}

test('a secret that an operator chooses is long enough, a hash is one, in the file and by the command', async () => {
  const clients = await openClientRegistry(configured({}))
  assert.ok(clients !== 'registration_off')
  try {
    for (const [member, value] of [
      ['client_secret', 'short'],
      ['client_secret_hash', '$2b$10$bcrypt'],
    ] as const) {
      const record = { ...bearer, client_id: 'a', [member]: value }
      assert.ok(!load({}, [record]).ok)
      const refused = await clients.add(record)
      assert.ok(!refused.ok)
      assert.deepEqual(
        refused.failure.map(({ path }) => path),
        [member],
      )
    }
    const hash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA'
    const added = await clients.add({ ...bearer, client_id: 'a', client_secret_hash: hash })
    assert.ok(added.ok)
    assert.equal(added.value.secret, undefined)
    assert.equal(added.value.client.metadata['client_secret_hash'], hash)
  } finally {
    await clients.close()
  }
})

type Strings = Readonly<Record<string, string>>

function load(server: object, clients: readonly object[] = []): ReturnType<typeof loadConfiguration> {
  const document = {
    issuer: 'https://as.test',
    hosts: { 'as.test': { role: 'main' }, 'mtls.as.test': { role: 'mtls' } },
    listeners: [{ address: '127.0.0.1:8443', tls: { certificate: 'server.pem', key: 'server.key' } }],
    trust: { partners: { anchors: ['ca.pem'] } },
    store: { url: 'memory:' },
    registration: {
      'dangerously-open': true,
      trust: 'partners',
      'authentication-methods': ['tls_client_auth', 'client_secret_basic'],
      'grant-types': ['client_credentials'],
    },
    ...server,
    clients,
  }
  writeFileSync(file, JSON.stringify(document))
  return loadConfiguration({ file })
}

function configured(server: object): Configuration {
  const loaded = load(server)
  assert.ok(loaded.ok, JSON.stringify(loaded))
  return loaded.value
}

function registration({ registration: configured }: Configuration): Registration {
  assert.ok(configured !== undefined)
  const random = createRandomIdentifiers()
  const ports: Pick<
    ClientRegistrationPorts,
    'clock' | 'random' | 'opaqueTokens' | 'audit' | 'registrations' | 'authorizations'
  > = {
    clock: systemClock,
    random,
    opaqueTokens: random,
    audit: { record: () => undefined },
    registrations: inMemoryClientRegistrationStore(),
    authorizations: { revokeClient: () => Promise.resolve(0) },
  }
  const bases = { main: 'https://as.test', mtls: 'https://mtls.as.test' }
  return openRegistration(ports as ClientRegistrationPorts, configured.policy, configured.rules, bases)
}
