import assert from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import test from 'node:test'
import { temporaryDirectory } from '@holdfast/testkit'
import type { PlainListenerOptions } from '../src/edge-options.ts'
import { exchange1, get, http1, makeNames, open, startEdge } from './edge-under-test.ts'

const names = makeNames()
const escaped = encodeURIComponent(names.client.pem)
const header = `X-SSL-CERT: ${escaped}`
const main = { host: 'login.test', role: 'main' } as const
const below = { host: 'login.test', role: 'mtls', path: '/mtls' } as const

function plain(path: string, more: Partial<PlainListenerOptions>): PlainListenerOptions {
  return {
    kind: 'plain',
    name: path,
    address: { path },
    hosts: [main, below],
    clientCertificate: { from: 'nginx' },
    ...more,
  }
}

test('in path style a certificate counts below the path, and is passed over on the rest of the host', async (t) => {
  const path = join(await temporaryDirectory(t), 'one.sock')
  await startEdge(t, [plain(path, {})])
  for (const target of ['/mtls', '/mtls/', '/mtls/token', '/mtls?a', '/mtls/../token']) {
    const { echo } = await http1({ path }, get('login.test', [header], target))
    assert.deepEqual([echo.role, echo.thumbprint], ['mtls', names.client.thumbprint], target)
    assert.equal((await http1({ path }, get('login.test', [], target))).echo.thumbprint, null)
  }
  for (const target of [
    '/',
    '/token',
    '/mtl',
    '/mtlsx',
    '/MTLS/token',
    '//mtls/token',
    '/%6dtls/token',
    '/x/../mtls/',
  ]) {
    const { status, echo } = await http1({ path }, get('login.test', [header], target))
    assert.deepEqual([status, echo.role, echo.thumbprint], [200, 'main', null], target)
  }
})

test('in path style too no other certificate header, no second line and no look-alike gets through', async (t) => {
  const path = join(await temporaryDirectory(t), 'one.sock')
  await startEdge(t, [plain(path, {})])
  for (const lines of [[header, header], [`X_SSL_CERT: ${escaped}`], ['Client-Cert: :AAAA:']]) {
    assert.equal((await http1({ path }, get('login.test', lines, '/'))).status, 400)
    const { echo } = await http1({ path }, get('login.test', lines, '/mtls/token'))
    assert.equal(echo.thumbprint, null)
    assert.equal(typeof echo.certificateRefusal?.reason, 'string')
  }
})

test('path and rest of a host may have listeners of their own, and neither serves the other', async (t) => {
  const folder = await temporaryDirectory(t)
  const [people, machines] = [join(folder, 'main.sock'), join(folder, 'mtls.sock')]
  const { reasons } = await startEdge(t, [
    { kind: 'plain', name: 'main', address: { path: people }, hosts: [main] },
    plain(machines, { hosts: [below] }),
  ])
  assert.equal((await http1({ path: machines }, get('login.test', [header], '/mtls/token'))).echo.role, 'mtls')
  assert.equal((await http1({ path: machines }, get('login.test', [header], '/token'))).status, 421)
  assert.equal((await http1({ path: people }, get('login.test', [], '/mtls/token'))).echo.role, 'main')
  assert.equal((await http1({ path: people }, get('login.test', [header], '/token'))).status, 400)
  assert.deepEqual(reasons(), ['host_misdirected', 'certificate_header_unexpected'])
})

test('a path that is none, and two of one host, are told at construction', async (t) => {
  for (const path of ['mtls', '/', '/mtls/', '/m tls', '/../x', ''])
    await assert.rejects(startEdge(t, [plain('/nowhere', { hosts: [main, { ...below, path }] })]), /path/)
  await assert.rejects(startEdge(t, [plain('/nowhere', { hosts: [below, { ...below, path: '/other' }] })]), /two paths/)
})

test('a refused request is answered when its body has been read, so that a proxy does not turn the answer into 502', async (t) => {
  const path = join(await temporaryDirectory(t), 'one.sock')
  await startEdge(t, [plain(path, {})])
  const body = 'x'.repeat(300_000)
  for (const framing of [`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked']) {
    const socket = await open({ path })
    let answered = false
    socket.once('data', () => (answered = true))
    const chunked = framing.startsWith('T')
    const head = `POST /token HTTP/1.1\r\nHost: other.test\r\n${framing}\r\n\r\n`
    const answer = exchange1(socket, `${head}${chunked ? `${body.length.toString(16)}\r\n` : ''}${body.slice(0, -1)}`)
    await new Promise((done) => setTimeout(done, 50))
    assert.equal(answered, false, 'the body has not ended yet')
    socket.write(`${body.slice(-1)}${chunked ? '\r\n0\r\n\r\n' : ''}`)
    assert.equal((await answer).status, 421)
  }
  const endless = await open({ path })
  endless.on('error', () => undefined)
  endless.write('POST /token HTTP/1.1\r\nHost: other.test\r\nContent-Length: 100000000\r\n\r\n')
  const [data] = (await once(endless, 'data')) as [Buffer]
  assert.match(data.toString(), /^HTTP\/1\.1 421/)
  endless.destroy()
})
