import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  derElement,
  derGeneralizedTime,
  derInteger,
  derNamedBits,
  derObjectIdentifier,
  derSequenceOf,
  derSetOf,
  derTime,
} from './der.ts'
import { DerReader, OCTET_STRING, SEQUENCE } from '../der/der-reader.ts'

const lengths = [
  [0, '0400'],
  [1, '0401'],
  [127, '047f'],
  [128, '048180'],
  [255, '0481ff'],
  [256, '04820100'],
  [65_536, '0483010000'],
] as const

for (const [length, head] of lengths) {
  test(`X.690 §8.1.3  a length of ${String(length)} is written in as few octets as possible`, () => {
    assert.equal(hex(derElement(0x04, new Uint8Array(length))).slice(0, head.length), head)
  })
}

const integers = [
  [0, '020100'],
  [127, '02017f'],
  [128, '02020080'],
  [256, '02020100'],
  [2 ** 40, '0206010000000000'],
  [Uint8Array.of(0, 0, 5), '020105'],
  [Uint8Array.of(0), '020100'],
  [new Uint8Array(0), '020100'],
  [Uint8Array.of(0xff), '020200ff'],
] as const

for (const [value, expected] of integers) {
  test(`X.690 §8.3  INTEGER ${String(value)} is minimal and not negative`, () => {
    assert.equal(hex(derInteger(value)), expected)
  })
}

const identifiers = [
  ['2.5.29.15', '0603551d0f'],
  ['1.2.840.113549.1.1.11', '06092a864886f70d01010b'],
  ['2.999.3', '0603883703'],
  ['2.25.329800735698586629295641978511506172918', undefined],
  ['0.9.2342.19200300.100.1.25', '060a0992268993f22c640119'],
] as const

for (const [dotted, expected] of identifiers) {
  test(`X.690 §8.19  OBJECT IDENTIFIER ${dotted} comes back from the reader`, () => {
    const der = derObjectIdentifier(dotted)
    if (expected !== undefined) assert.equal(hex(der), expected)
    assert.equal(new DerReader(der).objectIdentifier(der.length), dotted)
  })
}

for (const text of ['', '1', '3.1', '1.40', '1.2.', '01.2', '1.02', '1.-2', 'commonName']) {
  test(`${JSON.stringify(text)} is not an object identifier`, () => {
    assert.throws(() => derObjectIdentifier(text), RangeError)
  })
}

const namedBits = [
  [[], '030100'],
  [[0], '03020780'],
  [[5, 6], '03020106'],
  [[8], '0303070080'],
  [[0, 7], '03020081'],
] as const

for (const [bits, expected] of namedBits) {
  test(`X.690 §11.2.2  the named bits ${JSON.stringify(bits)} have no trailing zero bits`, () => {
    assert.equal(hex(derNamedBits(bits)), expected)
  })
}

test('X.690 §11.6  a SET OF is ordered by its encodings', () => {
  assert.equal(
    hex(derSetOf(derInteger(300), derInteger(2), derInteger(1))),
    '310a02010102010202 02012c'.replace(' ', ''),
  )
})

const times = [
  ['2049-12-31T23:59:59Z', 0x17, '491231235959Z'],
  ['2050-01-01T00:00:00Z', 0x18, '20500101000000Z'],
  ['1950-01-01T00:00:00Z', 0x17, '500101000000Z'],
  ['1949-12-31T23:59:59Z', 0x18, '19491231235959Z'],
  ['9999-12-31T23:59:59Z', 0x18, '99991231235959Z'],
  ['2000-02-29T12:34:56Z', 0x17, '000229123456Z'],
] as const

for (const [instant, tag, text] of times) {
  test(`RFC 5280 §4.1.2.5  ${instant} is written as ${text}`, () => {
    const der = derTime(Date.parse(instant) / 1000)
    assert.equal(der[0], tag)
    assert.equal(Buffer.from(der.subarray(2)).toString(), text)
  })
}

test('every second from the year 0 through 9999 is written as the platform’s calendar has it', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_167_219_200, max: 253_402_300_799 }), (epochSeconds) => {
      const expected = new Date(epochSeconds * 1000).toISOString().replace(/[-T:]|\.000/g, '')
      assert.equal(Buffer.from(derGeneralizedTime(epochSeconds).subarray(2)).toString(), expected)
    }),
  )
})

test('a SEQUENCE OF holds a quarter of a million elements', () => {
  const der = derSequenceOf(new Array<Uint8Array>(250_000).fill(derElement(0x04)))
  const reader = new DerReader(der)
  const end = reader.enter(SEQUENCE, der.length)
  let count = 0
  while (reader.expect(OCTET_STRING, end)) count++
  assert.equal(count, 250_000)
})

function hex(der: Uint8Array): string {
  return Buffer.from(der.subarray(0, 64)).toString('hex')
}
