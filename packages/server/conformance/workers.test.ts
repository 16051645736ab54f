import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTestAuthority, temporaryDirectory } from '@holdfast/testkit'
import { killServer, spawnServer } from './server-process.ts'
import { sendRequest, writeTestConfiguration } from './test-server.ts'
import type { TestAnswer } from './test-server.ts'

const clients = [
  {
    client_id: 'acme',
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_dns: 'acme.example',
    grant_types: ['client_credentials'],
    access_token_format: 'opaque',
  },
]

test('two workers share port, store and keys, are counted together, reload together, and a dead one is replaced', async (t) => {
  const directory = await temporaryDirectory(t)
  const authority = createTestAuthority()
  const management = join(directory, 'management.sock')
  const more = { limits: { workers: 2 }, management: { address: `unix:${management}` } }
  const { file, configure } = writeTestConfiguration(directory, authority, { clients, more })
  const server = await spawnServer(file)
  t.after(() => killServer(server))
  const certificate = authority.issue({ san: { dns: ['acme.example'] } })
  const post = (path: string, form: Readonly<Record<string, string>>): Promise<TestAnswer> =>
    sendRequest(server.port, authority.rootPem, {
      method: 'POST',
      path,
      host: 'mtls.as.test',
      certificate,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ client_id: 'acme', ...form }).toString(),
    })
  const token = (): Promise<TestAnswer> => post('/token', { grant_type: 'client_credentials' })

  const issued = await Promise.all(Array.from({ length: 12 }, token))
  assert.deepEqual([...new Set(issued.map(({ status }) => status))], [200])
  const seen = await Promise.all(
    issued.map(async ({ json }) => (await post('/introspect', { token: String(json['access_token']) })).json['active']),
  )
  assert.deepEqual([...new Set(seen)], [true])
  const keys = await Promise.all(
    Array.from({ length: 4 }, () => sendRequest(server.port, authority.rootPem, { path: '/jwks' })),
  )
  assert.equal(new Set(keys.map(({ text }) => text)).size, 1)

  const metrics = await managementText(management, '/metrics')
  assert.match(metrics, /holdfast_tokens_issued_total\{[^}]*format="opaque"[^}]*\} 12\n/)
  assert.equal(
    await managementText(management, '/health/ready'),
    '{"status":"UP","checks":[{"name":"workers","status":"UP"},{"name":"store","status":"UP"}]}',
  )

  configure({ clients: [{ ...clients[0], disabled: true }], more })
  server.child.kill('SIGHUP')
  await until(async () =>
    (await Promise.all([token(), token(), token(), token()])).every(({ status }) => status === 401),
  )
  configure({ clients, more })
  server.child.kill('SIGHUP')
  await until(async () =>
    (await Promise.all([token(), token(), token(), token()])).every(({ status }) => status === 200),
  )

  const [victim] = childrenOf(server.child.pid ?? 0)
  process.kill(victim ?? 0, 'SIGKILL')
  await until(async () => {
    const workers = childrenOf(server.child.pid ?? 0)
    return workers.length === 2 && !workers.includes(victim ?? 0)
  })
  await until(async () => (await token()).status === 200)

  server.child.kill('SIGTERM')
  const [code] = (await once(server.child, 'exit')) as [number]
  assert.equal(code, 0)
})

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000
  while (!(await holds().catch(() => false))) {
    assert.ok(Date.now() < end, 'it did not come true in 20 s')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function managementText(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve(text))
    }).on('error', reject)
  })
}
