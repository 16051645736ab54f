import assert from 'node:assert/strict'
import test from 'node:test'
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
} from './edge-under-test.ts'

const names = makeNames()

test('RFC9110-15.5.20 a request for the other TLS name is misdirected, in both directions, over HTTP/1.1 and HTTP/2', async (t) => {
  const { port, reasons } = await startEdge(t, [tlsOn([names.login, names.mtls])])
  for (const [name, host] of [
    ['login.test', 'mtls.login.test'],
    ['mtls.login.test', 'login.test'],
  ] as const) {
    const target = { port: port(), tls: clientTls(names, name, names.client) }
    const answer = await http1(target, get(host))
    assert.equal(answer.status, 421)
    assert.equal((JSON.parse(answer.text) as { error: string }).error, 'misdirected_request')
    const session = await openHttp2(t, target)
    assert.equal((await http2(session, { ':authority': host })).status, 421)
    // The connection itself is good, and goes on.
    assert.equal((await http2(session, { ':authority': name })).echo.host, name)
  }
  assert.deepEqual(reasons(), ['host_misdirected'])
})

test('upper case, one trailing dot and a port in Host are the same host', async (t) => {
  const { port } = await startEdge(t, [tlsOn([names.mtls])])
  const target = { port: port(), tls: clientTls(names, 'mtls.login.test', names.client) }
  for (const host of [
    'MTLS.Login.TEST',
    'mtls.login.test.',
    'mtls.login.test:443',
    `mtls.login.test:${port()}`,
    'mtls.login.test:',
  ]) {
    assert.equal((await http1(target, get(host))).echo.host, 'mtls.login.test', host)
  }
})

test('a Host that is missing, repeated, empty or junk is answered with 400, an address with 421', async (t) => {
  const { port, reasons } = await startEdge(t, [tlsOn([names.mtls])])
  const target = { port: port(), tls: clientTls(names, 'mtls.login.test', names.client) }
  const status = async (text: string): Promise<number> => (await http1(target, text)).status
  assert.equal(await status('GET / HTTP/1.1\r\n\r\n'), 400)
  assert.equal(await status('GET / HTTP/1.0\r\n\r\n'), 400)
  assert.equal(await status(get('mtls.login.test', ['Host: mtls.login.test'])), 400)
  assert.equal(await status(get('mtls.login.test', ['hOST: login.test'])), 400)
  for (const host of [
    '',
    'user@mtls.login.test',
    'mtls.login.test@evil.test',
    'mtls.login.test/x',
    'mtls.login.test, x',
    'mtls.login.test:x',
  ]) {
    assert.equal(await status(get(host)), 400, host)
  }
  for (const host of ['127.0.0.1', `127.0.0.1:${port()}`, '[::1]', 'evil.test', 'mtls.login.test.evil.test']) {
    assert.equal(await status(get(host)), 421, host)
  }
  assert.deepEqual(reasons().sort(), [
    'host_malformed',
    'host_misdirected',
    'host_missing',
    'host_not_a_name',
    'host_repeated',
  ])
})

test('a second request on a connection is judged by its own Host', async (t) => {
  const { port } = await startEdge(t, [tlsOn([names.mtls])])
  const socket = await open({ port: port(), tls: clientTls(names, 'mtls.login.test', names.client) })
  const keepAlive = 'GET / HTTP/1.1\r\nHost: mtls.login.test\r\n\r\n'
  const { text, head } = await exchange1(socket, `${keepAlive}${keepAlive}${get('login.test')}`)
  const all = `${head}${text}`
  assert.deepEqual(all.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 421'])
})

test('a request target in absolute form is judged by its authority, which wins over Host', async (t) => {
  const { port } = await startEdge(t, [tlsOn([names.mtls])])
  const target = { port: port(), tls: clientTls(names, 'mtls.login.test', names.client) }
  const ask = (url: string, host = 'mtls.login.test') => http1(target, get(host, [], url))
  assert.equal((await ask('https://mtls.login.test/token?a=b')).echo.url, '/token?a=b')
  assert.equal((await ask('https://mtls.login.test')).echo.url, '/')
  assert.equal((await ask('https://login.test/token')).status, 400)
  assert.equal((await ask('https://login.test/token', 'login.test')).status, 421)
  assert.equal((await ask('https://mtls.login.test/', 'login.test')).status, 400)
  assert.equal((await ask('https://a@mtls.login.test/')).status, 400)
  assert.equal((await ask('ftp://mtls.login.test/')).status, 400)
  assert.equal(
    (await http1(target, 'OPTIONS * HTTP/1.1\r\nHost: mtls.login.test\r\nConnection: close\r\n\r\n')).echo.url,
    '*',
  )
})

test('RFC9113-8.3.1 :authority and Host of one HTTP/2 request must say the same', async (t) => {
  const { port, reasons } = await startEdge(t, [tlsOn([names.mtls])])
  const session = await openHttp2(t, { port: port(), tls: clientTls(names, 'mtls.login.test', names.client) })
  const status = async (headers: Record<string, string>): Promise<number> => (await http2(session, headers)).status
  assert.equal(await status({ ':authority': 'mtls.login.test', host: 'MTLS.login.test' }), 200)
  assert.equal(await status({ ':authority': 'mtls.login.test', host: 'login.test' }), 400)
  assert.equal(await status({ ':authority': 'login.test', host: 'mtls.login.test' }), 400)
  // Stopped before it comes to us.
  await assert.rejects(status({ ':authority': 'user@mtls.login.test' }), /PROTOCOL_ERROR/)
  assert.deepEqual(reasons(), ['host_contradicts_authority'])
})

test('a misdirected request with a body does not smuggle a second one', async (t) => {
  const { port } = await startEdge(t, [tlsOn([names.mtls])])
  const target = { port: port(), tls: clientTls(names, 'mtls.login.test', names.client) }
  const inner = get('mtls.login.test')
  const request = `POST / HTTP/1.1\r\nHost: login.test\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`
  const { head, text } = await http1(target, request)
  assert.deepEqual(`${head}${text}`.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 421'])
})
