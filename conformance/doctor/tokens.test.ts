import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import { clientOf, type DemoDeployment, startDemo } from '../black-box/demo-deployment.ts'
import { runDoctor } from './run-doctor.ts'

interface Report {
  readonly outcome: string
  readonly terminator: string
  readonly checks: readonly { readonly number: number; readonly outcome: string; readonly said: string }[]
  readonly findings: readonly { readonly cause: string; readonly severity: string; readonly what: string }[]
}

test('a token of the demo is taken with its certificate alone, and an API that takes it from everybody is named', async (t) => {
  const demo = await startDemo(t, 'port')
  const good = await examine(demo, demo.api, demo.ca)
  assert.deepEqual(faults(good), [], JSON.stringify(good, null, 1))
  assert.deepEqual(
    good.checks.filter(({ number }) => number === 20).map(({ outcome, said }) => [outcome, said]),
    [['good', 'taken with its certificate, refused without, with another, with a forged header']],
  )
  assert.equal(good.terminator, 'holdfast')

  const careless = await carelessApi(t)
  const both = join(careless.folder, 'both.pem')
  await writeFile(both, (await readFile(demo.ca, 'utf8')) + careless.ca)
  const bad = await examine(demo, careless.url, both)
  assert.deepEqual(faults(bad), ['api_ignores_binding'])
  assert.match(bad.findings[0]?.what ?? '', /no certificate, with another certificate, with a forged header/)
})

async function examine(demo: DemoDeployment, api: string, ca: string): Promise<Report> {
  const client = clientOf(demo, 'tls_client_auth')
  const { stdout, stderr } = await runDoctor([
    ...[demo.issuer, '--ca', ca, '--json', '--client-id', client.client_id, '--cert', client.cert],
    ...['--key', client.key, '--resource', api],
  ])
  assert.ok(stdout.startsWith('{'), stderr)
  return JSON.parse(stdout) as Report
}

function faults({ findings }: Report): readonly string[] {
  return findings.filter(({ severity }) => severity !== 'note').map(({ cause }) => cause)
}

/** An API that looks at the token, and not at who brings it. */
async function carelessApi(
  t: TestContext,
): Promise<{ readonly url: string; readonly ca: string; readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-careless-'))
  const authority = createTestAuthority()
  const { chainPem, keyPem } = authority.issueServer(['localhost'])
  const server = createServer(
    { cert: chainPem, key: keyPem, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      response.statusCode = request.headers.authorization?.startsWith('Bearer ') === true ? 200 : 401
      response.end()
    },
  )
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.after(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
    await rm(folder, { recursive: true, force: true })
  })
  return { url: `https://localhost:${(server.address() as AddressInfo).port}/`, ca: authority.rootPem, folder }
}
