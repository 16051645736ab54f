import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import test from 'node:test'
import type { Exchange } from '../src/exchange.ts'
import {
  clientTls,
  echo,
  exchange1,
  get,
  http2,
  makeNames,
  open,
  openHttp2,
  startEdge,
  tlsOn,
  until,
} from './edge-under-test.ts'

const names = makeNames()

test('close lets running requests end, says goodbye to idle connections and takes no new ones', async (t) => {
  const held: Exchange[] = []
  const { edge, port } = await startEdge(t, [tlsOn([names.login])], {}, (exchange) => held.push(exchange))
  const target = { port: port(), tls: clientTls(names, 'login.test') }
  const idle = await open(target)
  idle.resume()
  const half = connectTcp({ port: port(), host: '127.0.0.1' })
  half.on('error', () => undefined)
  await once(half, 'connect')
  const running1 = exchange1(await open(target), 'GET /1 HTTP/1.1\r\nHost: login.test\r\n\r\n')
  const session = await openHttp2(t, target)
  const running2 = http2(session, { ':authority': 'login.test', ':path': '/2' })
  const goaway = once(session, 'goaway')
  await until(() => held.length === 2)
  const closed = edge.close(5_000)
  await Promise.all([once(idle, 'close'), once(half, 'close'), goaway])
  await assert.rejects(open(target))
  for (const exchange of held) echo(exchange)
  assert.equal((await running1).echo.url, '/1')
  assert.equal((await running2).echo.url, '/2')
  await closed
})

test('an idle peer that does not close its side, as a pool does, holds nobody up', async (t) => {
  const { edge, port } = await startEdge(t, [tlsOn([names.login])], {}, echo)
  const pooled = await open({ port: port(), tls: clientTls(names, 'login.test') })
  pooled.allowHalfOpen = true
  pooled.on('error', () => undefined)
  const answered = once(pooled, 'data')
  pooled.write('GET / HTTP/1.1\r\nHost: login.test\r\n\r\n')
  await answered
  pooled.resume()
  const start = performance.now()
  await edge.close(30_000)
  assert.ok(performance.now() - start < 10_000)
})

test('close is bounded: what does not end within the time is cut', async (t) => {
  const held: Exchange[] = []
  const { edge, port } = await startEdge(t, [tlsOn([names.login])], {}, (exchange) => held.push(exchange))
  const socket = await open({ port: port(), tls: clientTls(names, 'login.test') })
  socket.resume()
  socket.write(get('login.test'))
  await until(() => held.length === 1)
  const start = performance.now()
  await edge.close(100)
  assert.ok(performance.now() - start < 2_000)
  await edge.close()
})

test('a request that comes on a kept connection while closing is answered, and is the last there', async (t) => {
  const held: Exchange[] = []
  const { edge, port } = await startEdge(t, [tlsOn([names.login])], {}, (exchange) => held.push(exchange))
  const socket = await open({ port: port(), tls: clientTls(names, 'login.test') })
  const answers = exchange1(
    socket,
    'GET /1 HTTP/1.1\r\nHost: login.test\r\n\r\nGET /2 HTTP/1.1\r\nHost: login.test\r\n\r\n',
  )
  await until(() => held.length > 0)
  const closed = edge.close(5_000)
  for (let index = 0; index < 2; index++) {
    await until(() => held.length > index || socket.destroyed)
    const exchange = held[index]
    if (exchange !== undefined) echo(exchange)
  }
  const { head, text } = await answers
  assert.ok(`${head}${text}`.startsWith('HTTP/1.1 200'))
  await closed
})
