import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTestAuthority, startPostgres, temporaryDirectory } from '@holdfast/testkit'
import { formatProblem, loadConfiguration } from '@holdfast/server'
import { storeSchema } from '@holdfast/server/operate'
import type { StoreConfiguration } from '@holdfast/server'

test('PostgreSQL is spoken to over TLS, by password or certificate, and only when its own certificate is right', async (t) => {
  const directory = await temporaryDirectory(t)
  const authority = createTestAuthority()
  const identity = authority.issueServer(['localhost'])
  const people = createTestAuthority()
  const postgres = await startPostgres(t, {
    tls: { certificate: identity.chainPem, key: identity.keyPem, clientCa: people.rootPem },
  })
  if (postgres === undefined) return t.skip('postgresql is not installed (Debian: apt-get install postgresql)')
  postgres.run(`create role tokens login password 'open sesame'; create role certified login`)
  const client = people.issue({ commonName: 'certified' })
  const files: Readonly<Record<string, string>> = {
    'ca.pem': authority.rootPem,
    'other-ca.pem': createTestAuthority().rootPem,
    'client.pem': client.chainPem,
    'client.key': client.keyPem,
    password: 'open sesame\n',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  const store = (host: string, settings: Readonly<Record<string, unknown>>, user = 'tokens'): StoreConfiguration =>
    read(directory, { url: `postgres://${user}@${host}:${String(postgres.tlsPort)}/postgres`, ...settings })
  const password = { 'password-file': 'password' }

  assert.equal((await storeSchema(store('localhost', { ...password, ca: 'ca.pem' }))).version, 0)
  const certificate = { ca: 'ca.pem', certificate: 'client.pem', key: 'client.key' }
  assert.equal((await storeSchema(store('localhost', certificate, 'certified'))).version, 0)
  const inUrl = store('localhost', { ca: 'ca.pem' }, 'tokens:open%20sesame')
  assert.equal((await storeSchema(inUrl)).version, 0)

  for (const [why, wrong] of [
    ['another CA', store('localhost', { ...password, ca: 'other-ca.pem' })],
    ['another name', store('127.0.0.1', { ...password, ca: 'ca.pem' })],
    ['without TLS', store('localhost', password)],
    ['no password', store('localhost', { ca: 'ca.pem' })],
    ['no certificate', store('localhost', { ca: 'ca.pem' }, 'certified')],
  ] as const) {
    await assert.rejects(storeSchema(wrong), { name: 'StoreUnavailableError', code: 'store_unavailable' }, why)
  }
})

test('a PostgreSQL elsewhere is never spoken to in the clear unless that is asked for by its name', async (t) => {
  const directory = await temporaryDirectory(t)
  const tlsOf = (settings: Readonly<Record<string, unknown>>): unknown => {
    const store = read(directory, settings)
    return store.kind === 'postgres' && store.postgres.tls
  }
  assert.deepEqual(tlsOf({ url: 'postgres://u@db.example/d' }), {})
  assert.deepEqual(tlsOf({ url: 'postgres://u@10.0.0.1/d' }), {})
  assert.equal(tlsOf({ url: 'postgres://u@db.example/d', 'dangerously-without-tls': true }), undefined)
  assert.equal(tlsOf({ url: 'postgres://u@localhost/d' }), undefined)
  assert.equal(tlsOf({ url: 'postgres://u@%2Frun%2Fpostgresql/d' }), undefined)
  assert.equal(tlsOf({ url: 'postgres:///d?host=/run/postgresql&user=u' }), undefined)
  for (const url of [
    'postgres://u@db.example',
    'postgres://db.example/d',
    'postgres:///d',
    'postgres://u@h/d?sslmode=disable',
  ])
    assert.throws(() => read(directory, { url }), /store\.url/, url)
  assert.throws(() => read(directory, { url: 'sqlite:a.db', ca: 'ca.pem' }), /for a store on PostgreSQL only/)
  assert.throws(() => read(directory, { url: 'postgres://u:p@h/d', 'password-file': 'password' }), /password too/)
})

function read(directory: string, store: Readonly<Record<string, unknown>>): StoreConfiguration {
  const file = join(directory, 'holdfast.yaml')
  const configuration = {
    issuer: 'https://as.test',
    hosts: { 'as.test': { role: 'main' } },
    listeners: [{ address: '127.0.0.1:0', tls: { certificate: 'c.pem', key: 'k.pem' } }],
    keys: { 'master-key-file': 'master.key' },
    store,
  }
  writeFileSync(file, JSON.stringify(configuration))
  const loaded = loadConfiguration({ file, environment: {} })
  if (loaded.ok) return loaded.value.store
  throw new Error(loaded.failure.problems.map((problem) => formatProblem(problem, file)).join('\n'))
}
