import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import type { Socket } from 'node:net'
import test from 'node:test'
import { connect as connectTls } from 'node:tls'
import {
  clientTls,
  exchange1,
  get,
  http1,
  http2,
  makeNames,
  open,
  openHttp2,
  startEdge,
  tlsOn,
  until,
} from './edge-under-test.ts'
import type { EdgeUnderTest } from './edge-under-test.ts'

const names = makeNames()

test('garbage, other protocols and half a hello close the connection with a reason, and the edge goes on', async (t) => {
  const under = await startEdge(t, [tlsOn([names.login, names.mtls])])
  for (const [bytes, reason] of [
    [Buffer.from('GET / HTTP/1.1\r\nHost: login.test\r\n\r\n'), 'client_hello_not_tls'],
    [Buffer.from([0x80, 0x2e, 1, 0, 2, 0, 0x15]), 'client_hello_sslv2'],
    [Buffer.from([22, 3, 1, 0, 0]), 'client_hello_empty_record'],
    [Buffer.from([22, 3, 1, 0xff, 0xff]), 'client_hello_record_too_long'],
    [Buffer.from([22, 3, 1, 0, 4, 1, 1, 0, 1]), 'client_hello_too_large'],
    [Buffer.from([22, 3, 1, 0, 6, 1, 0, 0, 2, 3, 3]), 'client_hello_malformed'],
  ] as const) {
    const socket = await tcp(under)
    socket.write(bytes)
    await closed(socket)
    assert.ok(under.reasons().includes(reason), reason)
  }
  await stillServes(under)
})

test('peers that vanish at any byte of the handshake neither crash the edge nor stay counted', async (t) => {
  const under = await startEdge(t, [tlsOn([names.login, names.mtls])], { maxHandshakes: 5, maxHandshakesPerAddress: 5 })
  const hello = await recordedHello(under)
  for (const how of ['reset', 'end', 'destroy'] as const) {
    for (const length of [0, 1, 4, 5, 9, 50, hello.length - 1, hello.length]) {
      const socket = await tcp(under)
      if (length > 0) await new Promise<void>((resolve) => socket.write(hello.subarray(0, length), () => resolve()))
      if (length === hello.length) await once(socket, 'readable')
      if (how === 'reset') socket.resetAndDestroy()
      else if (how === 'end') {
        socket.end()
        socket.resume()
        await closed(socket)
      } else socket.destroy()
    }
  }
  // All of them are counted out again: five at a time are let in.
  await eventually(() => Promise.all(Array.from({ length: 5 }, () => stillServes(under))))
})

test('a handshake that goes wrong after the hello is reported once', async (t) => {
  const under = await startEdge(t, [tlsOn([names.login, names.mtls])])
  const hello = await recordedHello(under)
  const socket = await tcp(under)
  socket.write(Buffer.concat([hello, Buffer.from([23, 3, 3, 0, 5, 1, 2, 3, 4, 5])]))
  socket.resume()
  await closed(socket)
  await until(() => under.events.length > 0)
  assert.deepEqual(
    under.events.map((event) => ('refusal' in event ? event.refusal.reason : event.event)),
    ['handshake_failed'],
  )
  await stillServes(under)
})

test('a hello or a handshake that does not come to an end is cut off in time, however it trickles', async (t) => {
  const under = await startEdge(t, [tlsOn([names.login])], { clientHelloTimeout: 150, handshakeTimeout: 300 })
  const hello = await recordedHello(under)
  const stalled = await tcp(under)
  const trickling = await tcp(under)
  let at = 0
  const timer = setInterval(() => trickling.write(hello.subarray(at, ++at)), 20)
  t.after(() => clearInterval(timer))
  const silent = await tcp(under)
  silent.write(hello)
  silent.resume()
  await Promise.all([stalled, trickling, silent].map(closed))
  clearInterval(timer)
  assert.deepEqual(under.reasons().sort(), ['client_hello_timeout', 'handshake_timeout'])
  await stillServes(under)
})

test('handshakes in flight are bounded per address and in total, and the bound is given back', async (t) => {
  for (const [limits, scope] of [
    [{ maxHandshakesPerAddress: 3 }, 'address'],
    [{ maxHandshakes: 3 }, 'listener'],
  ] as const) {
    const under = await startEdge(t, [tlsOn([names.login])], limits)
    const waiting = await Promise.all([tcp(under), tcp(under), tcp(under)])
    const fourth = await tcp(under)
    await closed(fourth)
    const [event] = under.events
    assert.deepEqual(event?.event === 'connection_refused' && event.refusal, {
      reason: 'handshakes_limited',
      scope,
      limit: 3,
    })
    for (const socket of waiting) socket.destroy()
    await eventually(() => stillServes(under))
  }
})

test('connections are bounded', async (t) => {
  const under = await startEdge(t, [tlsOn([names.login])], { maxConnections: 2 })
  const held = [await tcp(under), await tcp(under)]
  const third = await tcp(under)
  await closed(third)
  assert.deepEqual(under.reasons(), ['connections_limited'])
  for (const socket of held) socket.destroy()
})

test('who opens a connection and asks nothing, or asks slowly, is cut off: HTTP/1.1 and HTTP/2', async (t) => {
  const under = await startEdge(t, [tlsOn([names.login])], { headersTimeout: 200, requestTimeout: 400 })
  const silent = await open({ port: under.port(), tls: clientTls(names, 'login.test') })
  silent.resume()
  const slow = await open({ port: under.port(), tls: clientTls(names, 'login.test') })
  slow.resume()
  slow.write('GET / HTTP/1.1\r\nHost: login.test\r\nX-A: ')
  const idle = await openHttp2(t, { port: under.port(), tls: clientTls(names, 'login.test') })
  await Promise.all([once(silent, 'close'), once(slow, 'close'), once(idle, 'close')])
  const late = await openHttp2(t, { port: under.port(), tls: clientTls(names, 'login.test') })
  const stream = late.request({ ':authority': 'login.test', ':method': 'POST' })
  stream.write('half a bo')
  stream.resume()
  await once(stream, 'close').catch(() => undefined)
  assert.equal(stream.rstCode, 8)
  await stillServes(under)
})

test('headers above the limit, too many of them and broken ones are answered, not fatal', async (t) => {
  const under = await startEdge(t, [tlsOn([names.login])])
  const target = { port: under.port(), tls: clientTls(names, 'login.test') }
  assert.equal((await http1(target, get('login.test', [`X-A: ${'a'.repeat(20_000)}`]))).status, 431)
  const many = Array.from({ length: 250 }, (_, index) => `X-${index}: a`)
  assert.equal((await http1(target, get('login.test', many))).status, 431)
  assert.equal((await http1(target, 'GET / HTTP/1.1\r\nHost: login.test\r\nNo colon\r\n\r\n')).status, 400)
  assert.equal((await http1(target, '\0\0\0\0\r\n\r\n')).status, 400)
  assert.equal(
    (await http1(target, get('login.test', ['Content-Length: 1', 'Transfer-Encoding: chunked']))).status,
    400,
  )
  await stillServes(under)
})

test('a header called __proto__ or constructor is a header', async (t) => {
  const under = await startEdge(t, [tlsOn([names.login])])
  const target = { port: under.port(), tls: clientTls(names, 'login.test') }
  const { echo } = await http1(target, get('login.test', ['__proto__: a', 'constructor: b', 'hasOwnProperty: c']))
  assert.ok(echo.headerNames.includes('__proto__'))
  const session = await openHttp2(t, target)
  assert.equal((await http2(session, { ':authority': 'login.test', constructor: 'a' })).status, 200)
})

test('a client that resets in the middle of a request or of its answer is no event', async (t) => {
  const under = await startEdge(t, [tlsOn([names.login])], {}, ({ request, response }) => {
    request.resume()
    response.writeHead(200)
    response.write('x'.repeat(1_000_000))
    setImmediate(() => response.end('y'))
  })
  for (const text of ['POST / HTTP/1.1\r\nHost: login.test\r\nContent-Length: 100\r\n\r\nabc', get('login.test')]) {
    const socket = await tcp(under)
    const tls = connectTls({ ...clientTls(names, 'login.test'), socket })
    tls.on('error', () => undefined)
    await once(tls, 'secureConnect')
    tls.write(text)
    await once(tls, 'data')
    socket.resetAndDestroy()
  }
  const session = await openHttp2(t, { port: under.port(), tls: clientTls(names, 'login.test') })
  const stream = session.request({ ':authority': 'login.test' })
  await once(stream, 'response')
  stream.close(8)
  session.destroy()
  const answer = await http1({ port: under.port(), tls: clientTls(names, 'login.test') }, get('login.test'))
  assert.equal(answer.status, 200)
})

async function tcp(under: EdgeUnderTest): Promise<Socket> {
  const socket = connectTcp({ port: under.port(), host: '127.0.0.1', noDelay: true })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

async function recordedHello(under: EdgeUnderTest): Promise<Buffer> {
  const { createServer } = await import('node:net')
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connectTls({
    ...clientTls(names, 'login.test'),
    port: (server.address() as { port: number }).port,
    host: '127.0.0.1',
  })
  client.on('error', () => undefined)
  const [socket] = (await once(server, 'connection')) as [Socket]
  const [hello] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  server.close()
  assert.ok(under.port() > 0 && hello.length > 100)
  return hello
}

async function stillServes(under: EdgeUnderTest): Promise<void> {
  const socket = await open({ port: under.port(), tls: clientTls(names, 'login.test') })
  assert.equal((await exchange1(socket, get('login.test'))).status, 200)
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })
}

/** Tries again until it succeeds; for counts that go down when the other side has noticed a close. */
async function eventually(attempt: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await attempt()
      return
    } catch (error) {
      if (tries === 50) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

test('RFC9110-15.6.6 a request line with another major version than 1 is a 505, and the edge goes on', async (t) => {
  const under = await startEdge(t, [tlsOn([names.login, names.mtls])])
  const target = { port: under.port(), tls: clientTls(names, 'login.test') }
  for (const version of ['2.0', '0.9'])
    for (const [how, lines] of [
      ['plain', []],
      ['with a body', ['Content-Length: 3', '', 'abc']],
      ['as a WebSocket', ['Connection: Upgrade', 'Upgrade: websocket']],
    ] as const) {
      const request = get('login.test').replace('HTTP/1.1', `HTTP/${version}`).replace('\r\n\r\n', '')
      const answer = await http1(target, [request, ...lines, '', ''].join('\r\n'))
      assert.match(answer.head, /^HTTP\/1\.1 505 /, `${version} ${how}`)
    }
  assert.ok(under.events.some((event) => JSON.stringify(event).includes('UNSUPPORTED_HTTP_VERSION')))
  await stillServes(under)
})
