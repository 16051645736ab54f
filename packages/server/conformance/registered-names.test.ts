import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startServer } from '@holdfast/server'
import { createTestAuthority, temporaryDirectory } from '@holdfast/testkit'
import { load, startTestServer, writeTestConfiguration } from './test-server.ts'

const client = { token_endpoint_auth_method: 'tls_client_auth', trust: 'partners', grant_types: ['client_credentials'] }
const turned = { ...client, client_id: 'turned', tls_client_auth_subject_dn: 'C=GB,O=Bank\\, N.A.,CN=tpp' }

test('the server says at start and at reload how it reads names, and which of them look wrong', async (t) => {
  const directory = await temporaryDirectory(t)
  const { file, configure } = writeTestConfiguration(directory, createTestAuthority(), { clients: [turned] })
  const server = await startServer(load(file))
  const events = (): readonly Readonly<Record<string, unknown>>[] =>
    readFileSync(join(directory, 'holdfast.log'), 'utf8')
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Readonly<Record<string, unknown>>]))
      .filter(({ event }) => event === 'registered_names_read' || event === 'material_warning')
  const many = Array.from({ length: 25 }, (_, at) => ({
    ...client,
    client_id: `client-${at}`,
    tls_client_auth_subject_dn: `CN=client-${at},C=GB`,
  }))
  configure({ clients: many })
  assert.deepEqual(await server.reload(), { ok: true, value: undefined })
  await server.close()
  const [warning, first, second, ...further] = events()
  assert.deepEqual(further, [])
  assert.equal(warning?.['path'], 'clients[0].tls_client_auth_subject_dn')
  assert.equal(warning['hint'], 'if so, write "CN=tpp,O=Bank\\\\, N.A.,C=GB"')
  assert.deepEqual(first?.['names'], [{ clientId: 'turned', reading: ['CN = tpp', 'O = Bank, N.A.', 'C = GB'] }])
  assert.equal((second?.['names'] as readonly unknown[]).length, 20)
  assert.equal(second?.['more'], 5)
})

test('a certificate file that changes names its client at the next reload, and a broken one changes nothing', async (t) => {
  const { server, authority, directory, configure, post } = await startTestServer(t, { clients: [] })
  const certificates = ['CN=tpp,O=Bank,C=GB', 'CN=tpp,O=Bank Renamed,C=GB'].map((subject) =>
    authority.issue({ subject }),
  )
  const [before, after] = certificates as [(typeof certificates)[0], (typeof certificates)[0]]
  const file = join(directory, 'tpp.pem')
  const status = async (certificate: typeof before): Promise<number> => {
    const form = { grant_type: 'client_credentials', client_id: 'tpp' }
    return (await post('/token', form, { certificate })).status
  }
  configure({
    clients: [{ ...client, client_id: 'tpp', tls_client_auth_subject_dn: { 'from-certificate': 'tpp.pem' } }],
  })

  writeFileSync(file, before.chainPem)
  assert.equal((await server.reload()).ok, true)
  assert.deepEqual([await status(before), await status(after)], [200, 401])
  writeFileSync(file, after.chainPem)
  assert.deepEqual([await status(before), await status(after)], [200, 401], 'before the reload')
  assert.equal((await server.reload()).ok, true)
  assert.deepEqual([await status(before), await status(after)], [401, 200])
  writeFileSync(file, 'not a certificate')
  assert.equal((await server.reload()).ok, false)
  assert.deepEqual([await status(before), await status(after)], [401, 200])
})
