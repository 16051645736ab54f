import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import test from 'node:test'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { clientTls, exchange1, get, http1, makeNames, open, until } from './edge-under-test.ts'
import { startProxy, startUpstream } from './upstream-under-test.ts'

const names = makeNames()
const both = [names.login, names.mtls]
const key = Buffer.alloc(16, 7).toString('base64')
const agreed = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

const ask = (host: string, lines: readonly string[] = []): string =>
  [
    'GET /socket HTTP/1.1',
    `Host: ${host}`,
    'Connection: keep-alive, Upgrade',
    'Upgrade: WebSocket',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    ...lines,
    '',
    '',
  ].join('\r\n')

/** Answers the handshake and sends back every byte. */
function echo(seen: IncomingMessage[], sockets: Duplex[] = []) {
  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    seen.push(request)
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${agreed}\r\n\r\nhello`,
    )
    if (head.length > 0) socket.write(head)
    socket.pipe(socket)
  }
}

/** Reads until so many bytes are there. */
async function read(socket: Socket, length: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let have = 0
  while (have < length) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    chunks.push(chunk)
    have += chunk.length
  }
  return Buffer.concat(chunks)
}

for (const [name, host, certificate] of [
  ['people', 'login.test', undefined],
  ['programs with a certificate', 'mtls.login.test', names.client],
] as const) {
  test(`a WebSocket of ${name} goes through, with all that was sent early, and closes on both sides`, async (t) => {
    const seen: IncomingMessage[] = []
    const behind: Duplex[] = []
    const upstream = await startUpstream(t, {}, { upgrade: echo(seen, behind) })
    const proxy = await startProxy(t, both, upstream.options)
    const socket = await open({ port: proxy.port, tls: clientTls(names, host, certificate) })
    socket.write(`${ask(host, ['Client-Cert: :AAAA:', 'X-Forwarded-For: 6.6.6.6'])}early`)
    let text = ''
    while (!/\r\n\r\nhelloearly$/.test(text)) text += String(await once(socket, 'data'))
    assert.match(text, /^HTTP\/1\.1 101 Switching Protocols\r\n/)
    assert.ok(text.includes(`Sec-WebSocket-Accept: ${agreed}`))
    const body = randomBytes(1024 * 1024)
    socket.write(body)
    assert.ok((await read(socket, body.length)).equals(body))
    const headers = seen[0]?.headersDistinct
    assert.deepEqual(headers?.['x-forwarded-for'], ['127.0.0.1'])
    assert.equal(headers['client-cert']?.length, certificate === undefined ? undefined : 1)
    assert.notEqual(headers['client-cert']?.[0], ':AAAA:')
    socket.destroy()
    await until(() => behind[0]?.destroyed === true)
    assert.deepEqual(proxy.failures(), [])
  })
}

test('an application that does not want to switch answers as usual, and one that is not there is a 502', async (t) => {
  const upstream = await startUpstream(t, { '/socket': (_, response) => void response.writeHead(403).end('no') })
  const proxy = await startProxy(t, both, upstream.options)
  const target = { port: proxy.port, tls: clientTls(names, 'login.test') }
  const refused = await http1(target, ask('login.test'))
  assert.equal(refused.status, 403)
  assert.match(refused.text, /no/)
  const nobody = await startProxy(t, both, { address: { path: '/nowhere/app.sock' } })
  assert.equal((await http1({ ...target, port: nobody.port }, ask('login.test'))).status, 502)
  assert.equal((await http1(target, ask('mtls.login.test'))).status, 421, 'the rules of hosts hold for sockets too')
})

test('a switch to another protocol is not made', async (t) => {
  const seen: IncomingMessage[] = []
  const upstream = await startUpstream(t, {}, { upgrade: echo(seen) })
  const proxy = await startProxy(t, both, upstream.options)
  const target = { port: proxy.port, tls: clientTls(names, 'login.test') }
  const answer = await http1(target, get('login.test', ['Upgrade: h2c']).replace('close', 'close, Upgrade'))
  assert.equal(answer.status, 200)
  assert.equal(seen.length, 0)
})

test('a WebSocket on which nothing comes is closed, and closing the proxy closes all', async (t) => {
  const behind: Duplex[] = []
  const upstream = await startUpstream(t, {}, { upgrade: echo([], behind) })
  const impatient = await startProxy(t, both, upstream.options, { webSocketTimeout: 100 })
  const silent = await open({ port: impatient.port, tls: clientTls(names, 'login.test') })
  await exchange1(silent, ask('login.test'))
  const patient = await startProxy(t, both, upstream.options)
  const socket = await open({ port: patient.port, tls: clientTls(names, 'login.test') })
  socket.write(ask('login.test'))
  await once(socket, 'data')
  socket.resume()
  await Promise.all([patient.proxy.close(1000), once(socket, 'close')])
  await until(() => behind.every(({ destroyed }) => destroyed))
})
