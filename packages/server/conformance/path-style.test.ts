import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createSelfSignedCertificate, temporaryDirectory } from '@holdfast/testkit'
import { loadConfiguration } from '../src/config/load-configuration.ts'
import { startServer } from '../src/start-server.ts'

const certificate = createSelfSignedCertificate({ commonName: 'client' })
const [secret, before, stale] = ['n'.repeat(40), 'b'.repeat(40), 's'.repeat(40)]
const clientSecret = 'a secret of the client'
const header = { 'X-SSL-CERT': encodeURIComponent(certificate.pem) }
const form = `grant_type=client_credentials&client_id=app&client_secret=${encodeURIComponent(clientSecret)}`

test('RFC8705-M22 in path style the aliases stand below the path, where alone a certificate binds', async (t) => {
  const ask = await start(t)
  const metadata = await ask('/.well-known/oauth-authorization-server')
  const aliases = metadata.body['mtls_endpoint_aliases'] as Readonly<Record<string, string>>
  assert.equal(aliases['token_endpoint'], 'https://login.example.com/mtls/token')
  assert.equal(metadata.body['token_endpoint'], 'https://login.example.com/token')
  assert.deepEqual(cnfOf(await ask('/mtls/token', { form, headers: header })), { 'x5t#S256': certificate.thumbprint })
  assert.equal(cnfOf(await ask('/mtls/token', { form })), undefined)
  assert.equal(cnfOf(await ask('/token', { form, headers: header })), undefined)
  for (const path of ['/mtls', '/mtls/', '/mtls/jwks', '/mtls/mtls/token', '/mtls/.well-known/openid-configuration'])
    assert.equal((await ask(path, { headers: header })).status, 404, path)
})

test('two secrets of the proxy are believed, and no third', async (t) => {
  const ask = await start(t)
  const tried: readonly (readonly [string, number])[] = [
    [secret, 200],
    [before, 200],
    [stale, 400],
    ['', 400],
  ]
  for (const [value, status] of tried)
    assert.equal((await ask('/jwks', { headers: { 'X-Proof': value } })).status, status, `the secret ${value}`)
})

test('a form that is compressed is a 415, for the token endpoint and the others', async (t) => {
  const ask = await start(t)
  for (const path of ['/token', '/mtls/token', '/introspect', '/revoke'])
    for (const encoding of ['gzip', 'identity', 'br, gzip']) {
      const answer = await ask(path, { form, headers: { 'Content-Encoding': encoding } })
      assert.deepEqual([answer.status, answer.body['error']], [415, 'invalid_request'], `${path} ${encoding}`)
    }
})

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

type Ask = (
  path: string,
  more?: { readonly form?: string; readonly headers?: Readonly<Record<string, string>> },
) => Promise<Answer>

/** A server behind a proxy that hands host and path to one listener. */
async function start(t: TestContext): Promise<Ask> {
  const directory = await temporaryDirectory(t)
  writeFileSync(join(directory, 'master.key'), `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 })
  const path = join(directory, 'holdfast.yaml')
  writeFileSync(
    path,
    JSON.stringify({
      issuer: 'https://login.example.com',
      hosts: { 'login.example.com': { role: 'main' }, 'login.example.com/mtls': { role: 'mtls' } },
      listeners: [
        {
          address: 'unix:all.sock',
          hosts: ['login.example.com', 'login.example.com/mtls'],
          'client-certificate': {
            from: 'nginx',
            'proxy-secret': secret,
            'previous-proxy-secret': before,
            'proxy-secret-header': 'X-Proof',
          },
        },
      ],
      clients: [
        {
          client_id: 'app',
          token_endpoint_auth_method: 'client_secret_post',
          client_secret: clientSecret,
          binding: 'if_present',
          grant_types: ['client_credentials'],
          scope: 'a',
        },
      ],
      keys: { 'master-key-file': 'master.key' },
      store: { url: 'sqlite:holdfast.db' },
      management: { address: 'off' },
      log: { level: 'silent' },
    }),
  )
  const loaded = loadConfiguration({ file: path, environment: {}, flags: {} })
  assert.ok(loaded.ok, JSON.stringify(loaded))
  const server = await startServer(loaded.value)
  t.after(() => server.close())
  return (target, { form: body, headers = {} } = {}) =>
    new Promise((done, failed) => {
      const asked = request({
        socketPath: join(directory, 'all.sock'),
        method: body === undefined ? 'GET' : 'POST',
        path: target,
        headers: {
          Host: 'login.example.com',
          'X-Proof': secret,
          ...(body === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
          ...headers,
        },
      })
      asked.once('error', failed)
      asked.once('response', (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.once('end', () => {
          done({ status: response.statusCode ?? 0, body: JSON.parse(text) as Answer['body'] })
        })
      })
      asked.end(body)
    })
}

function cnfOf({ status, body }: Answer): unknown {
  assert.equal(status, 200, JSON.stringify(body))
  const token = body['access_token']
  assert.ok(typeof token === 'string')
  return (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { readonly cnf?: unknown }).cnf
}
