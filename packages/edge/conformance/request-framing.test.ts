import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import test from 'node:test'
import type { TestContext } from 'node:test'
import { clientTls, exchange1, get, http1, makeNames, open } from './edge-under-test.ts'
import { startProxy, startUpstream } from './upstream-under-test.ts'

/** What a client may write so that two readers see other requests in it: the application gets one that is whole, or none. */
const names = makeNames()
const stolen = 'GET /stolen HTTP/1.1\r\nHost: mtls.login.test\r\n\r\n'

const refused: Readonly<Record<string, string>> = {
  'both framings': post('Content-Length: 5', 'Transfer-Encoding: chunked', '', `0\r\n\r\n${stolen}`),
  'a folded coding': post('Transfer-Encoding:\r\n chunked', '', `0\r\n\r\n${stolen}`),
  'an unknown coding': post('Transfer-Encoding: xchunked', '', `0\r\n\r\n${stolen}`),
  'a coding with a control character': post('Transfer-Encoding: \x0bchunked', '', `0\r\n\r\n${stolen}`),
  'a blank before the colon': post('Transfer-Encoding : chunked', '', `0\r\n\r\n${stolen}`),
  'the coding twice': post('Transfer-Encoding: chunked, chunked', '', `0\r\n\r\n${stolen}`),
  'another coding after it': post(
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: identity',
    '',
    `0\r\n\r\n${stolen}`,
  ),
  'two lengths': post('Content-Length: 3', 'Content-Length: 3', '', 'abc'),
  'a list of lengths': post('Content-Length: 3, 3', '', 'abc'),
  'a length with a sign': post('Content-Length: +3', '', 'abc'),
  'an empty length': post('Content-Length:', '', stolen),
  'a length beyond all numbers': post('Content-Length: 99999999999999999999', '', 'abc'),
  'lines without CR': post('Content-Length: 3', '', 'abc').replaceAll('\r\n', '\n'),
  'one line without CR': post('A: b\nC: d', '', ''),
  'a bare CR': post('A: b\rC: d', '', ''),
  'a NUL': post('A: b\0c', '', ''),
  'a folded line': post('A: b\r\n c', '', ''),
  'chunks without CR': post('Transfer-Encoding: chunked', '', `3\nabc\n0\n\n${stolen}`),
  'an extension without CR': post('Transfer-Encoding: chunked', '', `3;a\nabc\r\n0\r\n\r\n${stolen}`),
  'an extension over two lines': post('Transfer-Encoding: chunked', '', `3;a="\r\n"\r\nabc\r\n0\r\n\r\n${stolen}`),
  'a size with 0x': post('Transfer-Encoding: chunked', '', `0x3\r\nabc\r\n0\r\n\r\n${stolen}`),
  'a length among the trailers': post(
    'Transfer-Encoding: chunked',
    '',
    `3\r\nabc\r\n0\r\nContent-Length: 9\r\n\r\n${stolen}`,
  ),
  'a size beyond all numbers': post('Transfer-Encoding: chunked', '', `10000000000000003\r\nabc\r\n0\r\n\r\n`),
  'a chunk that is longer than its size': post('Transfer-Encoding: chunked', '', `3\r\nabcX\r\n0\r\n\r\n${stolen}`),
}

for (const [what, text] of Object.entries(refused))
  test(`RFC9112-11.2 ${what}: no second request comes out of the first`, async (t) => {
    const { target, seen } = await startRaw(t)
    const socket = await open(target)
    const { status, text: answer } = await exchange1(socket, text)
    assert.ok(status === 400 || Number.isNaN(status) || status === 0, `${status} ${answer}`)
    assert.doesNotMatch(seen(), /stolen/)
    // A body that broke off must not look like a whole one.
    assert.doesNotMatch(seen(), /\r\n0\r\n\r\n$/)
    assert.match((await http1(target, get('mtls.login.test', [], '/next'))).head, /^HTTP\/1\.1 200 /)
  })

test('extensions and trailers of chunks stay with us', async (t) => {
  const { target, seen } = await startRaw(t)
  const body = 'A;b="c"\r\n0123456789\r\n0\r\nClient-Cert: :AAAA:\r\n\r\n'
  const answer = await http1(target, post('Transfer-Encoding: chunked', 'Connection: close', '', body))
  assert.equal(answer.status, 200)
  assert.match(seen(), /\r\n\r\na\r\n0123456789\r\n0\r\n\r\n$/)
})

test('a header that looks like one which frames a message goes no further', async (t) => {
  const upstream = await startUpstream(t)
  const proxy = await startProxy(t, [names.login, names.mtls], upstream.options)
  const alike = ['Transfer_Encoding: chunked', 'Content_Length: 30', 'content.length: 30', 'Ho-st: evil.test']
  const target = { port: proxy.port, tls: clientTls(names, 'mtls.login.test') }
  const answer = await http1(target, get('mtls.login.test', alike))
  assert.equal(answer.status, 200)
  assert.deepEqual(
    Object.keys(upstream.asked[0]?.headers ?? {}).filter((name) => /transfer|length|ho-st/.test(name)),
    [],
  )
})

function post(...lines: readonly string[]): string {
  return ['POST /first HTTP/1.1', 'Host: mtls.login.test', ...lines].join('\r\n')
}

/** An application that keeps what it is sent, answers whatever ends a head or a body, and a proxy in front. */
async function startRaw(t: TestContext) {
  let seen = ''
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    let own = ''
    socket.on('data', (chunk: Buffer) => {
      own += chunk.toString('latin1')
      seen += chunk.toString('latin1')
      const whole = /transfer-encoding/i.test(own) ? /\r\n0\r\n\r\n$/ : /\r\n\r\n/
      if (whole.test(own)) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
  })
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  const proxy = await startProxy(t, [names.login, names.mtls], { address: { host: '127.0.0.1', port } })
  return { target: { port: proxy.port, tls: clientTls(names, 'mtls.login.test') }, seen: () => seen }
}
