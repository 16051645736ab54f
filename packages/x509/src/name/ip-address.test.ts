import assert from 'node:assert/strict'
import { isIP, SocketAddress } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatIpAddress, parseIpAddress } from './ip-address.ts'

for (const [text, hex] of [
  ['192.0.2.7', 'c0000207'],
  ['::', '00'.repeat(16)],
  ['::1', `${'00'.repeat(15)}01`],
  ['2001:db8::7', '20010db8000000000000000000000007'],
  ['::ffff:192.0.2.7', '00000000000000000000ffffc0000207'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['1::8', '00010000000000000000000000000008'],
] as const) {
  test(`${text} is an address`, () => {
    const octets = parseIpAddress(text)
    assert.ok(octets.ok)
    assert.equal(Buffer.from(octets.value).toString('hex'), hex)
  })
}

for (const text of [
  '',
  '1.2.3',
  '1.2.3.4.5',
  '01.2.3.4',
  '256.1.1.1',
  '1.2.3.4/24',
  '1.2.3.4:80',
  ' 1.2.3.4',
  '1:2:3',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7:8:9',
  '12345::',
  '::1%eth0',
  '[::1]',
  '1:2:3:4:5:6:7::8',
  'g::1',
  '1.2.3.4::',
  '::1.2.3',
  '0x1.2.3.4',
]) {
  test(`"${text}" is no address`, () => {
    assert.equal(parseIpAddress(text).ok, false)
  })
}

test('every address that Node writes is read, and what is written is read back', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      if (isIP(text) === 0) return
      const octets = parseIpAddress(
        new SocketAddress({ address: text, family: isIP(text) === 4 ? 'ipv4' : 'ipv6' }).address,
      )
      assert.ok(octets.ok)
      const again = parseIpAddress(formatIpAddress(octets.value))
      assert.deepEqual(again, octets)
    }),
  )
})

test('an IPv4 address and its mapped IPv6 form are not the same octets', () => {
  const [one, other] = [parseIpAddress('192.0.2.7'), parseIpAddress('::ffff:192.0.2.7')]
  assert.ok(one.ok && other.ok)
  assert.notDeepEqual(one.value, other.value)
})

test('RFC 5952: the longest run of zeros is shortened, the first of equals', () => {
  for (const text of ['2001:db8::1', '1:0:0:2::3', '::', '1::', '::1', '1:2:3:4:5:6:7:0', '1::2:0:0:3']) {
    const octets = parseIpAddress(text)
    assert.ok(octets.ok, text)
    assert.equal(formatIpAddress(octets.value), text)
  }
})
