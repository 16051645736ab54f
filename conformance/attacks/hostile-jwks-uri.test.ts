import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createTestAuthority, listenOnLoopback } from '@holdfast/testkit'
import { startAttackedServer } from './attacked-server.ts'
import type { AttackedServer } from './attacked-server.ts'

const signer = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const web = createTestAuthority({ name: 'Web' })
const identity = web.issueServer(['127.0.0.1', 'localhost'])
const goodSet = JSON.stringify({ keys: [{ ...signer.publicKey.export({ format: 'jwk' }), kid: 'k' }] })

/** What a client's server may do to us, by path. The rest of each path is the client that registered it. */
const misdeeds: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  hangs: () => undefined,
  'hangs-in-the-body': (_, response) => void response.writeHead(200).write('{"keys":['),
  trickles: (_, response) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write(' '), 50)
    response.once('close', () => clearInterval(timer))
  },
  'gigabyte-announced': (_, response) =>
    void response.writeHead(200, { 'content-length': 2 ** 30 }).write(' '.repeat(10)),
  'gigabyte-sent': (_, response) => {
    response.writeHead(200)
    const chunk = Buffer.alloc(65_536, ' ')
    const push = (): void => {
      while (!response.destroyed && response.write(chunk));
    }
    response.on('drain', push)
    push()
  },
  html: (_, response) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Sign in</body>'),
  redirects: (_, response) => void response.writeHead(302, { location: '/good' }).end(goodSet),
  'redirects-to-http': (_, response) => void response.writeHead(301, { location: 'http://127.0.0.1/' }).end(),
  closes: (request) => void request.socket.destroy(),
  'closes-in-the-body': (request, response) => {
    response
      .writeHead(200, { 'content-length': goodSet.length })
      .write(goodSet.slice(0, 30), () => request.socket.destroy())
  },
  'sends-many-headers': (_, response) => void response.writeHead(200, { 'x-a': 'a'.repeat(100_000) }).end(goodSet),
  'no-http': (request) => void request.socket.end('SSH-2.0-OpenSSH\r\n'),
  'not-found': (_, response) => void response.writeHead(404).end(goodSet),
  error: (_, response) => void response.writeHead(500).end(),
  empty: (_, response) => void response.writeHead(200).end(),
  nothing: (_, response) => void response.writeHead(200).end('null'),
  'no-keys': (_, response) => void response.writeHead(200).end('{"keys":[]}'),
  'keys-that-are-none': (_, response) =>
    void response
      .writeHead(200)
      .end('{"keys":[null,1,"x",[],{},{"kty":"EC"},{"kty":"oct","k":"AA"},{"kty":"RSA","n":"AQ","e":"AQAB"}]}'),
  'keys-in-prototype': (_, response) => void response.writeHead(200).end(`{"__proto__":${goodSet}}`),
  nested: (_, response) => void response.writeHead(200).end(`{"keys":${'['.repeat(250_000)}${']'.repeat(250_000)}}`),
  'wrong-encoding': (_, response) =>
    void response.writeHead(200, { 'content-encoding': 'gzip' }).end(Buffer.from('1f8b0800', 'hex')),
}

test('CVE-2025-64527: a jwks_uri that hangs, floods, redirects, breaks off or answers nonsense harms its own client only', async (t) => {
  const port = await startWeb(t)
  const names = [...Object.keys(misdeeds), 'good']
  const at = await startAttackedServer(
    t,
    () => ({
      clients: names.map((name) => clientWith(name, `https://127.0.0.1:${port}/${name}`)),
      more: { limits: { 'jwks-uri-private-addresses': ['127.0.0.1'] } },
    }),
    { jwksUriCa: web.rootPem },
  )
  const memory = process.memoryUsage().rss
  const began = performance.now()
  const statuses = Promise.all(
    names.map(async (name) => [name, (await token(at, name)).status, Math.round(performance.now() - began)] as const),
  )
  // While some hang, others are served.
  assert.equal((await token(at, 'good')).status, 200)
  for (const [name, status, milliseconds] of await statuses) {
    assert.equal(status, name === 'good' ? 200 : 401, name)
    assert.ok(milliseconds < 15_000, `${name} took ${milliseconds} ms`)
  }
  assert.ok(process.memoryUsage().rss - memory < 200_000_000)
  // The failure is remembered: the second time nobody waits.
  const again = performance.now()
  assert.equal((await token(at, 'hangs')).status, 401)
  assert.ok(performance.now() - again < 3_000)
  assert.doesNotMatch(await at.logText(), /"event":"unexpected"/)
})

test('a jwks_uri leads to no private address, by number, by name or in disguise, and to no other scheme', async (t) => {
  let connections = 0
  const port = await startWeb(t, () => connections++)
  const uris = {
    loopback: `https://127.0.0.1:${port}/good`,
    name: `https://localhost:${port}/good`,
    'whole-network': `https://127.8.9.10:${port}/good`,
    zero: `https://0.0.0.0:${port}/good`,
    decimal: `https://2130706433:${port}/good`,
    hexadecimal: `https://0x7f000001:${port}/good`,
    octal: `https://0177.0.0.1:${port}/good`,
    short: `https://127.1:${port}/good`,
    mapped: `https://[::ffff:127.0.0.1]:${port}/good`,
    'mapped-in-hex': `https://[::ffff:7f00:1]:${port}/good`,
    compatible: `https://[::127.0.0.1]:${port}/good`,
    six: `https://[::1]:${port}/good`,
    translated: `https://[64:ff9b::7f00:1]:${port}/good`,
    metadata: 'https://169.254.169.254/latest',
  }
  const at = await startAttackedServer(
    t,
    () => ({ clients: Object.entries(uris).map(([name, uri]) => clientWith(name, uri)) }),
    { jwksUriCa: web.rootPem },
  )
  for (const name of Object.keys(uris)) assert.equal((await token(at, name)).status, 401, name)
  assert.equal(connections, 0)
  await at.restart()
  const refused = [...(await at.logText()).matchAll(/the address \S+ is not public/g)]
  assert.equal(refused.length, Object.keys(uris).length)
})

test('a jwks_uri that is not https cannot be registered', async (t) => {
  for (const uri of [
    'http://127.0.0.1/',
    'file:///etc/passwd',
    'data:application/json,{}',
    'ldap://127.0.0.1/',
    'https://example.com@127.0.0.1/',
    'x',
  ])
    await assert.rejects(
      startAttackedServer(t, () => ({ clients: [clientWith('bad', uri)] })),
      /jwks_uri/,
      uri,
    )
})

async function startWeb(t: TestContext, connected: () => void = () => undefined): Promise<number> {
  const server: Server = createServer({ cert: identity.chainPem, key: identity.keyPem }, (request, response) => {
    response.on('error', () => undefined)
    const name = (request.url ?? '').slice(1)
    if (name === 'good') response.end(goodSet)
    else misdeeds[name]?.(request, response)
  })
  server.on('connection', connected)
  return listenOnLoopback(t, server)
}

function clientWith(name: string, jwksUri: string): object {
  return {
    client_id: name,
    token_endpoint_auth_method: 'private_key_jwt',
    jwks_uri: jwksUri,
    grant_types: ['client_credentials'],
    scope: 'read',
  }
}

function token(at: AttackedServer, client: string): ReturnType<AttackedServer['post']> {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: client, sub: client, aud: 'https://as.test', exp: now + 60, jti: randomUUID() }
  const input = [{ alg: 'ES256', kid: 'k' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = sign('sha256', Buffer.from(input), { key: signer.privateKey, dsaEncoding: 'ieee-p1363' })
  return at.token(client, undefined, {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${input}.${signature.toString('base64url')}`,
  })
}
