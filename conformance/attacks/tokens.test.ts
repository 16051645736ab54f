import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import fc from 'fast-check'
import { fixedClock } from '@holdfast/testkit'
import type { TestCertificate } from '@holdfast/testkit'
import { sendRequest } from '../../packages/server/conformance/test-server.ts'
import { killServer, spawnServer } from '../../packages/server/conformance/server-process.ts'
import { startAttackedServer } from './attacked-server.ts'
import type { AttackedServer } from './attacked-server.ts'
import { formType, rawExchange, rawRequest } from './raw-exchange.ts'

const signer = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const acme = {
  client_id: 'acme',
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'acme.example',
  trust: 'partners',
  grant_types: ['client_credentials'],
  scope: 'read',
}
const opaque = { ...acme, client_id: 'opaque', access_token_format: 'opaque' }
const robot = {
  client_id: 'robot',
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'ES256',
  jwks: { keys: [{ ...signer.publicKey.export({ format: 'jwk' }), kid: 'k1' }] },
  grant_types: ['client_credentials'],
  scope: 'read',
}
const api = {
  client_id: 'api',
  token_endpoint_auth_method: 'client_secret_basic',
  client_secret: 'the secret of the API',
  grant_types: [],
  introspection_audience: '*',
}

test('CVE-2020-5300, CVE-2020-15222: an assertion is used up for other processes on the same store, and after kill -9 and restart', async (t) => {
  const at = await startAttackedServer(t, () => ({ clients: [robot] }))
  const others = await Promise.all([spawnServer(at.file), spawnServer(at.file)])
  t.after(() => Promise.all(others.map(killServer)))
  const ports = [at.port, ...others.map(({ port }) => port)]
  const present = async (port: number, assertion: string): Promise<number> => {
    const form = {
      grant_type: 'client_credentials',
      client_id: 'robot',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = new URLSearchParams(form).toString()
    return (await sendRequest(port, at.authority.rootPem, { method: 'POST', path: '/token', body, headers })).status
  }
  const used: string[] = []
  for (let round = 0; round < 20; round++) {
    const assertion = clientAssertion('robot', signer.privateKey)
    used.push(assertion)
    const statuses = await Promise.all([...ports, ...ports].map((port) => present(port, assertion)))
    assert.deepEqual(statuses.toSorted(), [200, 401, 401, 401, 401, 401])
  }
  await Promise.all(others.map(killServer))
  await at.restart()
  const again = await spawnServer(at.file)
  t.after(() => killServer(again))
  for (const assertion of used)
    for (const port of [at.port, again.port]) assert.equal(await present(port, assertion), 401)
})

test('CVE-2020-15223: while the store cannot be written a revocation is answered 503, and the token is what it was', async (t) => {
  const at = await startAttackedServer(t, () => ({
    clients: [acme, opaque, api],
    more: { store: { url: 'sqlite:holdfast.db', 'busy-timeout': 0 } },
  }))
  const certificate = acmeCertificate(at)
  const lock = new DatabaseSync(join(at.directory, 'holdfast.db'))
  t.after(() => Promise.resolve(lock.close()))
  for (const client of ['acme', 'opaque']) {
    const token = await tokenOf(at, client, certificate)
    lock.exec('begin immediate')
    const refused = await at.post('/revoke', { client_id: client, token }, { certificate })
    assert.deepEqual([refused.status, refused.json['error']], [503, 'temporarily_unavailable'], client)
    assert.match(String(refused.headers['retry-after']), /^[0-9]+$/)
    assert.equal((await introspect(at, token)).json['active'], true, client)
    lock.exec('rollback')
    assert.equal((await introspect(at, token)).json['active'], true, client)
    assert.equal((await at.post('/revoke', { client_id: client, token }, { certificate })).status, 200)
    assert.deepEqual((await introspect(at, token)).json, { active: false })
  }
  lock.exec('begin immediate')
  const unissued = await at.token('opaque', certificate)
  assert.deepEqual([unissued.status, unissued.json['access_token']], [503, undefined])
  const unproven = await at.token('opaque')
  assert.equal(unproven.status, 401)
  lock.exec('rollback')
})

test('CVE-2026-1486, CVE-2025-53942: a client that is disabled or gone gets nothing, anywhere, and its tokens are inactive', async (t) => {
  const at = await startAttackedServer(t, () => ({ clients: [acme, opaque, robot, api] }))
  const certificate = acmeCertificate(at)
  const tokens = [await tokenOf(at, 'acme', certificate), await tokenOf(at, 'opaque', certificate)]
  const disabled = [acme, opaque, robot].map((client) => ({ ...client, disabled: true }))
  for (const clients of [[...disabled, api], [api]]) {
    at.configure({ clients })
    assert.ok((await at.running.reload()).ok)
    for (const token of tokens) assert.deepEqual((await introspect(at, token)).json, { active: false })
    for (const client of ['acme', 'opaque']) {
      for (const path of ['/token', '/introspect', '/revoke']) {
        const form = { grant_type: 'client_credentials', client_id: client, token: tokens[0] ?? '' }
        const answer = await at.post(path, form, { certificate })
        assert.deepEqual([answer.status, answer.json['error']], [401, 'invalid_client'], `${path} ${client}`)
      }
    }
    const assertion = { client_assertion: clientAssertion('robot', signer.privateKey), client_assertion_type: bearer }
    assert.equal((await at.token('robot', undefined, assertion)).status, 401)
  }
  at.configure({ clients: [acme, opaque, { ...api, disabled: true }] })
  assert.ok((await at.running.reload()).ok)
  assert.equal((await introspect(at, tokens[0] ?? '')).status, 401)
})

test('CVE-2025-64708: what has expired is refused although nothing has been cleaned up', async (t) => {
  const clock = fixedClock(Math.floor(Date.now() / 1000))
  const at = await startAttackedServer(t, () => ({ clients: [acme, opaque, api] }), { clock })
  const certificate = acmeCertificate(at)
  const tokens = [await tokenOf(at, 'acme', certificate), await tokenOf(at, 'opaque', certificate)]
  for (const token of tokens) assert.equal((await introspect(at, token)).json['active'], true)
  clock.advance(300)
  for (const token of tokens) assert.deepEqual((await introspect(at, token)).json, { active: false })
  const database = new DatabaseSync(join(at.directory, 'holdfast.db'), { readOnly: true })
  t.after(() => Promise.resolve(database.close()))
  assert.deepEqual({ ...database.prepare('select count(*) as rows from access_token').get() }, { rows: 1 })
})

test('CVE-2026-9803: no Authorization header, however malformed, gets more than a refusal', async (t) => {
  const at = await startAttackedServer(t, () => ({ clients: [api, acme] }))
  const text = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) })
  const header = fc.oneof(
    text,
    fc
      .tuple(fc.constantFrom('Basic', 'basic', 'Bearer', 'DPoP', 'Negotiate', 'Digest'), text)
      .map((both) => both.join(' ')),
    fc.string({ unit: 'binary' }).map((credentials) => `Basic ${Buffer.from(credentials).toString('base64')}`),
    fc.constantFrom(
      '',
      ' ',
      'Basic',
      'Basic ',
      'Basic  ',
      'Basic Og==',
      'Basic =',
      'Basic YQ==, Bearer x',
      ':',
      '=,=,=',
    ),
    fc.constant(`Basic ${'A'.repeat(12_000)}`),
    fc.constant(`Bearer ${'.'.repeat(12_000)}`),
  )
  await fc.assert(
    fc.asyncProperty(header, fc.constantFrom('/token', '/introspect', '/revoke'), async (value, path) => {
      const lines = [formType, `Authorization: ${value}`]
      const body = 'grant_type=client_credentials&token=x'
      const answer = await rawExchange(at.tls('as.test'), rawRequest('POST', path, 'as.test', lines, body))
      assert.ok([400, 401].includes(answer.status), `${value}: ${answer.status}`)
      assert.doesNotMatch(answer.body, /access_token|active|server_error/)
    }),
    { numRuns: 150 },
  )
  assert.doesNotMatch(await at.logText(), /"event":"unexpected"/)
})

function acmeCertificate(at: AttackedServer): TestCertificate {
  return at.authority.issue({ san: { dns: ['acme.example'] } })
}

async function tokenOf(at: AttackedServer, client: string, certificate: TestCertificate): Promise<string> {
  const answer = await at.token(client, certificate)
  assert.equal(answer.status, 200, answer.text)
  return String(answer.json['access_token'])
}

function introspect(at: AttackedServer, token: string): ReturnType<AttackedServer['post']> {
  const authorization = `Basic ${btoa(`api:${encodeURIComponent(api.client_secret)}`)}`
  return at.post('/introspect', { token }, { headers: { authorization } })
}

function clientAssertion(client: string, key: KeyObject): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: client, sub: client, aud: 'https://as.test', iat: now, exp: now + 60, jti: crypto.randomUUID() }
  const input = [{ alg: 'ES256', kid: 'k1' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

const bearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
