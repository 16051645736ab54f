import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { clientOf, startDemo } from '../black-box/demo-deployment.ts'
import { dotnetBuild, dotnetPart } from '../proxies/dotnet-program.ts'
import { claimsOf } from '../../packages/server/conformance/test-server.ts'
import { certificateMethods } from './certificate-methods.ts'
import { startPeopleSite } from './people-site.ts'
import { runClient } from './run-client.ts'

const folder = join(import.meta.dirname, 'dotnet')

test('Duende.IdentityModel gets a bound token with both certificate methods and calls the API', async (t) => {
  const assembly = await program(t)
  if (assembly === undefined) return
  const demo = await startDemo(t, 'port')
  for (const method of certificateMethods) {
    const { client_id, cert, key } = clientOf(demo, method)
    const args = [assembly, demo.issuer, 'client_credentials', client_id, cert, key, demo.ca, '-', demo.api]
    const answer = await runClient('dotnet', args)
    assert.equal(answer.code, 0, answer.stderr)
    const { token_type, access_token, status } = JSON.parse(answer.stdout) as Readonly<Record<string, unknown>>
    assert.deepEqual([token_type, status], ['Bearer', 200])
    const thumbprint = createHash('sha256')
      .update(new X509Certificate(await readFile(cert)).raw)
      .digest('base64url')
    assert.deepEqual(claimsOf(access_token)['cnf'], { 'x5t#S256': thumbprint })
  }
})

test('Duende.IdentityModel.OidcClient pushes its request, redeems and refreshes with both certificate methods; Microsoft.IdentityModel takes the ID token', async (t) => {
  const assembly = await program(t)
  if (assembly === undefined) return
  const site = await startPeopleSite(t)
  const files = await mkdtemp(join(tmpdir(), 'holdfast-dotnet-client-'))
  t.after(() => rm(files, { recursive: true, force: true }))
  const ca = join(files, 'ca.pem')
  await writeFile(ca, site.server.authority.rootPem)
  for (const method of certificateMethods) {
    const { certificate } = site.clients[method]
    const [cert, key] = [join(files, `${method}.pem`), join(files, `${method}.key`)]
    await writeFile(cert, certificate.chainPem)
    await writeFile(key, certificate.keyPem)
    const args = [assembly, site.issuer.origin, 'code', method, cert, key, ca, String(site.server.port)]
    const child = spawn('dotnet', args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: 60_000 })
    let complaint = ''
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
    const lines: AsyncIterator<string, undefined> = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const link = (await lines.next()).value
    assert.ok(link !== undefined, complaint)
    assert.match(link, /[?&]request_uri=urn/, 'the request was pushed')
    child.stdin.end(`${(await site.ada(new URL(link))).href}\n`)
    const told = (await lines.next()).value
    assert.ok(told !== undefined, complaint)
    const outcome = JSON.parse(told) as Readonly<Record<string, string>>
    assert.deepEqual([outcome['sub'], outcome['name']], ['ada-1', 'Ada Lovelace'])
    for (const token of ['access_token', 'refreshed_token']) site.assertBound(outcome[token] ?? '', { certificate })
  }
})

function program(t: TestContext): Promise<string | undefined> {
  return dotnetPart(t) ? dotnetBuild(t, folder, 'holdfast-client') : Promise.resolve(undefined)
}
