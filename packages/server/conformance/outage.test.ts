import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { ConfigurationError, startServer } from '@holdfast/server'
import { createSelfSignedCertificate, createTestAuthority, temporaryDirectory } from '@holdfast/testkit'
import type { TestCertificate } from '@holdfast/testkit'
import { load, startTestServer, writeTestConfiguration } from './test-server.ts'
import type { TestAnswer } from './test-server.ts'

const acme = {
  client_id: 'acme',
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'acme.example',
  grant_types: ['client_credentials'],
}

test('while the store is away opaque tokens are refused cleanly, JWTs are issued on, health says so, and all recovers', async (t) => {
  const at = await startTestServer(t, {
    clients: [acme, { ...acme, client_id: 'opaque', access_token_format: 'opaque' }],
    more: { store: { url: 'sqlite:away.db', 'busy-timeout': 1 }, management: { address: '127.0.0.1:0' } },
  })
  const certificate = at.authority.issue({ san: { dns: ['acme.example'] } })
  const ask = (client: string): Promise<TestAnswer> =>
    at.post('/token', { grant_type: 'client_credentials', client_id: client }, { certificate })
  assert.equal((await ask('opaque')).status, 200)
  assert.deepEqual(await health(at.server.management, 'ready'), [200, 'UP'])

  const other = new DatabaseSync(join(at.directory, 'away.db'))
  t.after(() => other.close())
  other.exec('begin immediate')
  const refused = await ask('opaque')
  assert.deepEqual([refused.status, refused.json['error']], [503, 'temporarily_unavailable'])
  assert.match(String(refused.headers['retry-after']), /^[0-9]+$/)
  assert.equal(refused.json['access_token'], undefined)
  assert.equal((await ask('acme')).status, 200)
  assert.deepEqual(await health(at.server.management, 'live'), [200, 'UP'])
  assert.deepEqual(await health(at.server.management, 'ready'), [503, 'DOWN'])

  other.exec('rollback')
  assert.equal((await ask('opaque')).status, 200)
  assert.deepEqual(await health(at.server.management, 'ready'), [200, 'UP'])
})

test('RFC8705-M10  certificates are registered by jwks_uri, a new one is taken at once, and a dead server is told as outage', async (t) => {
  const web = createTestAuthority()
  const old = createSelfSignedCertificate()
  const renewed = createSelfSignedCertificate()
  let served: readonly TestCertificate[] = [old]
  let asked = 0
  const identity = web.issueServer(['localhost'])
  const client = createServer({ cert: identity.chainPem, key: identity.keyPem }, (_request, response) => {
    asked++
    response.end(JSON.stringify({ keys: served.map(jwkOf) }))
  })
  client.listen(0, 'localhost')
  await once(client, 'listening')
  t.after(() => {
    client.closeAllConnections()
    client.close()
  })
  const { port } = client.address() as AddressInfo
  const self = (id: string, uri: string): object => ({
    client_id: id,
    token_endpoint_auth_method: 'self_signed_tls_client_auth',
    grant_types: ['client_credentials'],
    jwks_uri: uri,
  })
  let now = Math.floor(Date.now() / 1000)
  const at = await startTestServer(
    t,
    {
      clients: [self('self', `https://localhost:${port}/jwks`), self('dead', 'https://localhost:1/jwks')],
      more: { limits: { 'jwks-uri-private-addresses': ['127.0.0.0/8', '::1'] } },
    },
    { jwksUriCa: web.rootPem, clock: { now: () => now } },
  )
  const ask = (id: string, certificate: TestCertificate): Promise<TestAnswer> =>
    at.post('/token', { grant_type: 'client_credentials', client_id: id }, { certificate })
  assert.equal((await ask('self', old)).status, 200)
  assert.equal((await ask('self', old)).status, 200)
  assert.equal(asked, 1)
  served = [old, renewed]
  now += 10
  assert.equal((await ask('self', renewed)).status, 200)
  assert.equal((await ask('self', createSelfSignedCertificate())).status, 401)
  assert.equal(asked, 2)
  assert.ok((await ask('dead', old)).status >= 400)
})

test('every broken file is a reason not to start, all are told at once, and nothing stays open', async (t) => {
  const directory = await temporaryDirectory(t)
  const authority = createTestAuthority()
  const { file } = writeTestConfiguration(directory, authority, { clients: [acme] })
  const leaf = authority.issue()
  for (const [name, content] of [
    ['partners.pem', ''],
    ['partners.pem', 'garbage'],
    ['partners.pem', leaf.pem],
    ['partners.pem', authority.rootPem.slice(0, 200)],
    ['server.key', leaf.keyPem],
    ['server.pem', 'garbage'],
    ['master.key', 'c2hvcnQ='],
  ] as const) {
    writeTestConfigurationFile(directory, name, content)
    await assert.rejects(startServer(load(file)), ConfigurationError, `${name}: ${content.slice(0, 20)}`)
    restore(directory, authority)
  }
  writeTestConfigurationFile(directory, 'partners.pem', '')
  writeTestConfigurationFile(directory, 'server.pem', '')
  const error: unknown = await startServer(load(file)).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof ConfigurationError)
  assert.deepEqual(
    error.problems.map(({ path, line }) => [path.replace(/\[.*/, ''), line !== undefined]),
    [
      ['listeners', true],
      ['listeners', true],
      ['trust.partners.anchors', true],
    ],
  )
})

function writeTestConfigurationFile(directory: string, name: string, content: string): void {
  chmodSync(join(directory, name), 0o600)
  writeFileSync(join(directory, name), content)
}

function restore(directory: string, authority: ReturnType<typeof createTestAuthority>): void {
  const identity = authority.issueServer(['as.test', 'mtls.as.test'])
  writeFileSync(join(directory, 'server.pem'), identity.chainPem)
  writeFileSync(join(directory, 'server.key'), identity.keyPem)
  writeFileSync(join(directory, 'partners.pem'), authority.rootPem)
  writeFileSync(join(directory, 'master.key'), Buffer.alloc(32, 1).toString('base64'))
}

function jwkOf(certificate: TestCertificate): object {
  return {
    ...createPublicKey(certificate.key).export({ format: 'jwk' }),
    x5c: [Buffer.from(certificate.der).toString('base64')],
  }
}

function health(address: string | undefined, what: string): Promise<readonly [number, unknown]> {
  return new Promise((resolve, reject) => {
    get(`http://${address ?? ''}/health/${what}`, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () =>
        resolve([response.statusCode ?? 0, (JSON.parse(text) as { readonly status: unknown }).status]),
      )
    }).on('error', reject)
  })
}
