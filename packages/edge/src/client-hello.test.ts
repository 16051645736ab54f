import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import test, { before } from 'node:test'
import { connect } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import fc from 'fast-check'
import { clientHelloReader } from './client-hello.ts'
import type { ClientHelloReading } from './client-hello.ts'

let hello: Buffer

before(async () => {
  hello = await helloOf({ servername: 'MTLS.Login.Example', ALPNProtocols: ['h2', 'http/1.1'] })
})

test('the ClientHello of a real client gives its name and protocols', async () => {
  assert.deepEqual(read([hello]), found('mtls.login.example', ['h2', 'http/1.1']))
  assert.deepEqual(read([await helloOf({ maxVersion: 'TLSv1.2', servername: 'a.example' })]), found('a.example', []))
  assert.deepEqual(read([await helloOf({ servername: '' })]), found(undefined, []))
})

test('one trailing dot in the name is dropped', () => {
  assert.deepEqual(read([record(helloMessage([sni('login.example.')]))]), found('login.example', []))
})

test('segments and records of any size give the same answer as the whole', () => {
  const message = hello.subarray(5)
  for (const size of [1, 2, 5, 32, 100, 4096]) {
    const fragmented = Buffer.concat(pieces(message, size).map(record))
    assert.deepEqual(read([fragmented]), found('mtls.login.example', ['h2', 'http/1.1']), `records of ${size}`)
    assert.deepEqual(read(pieces(fragmented, 1)), found('mtls.login.example', ['h2', 'http/1.1']), `and single bytes`)
  }
})

test('any cut of the hello into records and segments gives the same answer', () => {
  const message = hello.subarray(5)
  const cuts = fc.array(fc.integer({ min: 1, max: message.length - 1 }), { maxLength: 20 })
  fc.assert(
    fc.property(cuts, fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 20 }), (records, segments) => {
      const wire = Buffer.concat(cutAt(message, records).map(record))
      assert.deepEqual(read(cutAt(wire, segments)), found('mtls.login.example', ['h2', 'http/1.1']))
    }),
    { numRuns: 200 },
  )
})

test('no prefix of a hello is taken for the whole', () => {
  for (let length = 0; length < hello.length; length++) {
    assert.deepEqual(read([hello.subarray(0, length)]), { kind: 'incomplete' }, `${length} bytes`)
  }
})

test('a hello of 60 KB in full records is read; one above 64 KiB is refused as soon as it says so', () => {
  const padded = (size: number): Buffer => helloMessage([sni('big.example'), extension(21, Buffer.alloc(size))])
  assert.deepEqual(read(pieces(padded(60_000), 16_384).map(record)), found('big.example', []))
  const tooLarge = Buffer.concat([Buffer.from([1, 1, 0, 1]), Buffer.alloc(64)])
  assert.deepEqual(read([record(tooLarge)]), refused('client_hello_too_large'))
})

test('more than 128 KiB of record headers around a small hello are refused', () => {
  const wire = Buffer.concat(pieces(helloMessage([extension(21, Buffer.alloc(40_000))]), 1).map(record))
  assert.deepEqual(read(pieces(wire, 1000)), refused('client_hello_too_large'))
})

test('reading a hello byte by byte costs time in proportion to its length', () => {
  const wire = record(helloMessage([sni('a.example'), extension(21, Buffer.alloc(16_000))]))
  const reader = clientHelloReader()
  const start = process.cpuUsage().user
  for (const piece of pieces(wire, 1)) reader.push(piece)
  assert.ok(process.cpuUsage(undefined).user - start < 200_000, 'more than 0.2 s for 16 KB')
})

test('what is no TLS is refused at its first bytes', () => {
  assert.deepEqual(read([Buffer.from('GET / HTTP/1.1\r\n')]), refused('client_hello_not_tls'))
  assert.deepEqual(read([Buffer.from('G')]), refused('client_hello_not_tls'))
  assert.deepEqual(read([Buffer.from('SSH-2.0-x\r\n')]), refused('client_hello_not_tls'))
  assert.deepEqual(read([Buffer.from('PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n')]), refused('client_hello_not_tls'))
  assert.deepEqual(read([Buffer.from([21, 3, 1, 0, 2, 2, 40])]), refused('client_hello_not_tls'))
  assert.deepEqual(read([Buffer.from([22, 2, 0])]), refused('client_hello_not_tls'))
  assert.deepEqual(read([record(Buffer.from([2, 0, 0, 0]))]), refused('client_hello_not_tls'))
  assert.deepEqual(read([Buffer.from([0x80, 0x2e, 1, 0, 2])]), refused('client_hello_sslv2'))
  assert.deepEqual(read([Buffer.from([22, 3, 1, 0, 0])]), refused('client_hello_empty_record'))
  assert.deepEqual(read([Buffer.from([22, 3, 1, 0x40, 1])]), refused('client_hello_record_too_long'))
})

test('a name that no TLS name can have is refused with its kind', () => {
  for (const [name, detail] of [
    ['127.0.0.1', 'ip_literal'],
    ['::1', 'ip_literal'],
    ['', 'empty'],
    ['a..example', 'label'],
    ['a\0.example', 'character'],
    ['x'.repeat(300), 'too_long'],
  ] as const) {
    const reading = read([record(helloMessage([sni(name)]))])
    assert.deepEqual(reading, { kind: 'refused', failure: { reason: 'server_name_invalid', detail } }, name)
  }
})

test('two names, two extensions of one kind and lengths that disagree are malformed', () => {
  const entry = Buffer.concat([Buffer.from([0, 0, 1]), Buffer.from('a')])
  const two = extension(0, Buffer.concat([Buffer.from([0, 8]), entry, entry]))
  const otherKind = extension(0, Buffer.concat([Buffer.from([0, 4, 1, 0, 1]), Buffer.from('a')]))
  for (const [extensions, field] of [
    [[two], 'server_name'],
    [[otherKind], 'server_name'],
    [[extension(0, Buffer.alloc(0))], 'server_name'],
    [[sni('a.example'), sni('b.example')], 'server_name'],
    [[extension(16, Buffer.from([0, 3, 2, 104]))], 'alpn'],
    [[extension(16, Buffer.from([0, 3, 2, 104, 50])), extension(16, Buffer.from([0, 3, 2, 104, 50]))], 'alpn'],
    [[Buffer.from([0, 0, 0, 200])], 'extensions'],
  ] as const) {
    assert.deepEqual(read([record(helloMessage(extensions))]), {
      kind: 'refused',
      failure: { reason: 'client_hello_malformed', field },
    })
  }
  const trailing = Buffer.concat([helloMessage([]), Buffer.from([0])])
  assert.deepEqual(read([record(trailing)]), {
    kind: 'refused',
    failure: { reason: 'client_hello_malformed', field: 'record' },
  })
})

test('no bytes throw, and none that were changed give a name that was not there', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void read([bytes])))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void read([record(message(Buffer.from(bytes)))])))
  fc.assert(
    fc.property(fc.nat(hello.length - 1), fc.nat(255), (at, value) => {
      const changed = Buffer.from(hello)
      changed[at] = value
      const reading = read([changed])
      if (reading.kind === 'hello' && reading.hello.serverName !== undefined) {
        assert.ok(changed.toString('latin1').toLowerCase().includes(reading.hello.serverName))
      }
    }),
    { numRuns: 1000 },
  )
})

test('an answer stays what it was', () => {
  const reader = clientHelloReader()
  assert.equal(reader.push(Buffer.from('x')).kind, 'refused')
  assert.equal(reader.push(hello).kind, 'refused')
})

function read(chunks: readonly Uint8Array[]): ClientHelloReading {
  const reader = clientHelloReader()
  let reading: ClientHelloReading = { kind: 'incomplete' }
  for (const chunk of chunks) reading = reader.push(chunk)
  return reading
}

function found(serverName: string | undefined, alpn: readonly string[]): ClientHelloReading {
  return { kind: 'hello', hello: { serverName, alpn } }
}

function refused(reason: string): unknown {
  return { kind: 'refused', failure: { reason } }
}

async function helloOf(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = connect({ host: '127.0.0.1', port, ...options })
  client.on('error', () => undefined)
  const [socket] = (await once(server, 'connection')) as [Socket]
  const chunks: Buffer[] = []
  while (read(chunks).kind === 'incomplete') chunks.push(((await once(socket, 'data')) as [Buffer])[0])
  socket.destroy()
  client.destroy()
  server.close()
  return Buffer.concat(chunks)
}

function record(payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([22, 3, 1, payload.length >> 8, payload.length & 255]), payload])
}

function message(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([1, body.length >> 16, (body.length >> 8) & 255, body.length & 255]), body])
}

function helloMessage(extensions: readonly Buffer[]): Buffer {
  const all = Buffer.concat(extensions)
  const start = Buffer.concat([Buffer.from([3, 3]), Buffer.alloc(32, 7), Buffer.from([0, 0, 2, 0x13, 1, 1, 0])])
  return message(Buffer.concat([start, Buffer.from([all.length >> 8, all.length & 255]), all]))
}

function extension(type: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type >> 8, type & 255, content.length >> 8, content.length & 255]), content])
}

function sni(name: string): Buffer {
  const bytes = Buffer.from(name, 'latin1')
  const entry = Buffer.concat([Buffer.from([0, bytes.length >> 8, bytes.length & 255]), bytes])
  return extension(0, Buffer.concat([Buffer.from([entry.length >> 8, entry.length & 255]), entry]))
}

function pieces(bytes: Buffer, size: number): Buffer[] {
  const all: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) all.push(bytes.subarray(at, at + size))
  return all
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const edges = [...new Set([0, ...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort((a, b) => a - b)
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end))
}
