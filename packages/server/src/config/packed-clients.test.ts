import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseClientMetadata } from '@holdfast/core'
import type { RegisteredClient, RegistrationRules } from '@holdfast/core'
import { configuredClients } from './configured-clients.ts'
import { packClients, packedClients } from './packed-clients.ts'

const rules: RegistrationRules = {
  authenticationMethods: ['tls_client_auth', 'client_secret_basic'],
  grantTypes: ['client_credentials', 'refresh_token'],
  trust: ['partners'],
  defaultTrust: 'partners',
  unknownMembers: 'refuse',
  thumbprint: () => {
    throw new Error('no client here has a certificate in its record')
  },
}

test('packed clients are those that were packed, each found by its id, in their order', () => {
  const records = [
    metadata('acme', { access_token_lifetime: 900 }),
    metadata('Zoë & Söhne', {}, 'acme 2'),
    metadata('secret', {
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret_hash: '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g',
      tls_client_auth_san_dns: undefined,
    }),
  ]
  const clients = records.map(parsed)
  const packed = unpacked(records)
  assert.equal(packed.size, 3)
  assert.deepEqual([...packed], clients)
  for (const client of clients) {
    assert.deepEqual(packed.find(client.clientId), client)
    assert.deepEqual(packed.find(client.clientId), client)
  }
  for (const other of ['', 'ACME', 'acme ', '__proto__', 'constructor']) assert.equal(packed.find(other), undefined)
  assert.deepEqual(packed.summary(), configuredClients(clients).summary())
})

test('more clients than stay parsed are found, again and again', () => {
  const records = Array.from({ length: 12_000 }, (_, at) => metadata(`client ${at}`, {}, `client-${at}`))
  const packed = unpacked(records)
  for (const round of [0, 1]) {
    for (let at = 0; at < records.length; at += 7) {
      assert.equal(packed.find(`client-${at}`)?.clientName, `client ${at}`, `round ${round}`)
    }
  }
})

test('the summary tells what at least one client may use, and the longest lifetime', () => {
  const clients = [
    metadata('a', { grant_types: ['client_credentials'], access_token_lifetime: 60 }),
    metadata('b', { grant_types: ['client_credentials', 'refresh_token'] }, 'b'),
    metadata(
      'c',
      { access_token_lifetime: 7200, tls_client_auth_san_dns: undefined, tls_client_auth_subject_dn: 'CN=c' },
      'c',
    ),
  ]
  const { grantTypes, longestAccessTokenLifetime, names } = unpacked(clients).summary()
  assert.deepEqual([grantTypes, longestAccessTokenLifetime], [['client_credentials', 'refresh_token'], 7200])
  assert.deepEqual(names, { names: [{ clientId: 'c', reading: ['CN = c'] }], more: 0 })
  const none = { grantTypes: [], longestAccessTokenLifetime: 0, names: { names: [], more: 0 } }
  assert.deepEqual(configuredClients([]).summary(), none)
})

type Metadata = Readonly<Record<string, unknown>>

function metadata(name: string, more: object, id = name): Metadata {
  return {
    client_id: id,
    client_name: name,
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_dns: 'client.example',
    grant_types: ['client_credentials'],
    ...more,
  }
}

function parsed(record: Metadata): RegisteredClient {
  const client = parseClientMetadata(record, rules)
  assert.ok(client.ok, JSON.stringify(client))
  return client.value
}

/** As another process gets it: a structured clone. */
function unpacked(records: readonly Metadata[]): ReturnType<typeof packedClients> {
  const resolved = records.map((record) => ({ clientId: parsed(record).clientId, metadata: record }))
  const { summary } = configuredClients(records.map(parsed))
  return packedClients(structuredClone(packClients(resolved, summary())), rules)
}
