import assert from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import test from 'node:test'
import { temporaryDirectory } from '@holdfast/testkit'
import { clientTls, get, http1, http2, makeNames, open, openHttp2, until } from './edge-under-test.ts'
import type { Answer } from './edge-under-test.ts'
import { startProxy, startUpstream } from './upstream-under-test.ts'
import type { Asked, ProxyUnderTest } from './upstream-under-test.ts'

const names = makeNames()
const both = [names.login, names.mtls]

const asked = ({ status, text }: Answer): Asked => {
  assert.equal(status, 200, text)
  return JSON.parse(text.replace(/^[0-9a-f]+\r\n|\r\n0\r\n\r\n$/g, '')) as Asked
}

const onMtls = ({ port }: ProxyUnderTest) => ({ port, tls: clientTls(names, 'mtls.login.test', names.client) })

test('an application that dies mid-answer leaves a cut answer, never one that looks whole', async (t) => {
  const upstream = await startUpstream(t, {
    '/chunked': (_, response) => {
      response.writeHead(200)
      response.write('half', () => response.socket?.destroy())
    },
    '/framed': (_, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('half', () => response.socket?.destroy())
    },
    '/none': (request) => void request.socket.destroy(),
    '/nonsense': (request) => void request.socket.end('HTP/9 what\r\n\r\n'),
    '/silent': () => undefined,
    '/stalls': (_, response) => void response.writeHead(200).write('half'),
  })
  const proxy = await startProxy(t, both, upstream.options, { upstreamTimeout: 300 })
  const session = await openHttp2(t, onMtls(proxy))
  for (const path of ['/chunked', '/framed', '/stalls']) {
    const answer = await http1(onMtls(proxy), get('mtls.login.test', [], path))
    assert.equal(answer.status, 200)
    assert.match(answer.text, /half/)
    assert.doesNotMatch(answer.text, /\r\n0\r\n\r\n$/)
    const stream = session.request({ ':authority': 'mtls.login.test', ':path': path })
    stream.resume()
    const [error] = (await once(stream, 'error')) as [NodeJS.ErrnoException]
    assert.match(error.message, /INTERNAL_ERROR/)
  }
  for (const [path, status, reason] of [
    ['/none', 502, 'upstream_broke_off'],
    ['/nonsense', 502, 'upstream_malformed'],
    ['/silent', 504, 'upstream_timeout'],
  ] as const) {
    const answer = await http1(onMtls(proxy), get('mtls.login.test', [], path))
    assert.equal(answer.status, status)
    assert.match(answer.head, /content-type: application\/json/i)
    assert.ok((JSON.parse(answer.text) as { error: string }).error)
    assert.equal(proxy.failures().at(-1), `${reason} before`)
    assert.equal((await http2(session, { ':authority': 'mtls.login.test', ':path': path })).status, status)
  }
})

test('an application that is not there is a 502, and one that comes back is found', async (t) => {
  const path = join(await temporaryDirectory(t), 'app.sock')
  const proxy = await startProxy(t, both, { address: { path } })
  assert.equal((await http1(onMtls(proxy), get('mtls.login.test'))).status, 502)
  assert.deepEqual(proxy.failures(), ['upstream_unreachable before'])
  await startUpstream(t, {}, { path })
  assert.equal(asked(await http1(onMtls(proxy), get('mtls.login.test'))).connection, 1)
})

test('connections behind are kept and shared, and a kept one that was closed is no error for a safe request', async (t) => {
  const upstream = await startUpstream(t)
  const proxy = await startProxy(t, both, upstream.options)
  for (let index = 0; index < 5; index++) asked(await http1(onMtls(proxy), get('mtls.login.test')))
  assert.equal(upstream.connections(), 1)
  for (let index = 0; index < 20; index++) {
    upstream.server.closeAllConnections()
    asked(await http1(onMtls(proxy), get('mtls.login.test')))
  }
})

test('with one connection behind, requests take turns, and none is lost when one gives up or the connection dies', async (t) => {
  const held: (() => void)[] = []
  const upstream = await startUpstream(t, {
    '/held': (_, response) => void held.push(() => response.end('ok')),
    '/dies': (request) => void held.push(() => request.socket.destroy()),
  })
  const proxy = await startProxy(t, both, upstream.options, { maxUpstreamConnections: 1 })
  const turns = [1, 2, 3, 4].map(() => http1(onMtls(proxy), get('mtls.login.test')))
  for (const answer of await Promise.all(turns)) asked(answer)
  assert.equal(upstream.connections(), 1)

  const first = http1(onMtls(proxy), get('mtls.login.test', [], '/held'))
  await until(() => held.length === 1)
  const impatient = await open(onMtls(proxy))
  impatient.write(get('mtls.login.test', [], '/held'))
  const dying = http1(onMtls(proxy), get('mtls.login.test', [], '/dies'))
  const last = http1(onMtls(proxy), get('mtls.login.test'))
  impatient.destroy()
  const releasing = setInterval(() => held.shift()?.(), 20)
  t.after(() => clearInterval(releasing))
  assert.match((await first).text, /ok/)
  assert.equal((await dying).status, 502)
  asked(await last)
  asked(await http1(onMtls(proxy), get('mtls.login.test')))
})

test('limits: too large a body is a 413, too many requests are a 503, and what was counted is free again', async (t) => {
  const held: (() => void)[] = []
  const upstream = await startUpstream(t, { '/held': (_, response) => void held.push(() => response.end('ok')) })
  const proxy = await startProxy(t, both, upstream.options, { maxBodyBytes: 1000, maxRequests: 2 })
  const body = 'x'.repeat(1001)
  const head = 'POST / HTTP/1.1\r\nHost: mtls.login.test\r\nConnection: close\r\n'
  assert.equal((await http1(onMtls(proxy), `${head}Content-Length: 1001\r\n\r\n${body}`)).status, 413)
  assert.equal(
    (await http1(onMtls(proxy), `${head}Transfer-Encoding: chunked\r\n\r\n3e9\r\n${body}\r\n0\r\n\r\n`)).status,
    413,
  )
  const waiting = [1, 2].map(() => http1(onMtls(proxy), get('mtls.login.test', [], '/held')))
  await until(() => held.length === 2)
  assert.equal((await http1(onMtls(proxy), get('mtls.login.test'))).status, 503)
  for (const release of held) release()
  for (const answer of await Promise.all(waiting)) assert.equal(answer.status, 200)
  asked(await http1(onMtls(proxy), get('mtls.login.test')))
  const gone = await open(onMtls(proxy))
  gone.write(get('mtls.login.test', [], '/held'))
  await until(() => held.length === 3)
  gone.destroy()
  asked(await http1(onMtls(proxy), get('mtls.login.test')))
  asked(await http1(onMtls(proxy), get('mtls.login.test')))
})

test('a client that goes away takes its request behind along', async (t) => {
  let closed = 0
  let begun = 0
  const upstream = await startUpstream(t, {
    '/held': (request) => {
      begun++
      request.socket.on('close', () => closed++)
    },
  })
  const proxy = await startProxy(t, both, upstream.options)
  const socket = await open(onMtls(proxy))
  socket.write(get('mtls.login.test', [], '/held'))
  const session = await openHttp2(t, onMtls(proxy))
  const stream = session.request({ ':authority': 'mtls.login.test', ':path': '/held' })
  stream.on('error', () => undefined)
  await until(() => begun === 2)
  socket.destroy()
  stream.close(8)
  await until(() => closed === 2)
  assert.deepEqual(proxy.failures(), [])
})
