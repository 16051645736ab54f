import assert from 'node:assert/strict'
import { get } from 'node:http'
import { after, test } from 'node:test'
import type { TestContext } from 'node:test'
import { startPostgres } from '@holdfast/testkit'
import type { TestPostgres } from '@holdfast/testkit'
import { startServer } from '@holdfast/server'
import { load, sendRequest, startTestServer } from './test-server.ts'
import type { TestAnswer, TestServer } from './test-server.ts'

const acme = {
  client_id: 'acme',
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'acme.example',
  grant_types: ['client_credentials'],
}
const opaque = { ...acme, client_id: 'opaque', access_token_format: 'opaque', access_token_lifetime: '1h' }

const shared = await startPostgres({ after })

test('two servers on one PostgreSQL are one: tokens, their end and the signing key', async (t) => {
  const postgres = postgresFor(t)
  if (postgres === undefined) return
  const at = await startTestServer(t, {
    clients: [acme, opaque],
    more: { store: { url: postgres.url, schema: 'together' } },
  })
  const other = await startServer(load(at.file))
  t.after(() => other.close())
  const certificate = at.authority.issue({ san: { dns: ['acme.example'] } })
  const atOther = (path: string, form: Readonly<Record<string, string>>): Promise<TestAnswer> =>
    sendRequest(Number(/:([0-9]+)$/.exec(other.addresses[0] ?? '')?.[1]), at.authority.rootPem, {
      method: 'POST',
      path,
      host: 'mtls.as.test',
      certificate,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    })
  assert.deepEqual(
    other.keys.list().map(({ kid }) => kid),
    at.server.keys.list().map(({ kid }) => kid),
  )
  for (const client_id of ['opaque', 'acme']) {
    const issued = await at.post('/token', { grant_type: 'client_credentials', client_id }, { certificate })
    assert.equal(issued.status, 200, issued.text)
    const token = String(issued.json['access_token'])
    assert.equal((await atOther('/introspect', { client_id, token })).json['active'], true)
    assert.equal((await atOther('/revoke', { client_id, token })).status, 200)
    const after = await at.post('/introspect', { client_id, token }, { certificate })
    assert.equal(after.json['active'], false)
  }
})

test('several processes of one server share PostgreSQL', async (t) => {
  const postgres = postgresFor(t)
  if (postgres === undefined) return
  const at = await startTestServer(t, {
    clients: [opaque],
    more: { store: { url: postgres.url, connections: 4, schema: 'workers' }, limits: { workers: 2 } },
  })
  const certificate = at.authority.issue({ san: { dns: ['acme.example'] } })
  const issued = await Promise.all(
    Array.from({ length: 20 }, () =>
      at.post('/token', { grant_type: 'client_credentials', client_id: 'opaque' }, { certificate }),
    ),
  )
  assert.ok(issued.every(({ status }) => status === 200))
  assert.equal(postgres.run('select count(*) from workers.access_token'), '20')
})

test('P4 while PostgreSQL is away or hangs opaque tokens are refused cleanly, JWTs are issued on, and all recovers by itself', async (t) => {
  const postgres = postgresFor(t)
  if (postgres === undefined) return
  const at = await startTestServer(t, {
    clients: [acme, opaque],
    more: { store: { url: postgres.url, schema: 'outage', 'busy-timeout': 1 }, management: { address: '127.0.0.1:0' } },
  })
  const certificate = at.authority.issue({ san: { dns: ['acme.example'] } })
  const ask = (client_id: string): Promise<TestAnswer> =>
    at.post('/token', { grant_type: 'client_credentials', client_id }, { certificate })
  const kept = String((await ask('opaque')).json['access_token'])

  for (const [what, away, back] of [
    ['is killed', () => postgres.kill(), () => postgres.start()],
    ['hangs', () => Promise.resolve(postgres.pause()), () => Promise.resolve(postgres.resume())],
  ] as const) {
    await away()
    const began = performance.now()
    const refused = await Promise.all(Array.from({ length: 20 }, () => ask('opaque')))
    assert.ok(performance.now() - began < 5000, `${what}: refused only after ${performance.now() - began} ms`)
    for (const answer of refused) {
      assert.deepEqual([answer.status, answer.json['error']], [503, 'temporarily_unavailable'], what)
      assert.match(String(answer.headers['retry-after']), /^[0-9]+$/)
      assert.equal(answer.json['access_token'], undefined)
    }
    assert.equal((await ask('acme')).status, 200, what)
    assert.deepEqual(await health(at, 'live'), 200, what)
    assert.deepEqual(await health(at, 'ready'), 503, what)

    await back()
    const restored = performance.now()
    while ((await ask('opaque')).status !== 200) {
      assert.ok(performance.now() - restored < 5000, `${what}: not recovered within 5 s`)
    }
    t.diagnostic(`PostgreSQL ${what}: recovered ${Math.round(performance.now() - restored)} ms after it was back`)
    assert.equal(await health(at, 'ready'), 200, what)
    const found = await at.post('/introspect', { client_id: 'opaque', token: kept }, { certificate })
    assert.equal(found.json['active'], true, what)
  }
})

test('a server whose PostgreSQL is away does not start, and says so without the password', async (t) => {
  const refused = await startTestServer(t, {
    clients: [acme],
    more: { store: { url: 'postgres://holdfast:very-secret@127.0.0.1:1/nowhere' } },
  }).then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.ok(refused instanceof Error && 'code' in refused)
  assert.equal(refused.code, 'store_unavailable')
  assert.doesNotMatch(JSON.stringify([refused.message, refused.cause, refused.stack]), /very-secret/)
})

function postgresFor(t: TestContext): TestPostgres | undefined {
  if (shared === undefined) t.skip('postgresql is not installed (Debian: apt-get install postgresql)')
  return shared
}

function health({ server }: TestServer, what: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(`http://${server.management ?? ''}/health/${what}`, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })
}
