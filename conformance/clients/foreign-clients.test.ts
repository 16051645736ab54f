import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { clientOf, startDemo, type DemoClient, type DemoDeployment } from '../black-box/demo-deployment.ts'
import { realPart } from '../black-box/real-part.ts'
import { certificateMethods } from './certificate-methods.ts'
import { runClient } from './run-client.ts'

interface Outcome {
  readonly token_type: string
  readonly access_token: string
  readonly status: number
}

test('curl gets a bound token with both certificate methods and calls the API', async (t) => {
  if (!realPart(t, 'curl')) return
  const demo = await startDemo(t, 'subdomain')
  for (const method of certificateMethods) {
    const client = clientOf(demo, method)
    const tls = ['-sS', '--cacert', demo.ca, '--cert', client.cert, '--key', client.key]
    const metadata = await runClient('curl', [
      '-sS',
      '--cacert',
      demo.ca,
      `${demo.issuer}/.well-known/oauth-authorization-server`,
    ])
    const aliases = (JSON.parse(metadata.stdout) as { mtls_endpoint_aliases: { token_endpoint: string } })
      .mtls_endpoint_aliases
    const answer = await runClient('curl', [
      ...tls,
      '-d',
      `grant_type=client_credentials&client_id=${client.client_id}`,
      aliases.token_endpoint,
    ])
    const token = JSON.parse(answer.stdout) as Outcome
    const api = await runClient('curl', [
      ...tls,
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      '-H',
      `Authorization: Bearer ${token.access_token}`,
      demo.api,
    ])
    await assertBound({ ...token, status: Number(api.stdout) }, client)
  }
})

test('python3-authlib gets a bound token with both certificate methods and calls the API', async (t) => {
  if (!realPart(t, 'python3-authlib')) return
  await tryForeignClient(t, (demo, client, endpoints) =>
    runClient('/usr/bin/python3', [
      script('authlib_client.py'),
      endpoints.token,
      demo.api,
      client.client_id,
      client.cert,
      client.key,
      demo.ca,
    ]),
  )
})

test('ruby-oauth2 gets a bound token with both certificate methods and calls the API', async (t) => {
  if (!realPart(t, 'ruby-oauth2')) return
  await tryForeignClient(t, (demo, client, endpoints) => {
    const url = new URL(endpoints.token)
    return runClient('ruby', [
      script('oauth2_client.rb'),
      url.origin,
      url.pathname,
      demo.api,
      client.client_id,
      client.cert,
      client.key,
      demo.ca,
    ])
  })
})

test('Go x/oauth2 gets a bound token with both certificate methods and calls the API', async (t) => {
  if (!realPart(t, 'go with x/oauth2')) return
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-go-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const binary = join(folder, 'client')
  const env = {
    GO111MODULE: 'off',
    GOPATH: '/usr/share/gocode',
    GOCACHE: join(tmpdir(), 'holdfast-go-cache'),
    GOFLAGS: '',
  }
  const built = await runClient('go', ['build', '-o', binary, script('oauth2_client.go')], { env })
  assert.equal(built.code, 0, built.stderr)
  await tryForeignClient(t, (demo, client, endpoints) =>
    runClient(binary, [endpoints.token, demo.api, client.client_id, client.cert, client.key, demo.ca]),
  )
})

async function tryForeignClient(
  t: TestContext,
  run: (
    demo: DemoDeployment,
    client: DemoClient,
    endpoints: { readonly token: string },
  ) => ReturnType<typeof runClient>,
): Promise<void> {
  const demo = await startDemo(t, 'port')
  for (const method of certificateMethods) {
    const client = clientOf(demo, method)
    const answer = await run(demo, client, { token: await tokenAlias(demo) })
    assert.equal(answer.code, 0, answer.stderr)
    await assertBound(JSON.parse(answer.stdout) as Outcome, client)
  }
}

async function tokenAlias(demo: DemoDeployment): Promise<string> {
  const metadata = await runClient('curl', [
    '-sS',
    '--cacert',
    demo.ca,
    `${demo.issuer}/.well-known/oauth-authorization-server`,
  ])
  return (JSON.parse(metadata.stdout) as { mtls_endpoint_aliases: { token_endpoint: string } }).mtls_endpoint_aliases
    .token_endpoint
}

async function assertBound(outcome: Outcome, client: DemoClient): Promise<void> {
  assert.equal(outcome.token_type.toLowerCase(), 'bearer')
  assert.equal(outcome.status, 200)
  const claims = JSON.parse(Buffer.from(outcome.access_token.split('.')[1] ?? '', 'base64url').toString()) as {
    cnf?: Record<string, string>
  }
  const der = new X509Certificate(await readFile(client.cert)).raw
  assert.deepEqual(claims.cnf, { 'x5t#S256': createHash('sha256').update(der).digest('base64url') })
}

function script(name: string): string {
  const path = join(import.meta.dirname, name)
  assert.ok(existsSync(path))
  return path
}
