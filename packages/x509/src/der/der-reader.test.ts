import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BOOLEAN, DerReader, INTEGER, OBJECT_IDENTIFIER, SEQUENCE } from './der-reader.ts'
import { encodeElement } from './encode-element.ts'
import { objectIdentifierOctets, objectIdentifierText } from './object-identifier.ts'
import { generalizedTime, time } from './time.ts'

const refused: readonly (readonly [string, string, (reader: DerReader, limit: number) => unknown, string])[] = [
  ['an indefinite length', '3080020101 0000', (r, end) => r.enter(SEQUENCE, end), 'length_indefinite'],
  ['a length in two octets that fits one', '308101 05', (r, end) => r.enter(SEQUENCE, end), 'length_not_minimal'],
  [
    'a length with a leading zero octet',
    `30820080${'00'.repeat(128)}`,
    (r, end) => r.enter(SEQUENCE, end),
    'length_not_minimal',
  ],
  ['a length beyond the octets there are', '300502', (r, end) => r.enter(SEQUENCE, end), 'truncated'],
  ['a length of eight octets', '308800000000000000010500', (r, end) => r.enter(SEQUENCE, end), 'truncated'],
  ['a tag number in several octets', '3f8101 0500', (r, end) => r.skip(end), 'tag_number_too_high'],
  ['a boolean that is neither 00 nor ff', '010101', (r, end) => r.boolean(end), 'boolean_malformed'],
  ['an integer with a needless leading zero', '02020001', (r, end) => r.integer(end), 'integer_malformed'],
  ['an integer with a needless leading ff', '0202ff80', (r, end) => r.integer(end), 'integer_malformed'],
  ['an empty integer', '0200', (r, end) => r.integer(end), 'integer_malformed'],
  ['a negative number where a count stands', '0201ff', (r, end) => r.smallInteger(end), 'integer_out_of_range'],
  [
    'an identifier arc with a leading 80',
    '0603558003',
    (r, end) => r.objectIdentifier(end),
    'object_identifier_malformed',
  ],
  [
    'an identifier that ends within an arc',
    '06025581',
    (r, end) => r.objectIdentifier(end),
    'object_identifier_malformed',
  ],
  ['named bits with a set padding bit', '03020703', (r, end) => r.namedBits(end), 'bit_string_malformed'],
  ['a bit string without its count of unused bits', '0300', (r, end) => r.bitString(end), 'bit_string_malformed'],
  ['eight unused bits', '03020800', (r, end) => r.bitString(end), 'bit_string_malformed'],
  ['unused bits of nothing', '030101', (r, end) => r.bitString(end), 'bit_string_malformed'],
  ['a bit string with a set padding bit', '03020103', (r, end) => r.bitString(end), 'bit_string_malformed'],
  ['a time without seconds', '170b323430313031303030305a', (r, end) => time(r, end), 'time_malformed'],
  ['a time with an offset', '1711323430313031303030303030 2b30313030', (r, end) => time(r, end), 'time_malformed'],
  [
    'a time with a fraction',
    '1811 32303234303130313030303030302e355a',
    (r, end) => generalizedTime(r, end),
    'time_malformed',
  ],
  [
    'the 29th of February of a common year',
    '170d 3233303232393030303030305a',
    (r, end) => time(r, end),
    'time_malformed',
  ],
  ['the 61st second', '170d 3234303130313030303036305a', (r, end) => time(r, end), 'time_malformed'],
]

for (const [what, hex, read, reason] of refused) {
  test(`the reader refuses ${what}`, () => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
    const reader = new DerReader(bytes)
    read(reader, bytes.length)
    assert.equal(reader.failure?.reason, reason)
    assert.equal(reader.position, bytes.length)
  })
}

test('the first failure sticks, and loops over elements end behind it', () => {
  const bytes = Buffer.from('300a02010102020001020103', 'hex')
  const reader = new DerReader(bytes)
  const end = reader.enter(SEQUENCE, bytes.length)
  let elements = 0
  while (reader.position < end) {
    reader.integer(end)
    elements++
  }
  assert.equal(elements, 2)
  assert.deepEqual(reader.failure, { reason: 'integer_malformed', offset: 5 })
})

test('octets behind the last element of a structure are refused', () => {
  const bytes = Buffer.from('30060101ff020101', 'hex')
  const reader = new DerReader(bytes)
  const end = reader.enter(SEQUENCE, bytes.length)
  assert.equal(reader.boolean(end), true)
  reader.leave(end)
  assert.equal(reader.failure?.reason, 'trailing_data')
})

test('dates are epoch seconds, and years of two digits split at 50', () => {
  const at = (text: string): number => {
    const bytes = encodeElement(text.length === 13 ? 0x17 : 0x18, Buffer.from(text))
    return time(new DerReader(bytes), bytes.length)
  }
  assert.equal(at('491231235959Z'), Date.UTC(2049, 11, 31, 23, 59, 59) / 1000)
  assert.equal(at('500101000000Z'), Date.UTC(1950, 0, 1) / 1000)
  assert.equal(at('20500101000000Z'), Date.UTC(2050, 0, 1) / 1000)
  assert.equal(at('20240229120000Z'), Date.UTC(2024, 1, 29, 12) / 1000)
  assert.equal(at('99991231235959Z'), Date.UTC(9999, 11, 31, 23, 59, 59) / 1000)
})

test('CVE-2025-66030: arcs past 32 and 53 bits are read exactly, and none of them wraps into another', () => {
  for (const oid of [
    '2.5.4.3',
    '1.3.6.1.4.1.4294967301',
    '2.25.329800735698586629295641978511506172918',
    '2.999.1',
    '0.9.2342',
  ]) {
    const octets = objectIdentifierOctets(oid)
    assert.ok(octets !== undefined)
    assert.equal(objectIdentifierText(octets, 0, octets.length), oid)
  }
  assert.equal(objectIdentifierOctets('2.05.4'), undefined)
  assert.equal(objectIdentifierOctets('1.40'), undefined)
  assert.equal(objectIdentifierOctets('3.1'), undefined)
})

test('any arcs survive being written and read', () => {
  const arcs = fc.tuple(
    fc.constant(2n),
    fc.array(fc.bigInt({ min: 0n, max: 2n ** 70n }), { minLength: 1, maxLength: 6 }),
  )
  fc.assert(
    fc.property(arcs, ([first, rest]) => {
      const oid = [first, ...rest].join('.')
      const octets = objectIdentifierOctets(oid)!
      assert.equal(objectIdentifierText(octets, 0, octets.length), oid)
    }),
  )
})

test('any octets whatsoever are read without an exception and without reading past their end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const reader = new DerReader(bytes)
      while (reader.position < bytes.length) {
        const tag = reader.peek(bytes.length)
        if (tag === SEQUENCE) reader.enter(SEQUENCE, bytes.length)
        else if (tag === INTEGER) reader.integer(bytes.length)
        else if (tag === BOOLEAN) reader.boolean(bytes.length)
        else if (tag === OBJECT_IDENTIFIER) reader.objectIdentifier(bytes.length)
        else reader.skip(bytes.length)
        assert.ok(reader.position <= bytes.length && reader.contentEnd <= bytes.length)
      }
    }),
  )
})

test('CVE-2025-66031: nesting costs no stack', () => {
  const headers: Buffer[] = []
  for (let length = 0; length < 200_000;) {
    const lengthOctets = length < 0x80 ? [] : length < 0x100 ? [0x81] : length < 0x10000 ? [0x82] : [0x83]
    for (let shift = 8 * (lengthOctets.length === 0 ? 0 : lengthOctets[0]! - 0x81); shift >= 0; shift -= 8) {
      lengthOctets.push((length >> shift) & 0xff)
    }
    headers.push(Buffer.from([SEQUENCE, ...lengthOctets]))
    length += 1 + lengthOctets.length
  }
  const bytes = Buffer.concat(headers.toReversed())
  const reader = new DerReader(bytes)
  let levels = 0
  while (reader.position < bytes.length) {
    reader.enter(SEQUENCE, bytes.length)
    levels++
  }
  assert.equal(reader.failure, undefined)
  assert.equal(levels, headers.length)
  assert.ok(levels > 40_000)
})
