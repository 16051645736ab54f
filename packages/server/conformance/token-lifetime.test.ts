import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createTestAuthority, fixedClock } from '@holdfast/testkit'
import type { TestCertificate } from '@holdfast/testkit'
import { claimsOf, startTestServer } from './test-server.ts'
import type { TestAnswer, TestServer } from './test-server.ts'

const acme = {
  client_id: 'acme',
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'acme.example',
  trust: 'partners',
  tls_client_certificate_bound_access_tokens: true,
  grant_types: ['client_credentials'],
  scope: 'read',
}
const opaque = { ...acme, client_id: 'opaque', access_token_format: 'opaque' }
const api = {
  client_id: 'api',
  token_endpoint_auth_method: 'client_secret_basic',
  client_secret: 'the secret of the API',
  grant_types: [],
  introspection_audience: 'https://as.test',
}
const stranger = { ...api, client_id: 'stranger', introspection_audience: [] }

test('RFC8705-M17  introspection tells what a token is bound to, for both formats, and only to those it is meant for', async (t) => {
  const at = await startTestServer(t, { clients: [acme, opaque, api, stranger] })
  const certificate = acmeCertificate(at)
  for (const client of ['acme', 'opaque']) {
    const token = await tokenOf(at, client, certificate)
    const told = await introspect(at, 'api', token)
    assert.equal(told.status, 200)
    assert.equal(told.json['active'], true)
    assert.equal(told.json['client_id'], client)
    assert.equal(told.json['scope'], 'read')
    assert.equal(told.json['iss'], 'https://as.test')
    assert.deepEqual(told.json['cnf'], { 'x5t#S256': certificate.thumbprint })
    assert.deepEqual((await introspect(at, 'stranger', token)).json, { active: false })
    assert.deepEqual((await introspect(at, 'api', `${token}x`)).json, { active: false })
    const own = await at.post('/introspect', { client_id: client, token }, { certificate })
    assert.equal(own.json['active'], true)
  }
  const wrong = await at.post('/introspect', { token: 'x' }, { headers: basic('api', 'wrong') })
  assert.deepEqual([wrong.status, wrong.json['error']], [401, 'invalid_client'])
})

test('RFC 7009  a revoked token is inactive at once, only its own client can revoke it, and what is unknown is fine', async (t) => {
  const at = await startTestServer(t, { clients: [acme, opaque, { ...acme, client_id: 'other' }, api] })
  const certificate = acmeCertificate(at)
  for (const client of ['acme', 'opaque']) {
    const token = await tokenOf(at, client, certificate)
    const foreign = await at.post('/revoke', { client_id: 'other', token }, { certificate })
    assert.equal((await introspect(at, 'api', token)).json['active'], true, foreign.text)
    assert.equal((await at.post('/revoke', { client_id: client, token }, { certificate })).status, 200)
    assert.deepEqual((await introspect(at, 'api', token)).json, { active: false })
    assert.equal((await at.post('/revoke', { client_id: client, token }, { certificate })).status, 200)
  }
  assert.equal((await at.post('/revoke', { client_id: 'acme', token: 'unknown' }, { certificate })).status, 200)
})

test('a token ends when its time has come, though it still stands in the store', async (t) => {
  const clock = fixedClock(Math.floor(Date.now() / 1000))
  const at = await startTestServer(t, { clients: [acme, opaque, api] }, { clock })
  const certificate = acmeCertificate(at)
  const tokens = [await tokenOf(at, 'acme', certificate), await tokenOf(at, 'opaque', certificate)]
  clock.advance(299)
  for (const token of tokens) assert.equal((await introspect(at, 'api', token)).json['active'], true)
  clock.advance(1)
  for (const token of tokens) assert.deepEqual((await introspect(at, 'api', token)).json, { active: false })
})

test('a certificate is judged at each request of a connection that stays open: it expires, and the next request is refused', async (t) => {
  const start = Math.floor(Date.now() / 1000)
  const clock = fixedClock(start)
  const selfSigned = { ...acme, client_id: 'self', token_endpoint_auth_method: 'self_signed_tls_client_auth' }
  const at = await startTestServer(t, { clients: [acme] }, { clock })
  const certificate = at.authority.issue({ san: { dns: ['acme.example'] }, notAfter: start + 100 })
  at.configure({
    clients: [
      acme,
      { ...without(selfSigned, 'tls_client_auth_san_dns', 'trust'), certificate_thumbprints: [certificate.thumbprint] },
    ],
  })
  assert.ok((await at.server.reload()).ok)
  const open = keptAlive(t, at, certificate)
  for (const client of ['acme', 'self']) assert.equal((await open.token(client)).status, 200)
  clock.advance(100)
  for (const client of ['acme', 'self']) assert.equal((await open.token(client)).status, 200)
  clock.advance(1)
  for (const client of ['acme', 'self']) {
    const refused = await open.token(client)
    assert.deepEqual([refused.status, refused.json['error']], [401, 'invalid_client'])
  }
  assert.equal(open.connections(), 1)
})

test('a client that is disabled gets nothing more on a connection that stays open, and its tokens stay what they are', async (t) => {
  const at = await startTestServer(t, { clients: [acme, api] })
  const certificate = acmeCertificate(at)
  const open = keptAlive(t, at, certificate)
  assert.equal((await open.token('acme')).status, 200)
  at.configure({ clients: [{ ...acme, disabled: true }, api] })
  assert.ok((await at.server.reload()).ok)
  const refused = await open.token('acme')
  assert.deepEqual([refused.status, refused.json['error']], [401, 'invalid_client'])
  assert.equal(open.connections(), 1)
  at.configure({ clients: [acme, api] })
  assert.ok((await at.server.reload()).ok)
  assert.equal((await open.token('acme')).status, 200)
})

test('when trust is taken away, a certificate that was good a moment ago is refused on the same connection', async (t) => {
  const at = await startTestServer(t, { clients: [acme] })
  const open = keptAlive(t, at, acmeCertificate(at))
  assert.equal((await open.token('acme')).status, 200)
  writeFileSync(join(at.directory, 'partners.pem'), createTestAuthority({ name: 'Other' }).rootPem)
  assert.ok((await at.server.reload()).ok)
  assert.equal((await open.token('acme')).status, 401)
})

test('a reload with anything wrong changes nothing, says all of it, and a later good one is taken', async (t) => {
  const at = await startTestServer(t, { clients: [acme] })
  const certificate = acmeCertificate(at)
  const trust = readFileSync(join(at.directory, 'partners.pem'), 'utf8')
  const broken: readonly (readonly [string, () => void])[] = [
    ['an empty trust file', () => writeFileSync(join(at.directory, 'partners.pem'), '')],
    ['a trust file that is no PEM', () => writeFileSync(join(at.directory, 'partners.pem'), 'garbage')],
    ['a leaf as anchor', () => writeFileSync(join(at.directory, 'partners.pem'), certificate.pem)],
    ['a changed listener', () => at.configure({ clients: [acme], more: { limits: { connections: 7 } } })],
    ['a broken configuration', () => writeFileSync(at.file, '{')],
  ]
  for (const [what, doIt] of broken) {
    doIt()
    const reloaded = await at.server.reload()
    assert.ok(!reloaded.ok, what)
    assert.ok(reloaded.failure.length > 0)
    await tokenOf(at, 'acme', certificate)
    at.configure({ clients: [acme] })
    writeFileSync(join(at.directory, 'partners.pem'), trust)
  }
  assert.ok((await at.server.reload()).ok)
  await tokenOf(at, 'acme', certificate)
})

test('a new server certificate is shown to new connections after a reload', async (t) => {
  const at = await startTestServer(t, { clients: [acme] })
  const next = at.authority.issueServer(['as.test', 'mtls.as.test'])
  writeFileSync(join(at.directory, 'server.pem'), next.chainPem)
  writeFileSync(join(at.directory, 'server.key'), next.keyPem)
  assert.ok((await at.server.reload()).ok)
  assert.equal(await shownThumbprint(at), next.thumbprint)
  writeFileSync(join(at.directory, 'server.key'), at.authority.issue().keyPem)
  assert.ok(!(await at.server.reload()).ok)
  assert.equal(await shownThumbprint(at), next.thumbprint)
})

test('keys rotate under load without one failed request, and every token verifies by the keys published with it', async (t) => {
  const at = await startTestServer(t, { clients: [acme, api] })
  const certificate = acmeCertificate(at)
  const open = Array.from({ length: 4 }, () => keptAlive(t, at, certificate))
  let stop = false
  const kids = new Set<unknown>()
  const load = open.map(async ({ token }) => {
    while (!stop) {
      const answer = await token('acme')
      assert.equal(answer.status, 200, answer.text)
      const issued = String(answer.json['access_token'])
      const { kid } = JSON.parse(Buffer.from(issued.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }
      kids.add(kid)
      const { keys } = (await at.send({ path: '/jwks' })).json as { readonly keys: readonly { readonly kid: string }[] }
      assert.ok(keys.some((key) => key.kid === kid))
      assert.equal((await introspect(at, 'api', issued)).json['active'], true)
    }
  })
  for (let rotation = 0; rotation < 5; rotation++) {
    assert.equal(await at.server.keys.rotate(0), 'rotated')
    await tokenOf(at, 'acme', certificate)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  stop = true
  await Promise.all(load)
  assert.ok(kids.size >= 3, `only ${kids.size} keys were met`)
})

test('RFC8414-M1 RFC8414-M2 RFC8414-M6 the metadata names every endpoint and its alias, may be kept, and is the same at both places', async (t) => {
  const at = await startTestServer(t, { clients: [] })
  const oauth = await at.send({ path: '/.well-known/oauth-authorization-server' })
  const openid = await at.send({ path: '/.well-known/openid-configuration' })
  assert.equal(oauth.headers['content-type'], 'application/json')
  assert.match(String(oauth.headers['cache-control']), /^public, max-age=/)
  assert.equal(oauth.headers['access-control-allow-origin'], '*')
  assert.match(String(oauth.headers['strict-transport-security']), /max-age=31536000/)
  assert.equal(oauth.headers['x-content-type-options'], 'nosniff')
  assert.equal(oauth.json['issuer'], 'https://as.test')
  assert.equal(oauth.json['tls_client_certificate_bound_access_tokens'], true)
  assert.deepEqual(oauth.json['mtls_endpoint_aliases'], {
    token_endpoint: 'https://mtls.as.test/token',
    introspection_endpoint: 'https://mtls.as.test/introspect',
    revocation_endpoint: 'https://mtls.as.test/revoke',
  })
  for (const [member, value] of Object.entries(oauth.json)) assert.deepEqual(openid.json[member], value, member)
  const head = await at.send({ method: 'HEAD', path: '/jwks' })
  assert.deepEqual([head.status, head.text], [200, ''])
  assert.equal(head.headers['content-length'], String((await at.send({ path: '/jwks' })).text.length))
})

function acmeCertificate(at: TestServer): TestCertificate {
  return at.authority.issue({ san: { dns: ['acme.example'] } })
}

async function tokenOf(at: TestServer, client: string, certificate: TestCertificate): Promise<string> {
  const answer = await at.post('/token', { grant_type: 'client_credentials', client_id: client }, { certificate })
  assert.equal(answer.status, 200, answer.text)
  if (client === 'acme') assert.ok(claimsOf(answer.json['access_token'])['jti'])
  return String(answer.json['access_token'])
}

function introspect(at: TestServer, as: string, token: string): Promise<TestAnswer> {
  return at.post('/introspect', { token }, { headers: basic(as, api.client_secret) })
}

function basic(client: string, secret: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${btoa(`${client}:${encodeURIComponent(secret)}`)}` }
}

/** Requests over one connection that stays open. */
function keptAlive(
  t: Pick<TestContext, 'after'>,
  at: TestServer,
  certificate: TestCertificate,
): { token(client: string): Promise<TestAnswer>; connections(): number } {
  let connections = 0
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (...given: Parameters<typeof connect>) => {
    connections++
    return connect(...given)
  }
  t.after(() => agent.destroy())
  return {
    token: (client) =>
      at.post('/token', { grant_type: 'client_credentials', client_id: client }, { certificate, agent }),
    connections: () => connections,
  }
}

async function shownThumbprint(at: TestServer): Promise<string> {
  const { connect } = await import('node:tls')
  const { createHash } = await import('node:crypto')
  return new Promise((resolve, reject) => {
    const socket = connect(
      { port: at.port, host: '127.0.0.1', servername: 'as.test', ca: at.authority.rootPem },
      () => {
        resolve(createHash('sha256').update(socket.getPeerCertificate().raw).digest('base64url'))
        socket.destroy()
      },
    )
    socket.on('error', reject)
  })
}

function without<Value extends object>(value: Value, ...keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)))
}
