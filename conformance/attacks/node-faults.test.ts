import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { connect } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { connect as connectHttp2 } from 'node:http2'

// A crash of the process is what these tests look for, so the edge runs in one of its own.

test('Node 26: a TLS socket that is destroyed after its transport can end the process, when both happen in secureConnection', async (t) => {
  if (!process.version.startsWith('v26.10.')) return t.diagnostic(`not known of Node ${process.version}`)
  const edge = await startProcess(t, 'transport-first')
  for (let tries = 0; tries < 30 && edge.running(); tries++) await handshake(edge.port).catch(() => undefined)
  if (edge.running()) return t.diagnostic('not seen in 30 tries')
  const [code, signal] = await edge.ended()
  assert.deepEqual([code, signal], [null, 'SIGSEGV'])
})

test('Node 26: the edge survives peers that go away at every moment around the end of the handshake', async (t) => {
  const edge = await startProcess(t, 'edge')
  for (let round = 0; round < 12; round++) {
    await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const raw = connectTcp({ port: edge.port, host: '127.0.0.1' })
        const socket = connect({ socket: raw, servername: 'login.test', rejectUnauthorized: false })
        raw.on('error', () => undefined)
        socket.on('error', () => undefined)
        const closed = once(raw, 'close')
        socket.once('secureConnect', () => {
          if (index % 3 === 0) socket.write('GET / HTTP/1.1\r\nHost: login.test\r\n\r\n')
          if (index % 2 === 0) raw.resetAndDestroy()
          else setTimeout(() => raw.resetAndDestroy(), index / 4)
        })
        await closed
      }),
    )
  }
  await edge.stillServes()
})

test('Node 26: the edge survives handshakes that end in the moment in which their time is up, and a close in that moment', async (t) => {
  for (const milliseconds of [1, 3, 8]) {
    const edge = await startProcess(t, 'hasty', milliseconds)
    for (let round = 0; round < 3; round++)
      await Promise.all(Array.from({ length: 15 }, () => handshake(edge.port).catch(() => undefined)))
    edge.close()
    await Promise.all(Array.from({ length: 15 }, () => handshake(edge.port).catch(() => undefined)))
    assert.deepEqual(await edge.ended(), [0, null], `${milliseconds} ms`)
  }
})

test('Node 20: the facts of a connection are taken once, and a request of a connection that has closed has them still', async (t) => {
  const edge = await startProcess(t, 'late')
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const raw = connectTcp({ port: edge.port, host: '127.0.0.1' })
      const socket = connect({ socket: raw, servername: 'login.test', rejectUnauthorized: false })
      raw.on('error', () => undefined)
      socket.on('error', () => undefined)
      socket.write('GET / HTTP/1.1\r\nHost: login.test\r\n\r\n')
      await once(socket, 'data')
      raw.resetAndDestroy()
    }),
  )
  assert.deepEqual(await edge.lines(20), Array<string>(20).fill('TLSv1.3 login.test'))
  await edge.stillServes()
})

test('CVE-2025-59465, CVE-2026-21714: broken HTTP/2 frames end their connection and nothing else', async (t) => {
  const edge = await startProcess(t, 'edge')
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  const settings = frame(4, 0, 0, Buffer.alloc(0))
  for (const [what, bytes] of [
    ['a header block that does not decode', frame(1, 5, 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))],
    ['headers on stream 0', frame(1, 5, 0, Buffer.from([0x82]))],
    ['headers on an even stream', frame(1, 5, 2, Buffer.from([0x82]))],
    ['data on an idle stream', frame(0, 1, 7, Buffer.from('x'))],
    ['a window update of 0', frame(8, 0, 0, Buffer.alloc(4))],
    [
      'a window update past 2^31',
      Buffer.concat([
        frame(8, 0, 0, Buffer.from([0x7f, 255, 255, 255])),
        frame(8, 0, 0, Buffer.from([0x7f, 255, 255, 255])),
      ]),
    ],
    ['a settings frame with a broken length', frame(4, 0, 0, Buffer.alloc(5))],
    ['a thousand settings', Buffer.concat(Array.from({ length: 1_000 }, () => settings))],
    ['a thousand pings', Buffer.concat(Array.from({ length: 1_000 }, () => frame(6, 0, 0, Buffer.alloc(8))))],
    [
      'continuations without end',
      Buffer.concat([
        frame(1, 1, 1, Buffer.from([0x82])),
        ...Array.from({ length: 500 }, () => frame(9, 0, 1, Buffer.alloc(100))),
      ]),
    ],
    ['a frame above the limit', frame(0, 0, 1, Buffer.alloc(20_000))],
    [
      'rapid resets',
      Buffer.concat(
        Array.from({ length: 500 }, (_, index) =>
          Buffer.concat([frame(1, 5, 2 * index + 1, get), frame(3, 0, 2 * index + 1, Buffer.from([0, 0, 0, 8]))]),
        ),
      ),
    ],
    ['a goaway', frame(7, 0, 0, Buffer.alloc(8))],
    ['an unknown frame', frame(0xfa, 0xff, 0, Buffer.alloc(100))],
  ] as const) {
    const socket = await handshake(edge.port, ['h2'])
    socket.on('error', () => undefined)
    socket.resume()
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    socket.end(Buffer.concat([preface, settings, bytes]))
    await closed
    assert.ok(edge.running(), what)
  }
  await edge.stillServes()
  const session = connectHttp2('https://login.test', { createConnection: () => lastSocket(edge.port) })
  session.on('error', () => undefined)
  const stream = session.request({ ':path': '/', ':authority': 'login.test' })
  stream.on('error', () => undefined)
  stream.resume()
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
  assert.equal(headers[':status'], 200)
  // Before the process is ended, which would reset it.
  await new Promise<void>((resolve) => session.close(() => resolve()))
})

interface EdgeProcess {
  readonly port: number
  running(): boolean
  /** Exit code and signal. */
  ended(): Promise<readonly [number | null, string | null]>
  close(): void
  /** So many lines of what it says. */
  lines(count: number): Promise<readonly string[]>
  stillServes(): Promise<void>
}

async function startProcess(t: TestContext, kind: string, milliseconds = 0): Promise<EdgeProcess> {
  const script = new URL('node-faults-edge.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=holdfast-source', script, kind, String(milliseconds)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const said: string[] = []
  const lines = createInterface(child.stdout)
  lines.on('line', (line) => said.push(line))
  const [first] = (await once(lines, 'line')) as [string]
  said.shift()
  const port = Number(first)
  return {
    port,
    running: () => child.exitCode === null && child.signalCode === null,
    ended: () => ended,
    close: () => child.stdin.end(),
    async lines(count) {
      while (said.length < count) await once(lines, 'line')
      return said
    },
    async stillServes() {
      const socket = await handshake(port)
      socket.write('GET / HTTP/1.1\r\nHost: login.test\r\nConnection: close\r\n\r\n')
      const [chunk] = (await once(socket, 'data')) as [Buffer]
      assert.match(chunk.toString('latin1'), /^HTTP\/1.1 200 /)
      socket.destroy()
    },
  }
}

async function handshake(port: number, protocols: readonly string[] = ['http/1.1']): Promise<TLSSocket> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'login.test',
    rejectUnauthorized: false,
    ALPNProtocols: [...protocols],
  })
  await Promise.race([
    once(socket, 'secureConnect'),
    once(socket, 'close').then(() => {
      throw new Error('closed')
    }),
  ])
  return socket
}

function lastSocket(port: number): TLSSocket {
  return connect({
    port,
    host: '127.0.0.1',
    servername: 'login.test',
    rejectUnauthorized: false,
    ALPNProtocols: ['h2'],
  })
}

/** An HTTP/2 frame (RFC 9113 §4.1). */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** GET https / with authority login.test, as HPACK writes it (RFC 7541 appendix A). */
const get = Buffer.concat([Buffer.from([0x82, 0x87, 0x84, 0x41, 10]), Buffer.from('login.test')])
