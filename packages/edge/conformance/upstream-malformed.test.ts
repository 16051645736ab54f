import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import test from 'node:test'
import type { TestContext } from 'node:test'
import { clientTls, get, http1, http2, makeNames, open, openHttp2 } from './edge-under-test.ts'
import { startProxy } from './upstream-under-test.ts'

/** What an application may write that two readers could read in two ways: none of it reaches a client, and none the next request. */
const names = makeNames()
const get1 = (path: string): string => get('mtls.login.test', [], path)

test('RFC9112-11.1 an answer that can be read in two ways is a 502, and its connection is not used again', async (t) => {
  const second = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen'
  const answers: Readonly<Record<string, string>> = {
    '/lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nhello',
    '/both': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    '/coding': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello',
    '/fold': 'HTTP/1.1 200 OK\r\nA: b\r\n c: d\r\nContent-Length: 0\r\n\r\n',
    '/bare': 'HTTP/1.1 200 OK\r\nA: b\nContent-Length: 0\r\n\r\n',
    '/switch': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    '/endless': `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(4_000)}`,
  }
  const { connections, proxy } = await startRaw(t, (path) => answers[path] ?? second)
  for (const path of Object.keys(answers)) {
    const before = connections()
    const answer = await http1(proxy.target, get1(path))
    assert.equal(answer.status, 502, path)
    assert.equal(proxy.failures().at(-1), 'upstream_malformed before', path)
    assert.equal((await http1(proxy.target, get1('/next'))).text, 'stolen')
    assert.ok(connections() > before, `${path}: the next request came on a fresh connection`)
  }
})

test('bytes after an answer are never the answer to the next request', async (t) => {
  const more = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen'
  const { proxy } = await startRaw(t, (path) =>
    path === '/more'
      ? `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok${more}`
      : path === '/none'
        ? `HTTP/1.1 204 No Content\r\n\r\n${more}`
        : path === '/chunked'
          ? `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n${more}`
          : 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nown',
  )
  for (const [path, status] of [
    ['/more', 200],
    ['/none', 204],
    ['/chunked', 200],
  ] as const) {
    assert.equal((await http1(proxy.target, get1(path))).status, status)
    assert.equal((await http1(proxy.target, get1('/next'))).text, 'own', path)
  }
})

test('an answer in single bytes, with others before it and trailers behind, is read as one', async (t) => {
  const text =
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Own: yes\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: x\r\n\r\n'
  const { proxy, connections } = await startRaw(t, () => text, 1)
  for (let time = 0; time < 2; time++) {
    const answer = await http1(proxy.target, get1('/'))
    assert.equal(answer.status, 200)
    assert.match(answer.head, /x-own: yes/i)
    assert.doesNotMatch(`${answer.head}${answer.text}`, /early|trailer/i)
    const pieces = answer.text.split('\r\n').filter((_, at) => at % 2 === 1)
    assert.equal(pieces.join(''), 'hello')
  }
  assert.equal(connections(), 1)
})

test('an early answer to a long body goes through, and what is left of the request reaches nobody else', async (t) => {
  const { proxy, asked } = await startRaw(t, () => 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\n\r\nlarge')
  const socket = await open(proxy.target)
  socket.on('error', () => undefined)
  socket.write('POST /up HTTP/1.1\r\nHost: mtls.login.test\r\nContent-Length: 1000000\r\n\r\nx')
  const [first] = (await once(socket, 'data')) as [Buffer]
  assert.match(first.toString(), /^HTTP\/1\.1 413/)
  socket.destroy()
  assert.match((await http1(proxy.target, get1('/next'))).head, /^HTTP\/1\.1 413/)
  assert.deepEqual(asked(), ['/up', '/next'])
})

for (const version of ['HTTP/1.1', 'HTTP/2'] as const)
  test(`${version}: lines that are there twice, odd lengths and odd statuses end no process`, async (t) => {
    const once2 = (line: string): string => `HTTP/1.1 200 OK\r\n${line}\r\n${line}\r\nContent-Length: 2\r\n\r\nok`
    const answers: Readonly<Record<string, readonly [text: string, status: number]>> = {
      '/nosniff': [once2('X-Content-Type-Options: nosniff'), 200],
      '/type': [once2('Content-Type: text/plain'), 200],
      '/types': ['HTTP/1.1 200 OK\r\nETag: a\r\nETAG: b\r\nContent-Length: 2\r\n\r\nok', 200],
      '/date': [once2('Date: x'), 200],
      '/cookie': [once2('Set-Cookie: a=1'), 200],
      '/proto': [once2('__proto__: x'), 200],
      '/204': ['HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', 204],
      '/205': ['HTTP/1.1 205 Reset Content\r\nContent-Length: 2\r\n\r\nok', 205],
      '/304': ['HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', 304],
      '/599': ['HTTP/1.1 599 Odd\r\nContent-Length: 2\r\n\r\nok', 599],
      '/600': ['HTTP/1.1 600 Odd\r\nContent-Length: 2\r\n\r\nok', 502],
      '/999': ['HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok', 502],
    }
    const { proxy } = await startRaw(t, (path) => answers[path]?.[0] ?? '')
    for (const [path, [, status]] of Object.entries(answers)) {
      const answer =
        version === 'HTTP/1.1'
          ? await http1(proxy.target, get1(path))
          : await http2(await openHttp2(t, proxy.target), { ':authority': 'mtls.login.test', ':path': path })
      assert.equal(answer.status, status, path)
      if (status === 200) assert.equal(answer.text, 'ok', path)
      if (status === 204) assert.doesNotMatch(answer.head, /content-length/i)
    }
  })

test('a status that cannot be one, in answer to a WebSocket, is a 502', async (t) => {
  for (const status of ['099', '600', '999']) {
    const { proxy } = await startRaw(t, () => `HTTP/1.1 ${status} Odd\r\nContent-Length: 2\r\n\r\nok`)
    const socket = ['Connection: Upgrade', 'Upgrade: websocket']
    const answer = await http1(
      proxy.target,
      get('mtls.login.test', socket, '/socket').replace('Connection: close\r\n', ''),
    )
    assert.equal(answer.status, 502, status)
  }
})

/** An application that writes what it is told, byte for byte; and a proxy in front. */
async function startRaw(t: TestContext, answer: (path: string) => string, size = Infinity) {
  let connections = 0
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      const path = /^[A-Z]+ (\S+) HTTP\/1\.1\r\n/.exec(chunk.toString('latin1'))?.[1]
      if (path === undefined) return
      asked.push(path)
      void write(socket, answer(path), size)
    })
  })
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  const { port: front, failures } = await startProxy(t, [names.login, names.mtls], {
    address: { host: '127.0.0.1', port },
  })
  const target = { port: front, tls: clientTls(names, 'mtls.login.test', names.client) }
  return { connections: () => connections, asked: () => asked, proxy: { target, failures } }
}

async function write(socket: Socket, text: string, size: number): Promise<void> {
  for (let at = 0; at < text.length; at += size)
    await new Promise<void>((done) => socket.write(text.slice(at, at + size), 'latin1', () => setImmediate(done)))
}
