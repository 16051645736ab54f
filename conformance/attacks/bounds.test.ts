import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { before, test } from 'node:test'
import type { TestCertificate } from '@holdfast/testkit'
import { load } from '../../packages/server/conformance/test-server.ts'
import { startAttackedServer, untilFileEnds } from './attacked-server.ts'
import type { AttackedServer } from './attacked-server.ts'
import { formType, rawConnection, rawExchange, rawRequest } from './raw-exchange.ts'

const signer = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const clients = [
  {
    client_id: 'acme',
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_dns: 'acme.example',
    trust: 'partners',
    grant_types: ['client_credentials'],
    scope: 'read',
  },
  {
    client_id: 'robot',
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [{ ...signer.publicKey.export({ format: 'jwk' }), kid: 'k' }] },
    grant_types: ['client_credentials'],
    scope: 'read',
  },
]
const replayEntries = 3

const file = untilFileEnds()
let at: AttackedServer
let behind: { readonly path: string }

before(async () => {
  at = await startAttackedServer(file, (directory) => {
    behind = { path: join(directory, 'behind.sock') }
    return {
      clients,
      more: {
        listeners: [
          { address: '127.0.0.1:0', tls: { certificate: 'server.pem', key: 'server.key' } },
          { address: `unix:${behind.path}`, hosts: ['mtls.as.test'], 'client-certificate': { from: 'rfc9440' } },
        ],
        limits: { 'replay-entries': replayEntries },
      },
    }
  })
})

test('a form holds 64 KB and 100 parameters, announced or in chunks, and not one more', async () => {
  const head = 'grant_type=client_credentials&client_id=acme&x='
  for (const [length, status] of [
    [65_536, 401],
    [65_537, 413],
  ] as const) {
    const body = head + 'a'.repeat(length - head.length)
    const whole = await rawExchange(at.tls('as.test'), rawRequest('POST', '/token', 'as.test', [formType], body))
    assert.equal(whole.status, status, `${length} announced`)
    const lines = ['POST /token HTTP/1.1', 'Host: as.test', 'Connection: close', formType, 'Transfer-Encoding: chunked']
    const chunks = [body.slice(0, 30_000), body.slice(30_000)].map(
      (part) => `${part.length.toString(16)}\r\n${part}\r\n`,
    )
    const chunked = await rawExchange(at.tls('as.test'), `${lines.join('\r\n')}\r\n\r\n${chunks.join('')}0\r\n\r\n`)
    assert.equal(chunked.status, status, `${length} in chunks`)
  }
  const parameters = (count: number): string => Array.from({ length: count }, (_, index) => `p${index}=1`).join('&')
  for (const [count, error] of [
    [98, 'invalid_client'],
    [99, 'invalid_request'],
  ] as const) {
    const answer = await at.send({
      method: 'POST',
      path: '/token',
      body: `grant_type=client_credentials&client_id=acme&${parameters(count)}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    assert.equal(answer.json['error'], error, `${count + 2} parameters`)
  }
  const announced = rawRequest('POST', '/token', 'as.test', [formType], '')
    .toString()
    .replace('Length: 0', 'Length: 99999999999')
  assert.equal((await rawExchange(at.tls('as.test'), announced)).status, 413)
})

test('headers hold 16 KB and 200 lines', async () => {
  const get = async (lines: readonly string[], path = '/jwks'): Promise<number> =>
    (await rawExchange(at.tls('as.test'), rawRequest('GET', path, 'as.test', lines))).status
  assert.equal(await get([`X-A: ${'a'.repeat(15_000)}`]), 200)
  assert.equal(await get([`X-A: ${'a'.repeat(17_000)}`]), 431)
  assert.equal(await get(Array.from({ length: 190 }, (_, index) => `X-${index}: a`)), 200)
  assert.equal(await get(Array.from({ length: 210 }, (_, index) => `X-${index}: a`)), 431)
  assert.equal(await get([], `/${'a'.repeat(15_000)}`), 404)
  assert.equal(await get([], `/${'a'.repeat(17_000)}`), 431)
})

test('a certificate holds 16 KB, a chain five, in the handshake and in a header; what OpenSSL cannot take ends in its alert', async () => {
  const san = { dns: ['acme.example'] }
  const big = at.authority.issue({ san: { dns: ['acme.example', ...names(600)] } })
  const tooBig = at.authority.issue({ san: { dns: ['acme.example', ...names(800)] } })
  assert.ok(big.der.length < 16_384 && big.der.length > 12_000 && tooBig.der.length > 16_384)
  const five = withChainOf(at.authority.issue({ san }), 4)
  const six = withChainOf(at.authority.issue({ san }), 5)
  for (const [what, certificate, status] of [
    ['a big certificate', big, 200],
    ['one above 16 KB', tooBig, 400],
    ['five certificates', five, 200],
    ['six certificates', six, 400],
  ] as const) {
    const forwarded = await at.tokenBehind(behind, 'acme', rfc9440Lines(certificate))
    assert.equal(forwarded.status, status, `${what}: ${forwarded.body}`)
  }
  assert.equal((await at.token('acme', big)).status, 200)
  const refused = await at.token('acme', tooBig)
  assert.deepEqual([refused.status, refused.json['error']], [400, 'invalid_request'])
  const enormous = at.authority.issue({ san: { dns: ['acme.example', ...names(7_000)] } })
  await assert.rejects(at.token('acme', enormous), /EPIPE|ECONNRESET|excessive message size|alert/i)
  assert.equal((await at.token('acme', at.authority.issue({ san }))).status, 200)
})

test('a key that is too small or on no named curve vouches for nobody', async () => {
  const san = { dns: ['acme.example'] }
  assert.equal((await at.token('acme', at.authority.issue({ san, key: 'rsa-2048' }))).status, 200)
  const small = at.authority.issue({ san, key: 'rsa-1024' })
  assert.equal((await at.tokenBehind(behind, 'acme', rfc9440Lines(small))).status, 401)
  const explicit = generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }).privateKey
  const odd = at.authority.issue({ san, key: explicit })
  assert.equal((await at.tokenBehind(behind, 'acme', rfc9440Lines(odd))).status, 401)
})

test('a replay memory that is full refuses with 503, and forgets no assertion that is still good', async () => {
  const used = Array.from({ length: replayEntries }, () => assertion())
  for (const one of used) assert.equal((await present(one)).status, 200)
  const refused = await present(assertion())
  assert.deepEqual([refused.status, refused.json['error']], [503, 'temporarily_unavailable'])
  for (const one of used) assert.notEqual((await present(one)).status, 200)
})

test('the time-outs and counts of the configuration are those of its listeners, and a patient client is cut off', async (t) => {
  const usual = load(at.file).limits
  assert.deepEqual(
    [usual.handshakeTimeout, usual.headersTimeout, usual.requestTimeout, usual.connections, usual.bodyBytes],
    [10, 10, 30, 10_000, 65_536],
  )
  const strict = await startAttackedServer(t, () => ({
    clients: [],
    more: {
      limits: { 'handshake-timeout': 3, 'headers-timeout': 1, 'request-timeout': 2, 'handshakes-per-address': 3 },
    },
  }))
  const target = strict.tls('as.test')
  const began = performance.now()
  const slow = [
    await rawConnection(target),
    await rawConnection(target),
    await rawConnection({ port: strict.port }),
    await rawConnection({ port: strict.port }),
  ]
  slow[1]?.write(`POST /token HTTP/1.1\r\nHost: as.test\r\n${formType}\r\nContent-Length: 100\r\n\r\ngrant`)
  slow[3]?.write(Buffer.from([22, 3, 1, 2, 0]))
  const closed = slow.map((socket) => gone(socket))
  // A third handshake is let in, and a fourth is not.
  const third = await rawConnection({ port: strict.port })
  const fourth = await rawConnection({ port: strict.port })
  await gone(fourth)
  assert.ok(performance.now() - began < 2_500, 'the fourth handshake was closed at once')
  third.destroy()
  await Promise.all(closed)
  assert.ok(performance.now() - began < 15_000)
  assert.equal((await strict.send({ path: '/jwks' })).status, 200)
})

function gone(socket: Socket): Promise<void> {
  socket.on('error', () => undefined)
  socket.resume()
  return new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })
}

function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `n${String(index).padStart(5, '0')}.acme.example`)
}

/** The certificate with a chain of so many: its own first, then others of the same CA. */
function withChainOf(certificate: TestCertificate, count: number): TestCertificate {
  const others = Array.from(
    { length: count - certificate.chain.length },
    () => at.authority.issueAuthority().certificate.der,
  )
  return { ...certificate, chain: [...certificate.chain, ...others] }
}

function rfc9440Lines({ der, chain }: Pick<TestCertificate, 'der' | 'chain'>): readonly string[] {
  const item = (bytes: Uint8Array): string => `:${Buffer.from(bytes).toString('base64')}:`
  return [`Client-Cert: ${item(der)}`, `Client-Cert-Chain: ${chain.map(item).join(', ')}`]
}

function assertion(): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: 'robot', sub: 'robot', aud: 'https://as.test', exp: now + 60, jti: randomUUID() }
  const input = [{ alg: 'ES256', kid: 'k' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = sign('sha256', Buffer.from(input), { key: signer.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

function present(clientAssertion: string): ReturnType<AttackedServer['token']> {
  return at.token('robot', undefined, {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: clientAssertion,
  })
}
