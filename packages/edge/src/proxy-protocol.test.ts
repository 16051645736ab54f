import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { proxyProtocol } from './proxy-protocol.ts'
import type { ProxyProtocolReading } from './proxy-protocol.ts'

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')

test('version 1 gives the addresses of its line and its length', () => {
  const line = 'PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n'
  assert.deepEqual(proxyProtocol(Buffer.from(`${line}rest`), 'v1'), {
    kind: 'header',
    length: line.length,
    addresses: {
      sourceAddress: '192.0.2.7',
      sourcePort: 56324,
      destinationAddress: '198.51.100.1',
      destinationPort: 443,
    },
  })
  assert.equal(address(proxyProtocol(Buffer.from('PROXY TCP6 2001:db8::1 ::1 1 2\r\n'), 'v1-or-v2')), '2001:db8::1')
  assert.deepEqual(proxyProtocol(Buffer.from('PROXY UNKNOWN\r\n'), 'v1'), {
    kind: 'header',
    length: 15,
    addresses: undefined,
  })
})

test('version 2 gives IPv4 and IPv6 addresses, and none for LOCAL and unspecified', () => {
  const four = version2(0x21, 0x11, Buffer.from([192, 0, 2, 7, 198, 51, 100, 1, 0xdc, 4, 1, 0xbb]))
  assert.deepEqual(proxyProtocol(Buffer.concat([four, Buffer.from('rest')]), 'v2'), {
    kind: 'header',
    length: 28,
    addresses: {
      sourceAddress: '192.0.2.7',
      sourcePort: 56324,
      destinationAddress: '198.51.100.1',
      destinationPort: 443,
    },
  })
  const source = Buffer.from('20010db8000000000000000000000001', 'hex')
  const six = version2(0x21, 0x21, Buffer.concat([source, source, Buffer.from([0, 1, 0, 2])]))
  assert.equal(address(proxyProtocol(six, 'v1-or-v2')), '2001:db8::1')
  const withTlv = version2(0x21, 0x11, Buffer.concat([Buffer.alloc(12, 1), Buffer.from([4, 0, 1, 0])]))
  assert.equal(address(proxyProtocol(withTlv, 'v2')), '1.1.1.1')
  assert.deepEqual(proxyProtocol(version2(0x20, 0, Buffer.alloc(0)), 'v2'), {
    kind: 'header',
    length: 16,
    addresses: undefined,
  })
  assert.deepEqual(proxyProtocol(version2(0x21, 0, Buffer.alloc(3)), 'v2'), {
    kind: 'header',
    length: 19,
    addresses: undefined,
  })
})

test('a listener takes only the version that it is configured for', () => {
  assert.deepEqual(proxyProtocol(Buffer.from('PROXY UNKNOWN\r\n'), 'v2'), refused('proxy_header_missing'))
  assert.deepEqual(proxyProtocol(version2(0x20, 0, Buffer.alloc(0)), 'v1'), refused('proxy_header_missing'))
})

test('a connection that begins with something else is refused at its first byte that differs', () => {
  assert.deepEqual(proxyProtocol(Buffer.from([22, 3, 1]), 'v1-or-v2'), refused('proxy_header_missing'))
  assert.deepEqual(proxyProtocol(Buffer.from('PROX '), 'v1'), refused('proxy_header_missing'))
  assert.deepEqual(proxyProtocol(Buffer.from('\r\n\r\nx'), 'v2'), refused('proxy_header_missing'))
})

test('lines and lengths that are not as specified are refused', () => {
  for (const line of [
    'PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n',
    'PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n',
    'PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n',
    'PROXY TCP4 ::1 ::1 1 2\r\n',
    'PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n',
    'PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n',
    'PROXY TCP4 1.2.3.4 1.2.3.4 70000 2\r\n',
    'PROXY TCP4 1.2.3.400 1.2.3.4 1 2\r\n',
    'PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n',
  ]) {
    assert.deepEqual(proxyProtocol(Buffer.from(line), 'v1'), refused('proxy_header_malformed'), line)
  }
  assert.deepEqual(proxyProtocol(Buffer.from(`PROXY TCP4 ${'1'.repeat(200)}`), 'v1'), refused('proxy_header_too_long'))
  assert.deepEqual(proxyProtocol(version2(0x31, 0x11, Buffer.alloc(12)), 'v2'), refused('proxy_header_malformed'))
  assert.deepEqual(proxyProtocol(version2(0x21, 0x11, Buffer.alloc(11)), 'v2'), refused('proxy_header_malformed'))
  assert.deepEqual(proxyProtocol(version2(0x21, 0x31, Buffer.alloc(216)), 'v2'), refused('proxy_header_malformed'))
  const long = Buffer.concat([signature, Buffer.from([0x21, 0x11, 0xff, 0xff])])
  assert.deepEqual(proxyProtocol(long, 'v2'), refused('proxy_header_too_long'))
})

test('every prefix of a header is incomplete', () => {
  for (const whole of [Buffer.from('PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n'), version2(0x21, 0x11, Buffer.alloc(12))]) {
    for (let length = 0; length < whole.length; length++) {
      assert.deepEqual(proxyProtocol(whole.subarray(0, length), 'v1-or-v2'), { kind: 'incomplete' })
    }
  }
})

test('no bytes throw, and a header is never longer than what was given', () => {
  const bytes = fc.uint8Array({ maxLength: 300 })
  const start = fc.constantFrom(Buffer.alloc(0), signature, Buffer.from('PROXY TCP4 '))
  fc.assert(
    fc.property(start, bytes, fc.constantFrom('v1', 'v2', 'v1-or-v2'), (prefix, rest, version) => {
      const given = Buffer.concat([prefix, rest])
      const reading = proxyProtocol(given, version)
      if (reading.kind === 'header') assert.ok(reading.length <= given.length)
    }),
    { numRuns: 500 },
  )
})

function version2(command: number, transport: number, payload: Buffer): Buffer {
  return Buffer.concat([
    signature,
    Buffer.from([command, transport, payload.length >> 8, payload.length & 255]),
    payload,
  ])
}

function address(reading: ProxyProtocolReading): string | undefined {
  return reading.kind === 'header' ? reading.addresses?.sourceAddress : undefined
}

function refused(reason: string): unknown {
  return { kind: 'refused', failure: { reason } }
}
