import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import { clientOf, startDemo, type DemoClient, type DemoDeployment } from '../black-box/demo-deployment.ts'
import { realPart } from '../black-box/real-part.ts'
import { runClient } from './run-client.ts'

test('RFC8705-M13 Apache mod_oauth2, which checks x5t#S256 by itself, lets only the rightful holder of our token in', async (t) => {
  if (!realPart(t, 'curl') || !realPart(t, 'apache2 with mod_oauth2')) return
  const demo = await startDemo(t, 'port')
  const api = await startApache(t, demo)
  const client = clientOf(demo, 'tls_client_auth')
  const other = clientOf(demo, 'self_signed_tls_client_auth')
  const token = await tokenFor(demo, client)

  assert.equal(await statusOf(api, token, client), 200, 'the certificate the token is bound to')
  assert.equal(await statusOf(api, token, other), 401, 'another certificate')
  assert.equal(await statusOf(api, token, undefined), 401, 'no certificate')
})

interface ApacheApi {
  readonly url: string
  readonly ca: string
}

async function startApache(t: TestContext, demo: DemoDeployment): Promise<ApacheApi> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-apache-'))
  const port = await freePort()
  const authority = createTestAuthority()
  const server = authority.issue({ commonName: 'localhost', san: { dns: ['localhost'] }, eku: ['serverAuth'] })
  await Promise.all([
    writeFile(join(folder, 'ca.pem'), authority.rootPem),
    writeFile(join(folder, 'server.pem'), server.pem + server.chainPem),
    writeFile(join(folder, 'server.key'), server.keyPem),
    writeFile(join(folder, 'hello'), 'hello\n'),
    writeFile(join(folder, 'apache.conf'), configuration(folder, port, `${demo.issuer}/jwks`)),
  ])
  const apache = spawn('/usr/sbin/apache2', ['-X', '-f', join(folder, 'apache.conf')], { stdio: 'ignore' })
  const ended = new Promise<void>((done) => apache.once('exit', () => done()))
  t.after(async () => {
    apache.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  })
  const api = { url: `https://localhost:${port}/hello`, ca: join(folder, 'ca.pem') }
  for (let attempt = 0; attempt < 100; attempt++) {
    const answer = await runClient('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', '--cacert', api.ca, api.url])
    if (answer.stdout === '401') return api
    if (apache.exitCode !== null) break
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error(
    `apache2 did not come up:\n${await readFile(join(folder, 'error.log'), 'utf8').catch(() => 'no log')}`,
  )
}

function configuration(folder: string, port: number, jwksUri: string): string {
  const module = (name: string, file = `mod_${name}.so`) => `LoadModule ${name}_module /usr/lib/apache2/modules/${file}`
  return `
ServerRoot ${folder}
ServerName localhost
PidFile ${folder}/apache.pid
ErrorLog ${folder}/error.log
DefaultRuntimeDir ${folder}
Mutex file:${folder}
Listen 127.0.0.1:${port}
${['mpm_prefork', 'authn_core', 'authz_core', 'authz_user', 'ssl', 'socache_shmcb', 'oauth2'].map((name) => module(name)).join('\n')}
DocumentRoot ${folder}
<VirtualHost *:${port}>
  SSLEngine on
  SSLCertificateFile ${folder}/server.pem
  SSLCertificateKeyFile ${folder}/server.key
  SSLVerifyClient optional_no_ca
  SSLOptions +StdEnvVars +ExportCertData
  <Location />
    AuthType oauth2
    OAuth2TokenVerify jwks_uri ${jwksUri} jwks_uri.ssl_verify=false&type=mtls&mtls.policy=required
    Require valid-user
  </Location>
</VirtualHost>
`
}

async function tokenFor(demo: DemoDeployment, client: DemoClient): Promise<string> {
  const tls = ['-sS', '--cacert', demo.ca, '--cert', client.cert, '--key', client.key]
  const answer = await runClient('curl', [
    ...tls,
    '-d',
    `grant_type=client_credentials&client_id=${client.client_id}`,
    `${demo.mtls}/token`,
  ])
  return (JSON.parse(answer.stdout) as { access_token: string }).access_token
}

async function statusOf(api: ApacheApi, token: string, client: DemoClient | undefined): Promise<number> {
  const certificate = client === undefined ? [] : ['--cert', client.cert, '--key', client.key]
  const answer = await runClient('curl', [
    '-s',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code}',
    '--cacert',
    api.ca,
    ...certificate,
    '-H',
    `Authorization: Bearer ${token}`,
    api.url,
  ])
  return Number(answer.stdout)
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done))
  const { port } = probe.address() as AddressInfo
  await new Promise((done) => probe.close(done))
  return port
}
