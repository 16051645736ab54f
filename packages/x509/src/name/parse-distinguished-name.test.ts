import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DerReader } from '../der/der-reader.ts'
import { distinguishedName } from './distinguished-name.ts'
import { distinguishedNameMatch } from './distinguished-name-match.ts'
import { exactNameMatch } from './exact-name-match.ts'
import { formatDistinguishedName } from './format-distinguished-name.ts'
import { parseDistinguishedName } from './parse-distinguished-name.ts'

for (const [text, reason, position] of [
  ['CN=a,', 'rdn_missing', 5],
  ['CN=a+', 'rdn_missing', 5],
  [',CN=a', 'attribute_type_missing', 0],
  ['=a', 'attribute_type_missing', 0],
  [' ', 'attribute_type_missing', 1],
  ['CN', 'equals_sign_missing', 2],
  ['CN=x,O=Bank, N.A.', 'attribute_type_unknown', 13],
  ['foo=bar', 'attribute_type_unknown', 0],
  ['2.05.4.3=x', 'object_identifier_malformed', 0],
  ['9.1=x', 'object_identifier_malformed', 0],
  ['1.50.1=x', 'object_identifier_malformed', 0],
  ['OID.2.5.4.3=x', 'object_identifier_prefixed', 0],
  ['CN=a;O=b', 'character_not_escaped', 4],
  ['CN="a,b"', 'character_not_escaped', 3],
  ['CN=a<b', 'character_not_escaped', 4],
  ['CN=a\0b', 'character_not_escaped', 4],
  ['CN=a\\z', 'escape_malformed', 4],
  ['CN=a\\4', 'escape_malformed', 4],
  ['CN=a\\', 'escape_malformed', 4],
  ['CN=\\ff', 'value_not_utf8', 3],
  ['CN=\\C3,O=x', 'value_not_utf8', 3],
  ['CN=a\ud800', 'value_not_utf8', 4],
  ['CN=#', 'hex_value_malformed', 3],
  ['CN=#0c0', 'hex_value_malformed', 3],
  ['CN=#0c0261', 'hex_value_malformed', 3],
  ['CN=#0c01610c0161', 'hex_value_malformed', 3],
  ['CN=#0c0161x', 'hex_value_malformed', 3],
  ['CN=a+CN=A', 'attribute_repeated', 5],
  ['CN=a+cn=#0c0141', 'attribute_repeated', 5],
  ['/C=GB/O=Example/CN=x', 'name_one_line_form', 0],
  [`CN=${'x'.repeat(9000)}`, 'name_too_long', 8192],
] as const) {
  test(`RFC4514: ${JSON.stringify(text.slice(0, 40))} is refused at ${position} as ${reason}`, () => {
    const parsed = parseDistinguishedName(text)
    assert.ok(!parsed.ok)
    assert.equal(parsed.failure.reason, reason)
    assert.equal(parsed.failure.position, position)
    assert.notEqual(parsed.failure.hint, '')
  })
}

test('the one-line form of old tools is handed back as RFC 4514 text', () => {
  const parsed = parseDistinguishedName('/C=GB/O=Bank, N.A./CN=a/b')
  assert.equal(parsed.ok ? '' : parsed.failure.suggestion, 'CN=a/b,O=Bank\\, N.A.,C=GB')
})

test('an "OID." prefix is refused together with the text that was meant', () => {
  const parsed = parseDistinguishedName('CN=x, OID.2.5.4.97=PSDGB-FCA-1')
  assert.equal(parsed.ok ? '' : parsed.failure.suggestion, 'CN=x, 2.5.4.97=PSDGB-FCA-1')
})

for (const [what, one, other] of [
  ['blanks around separators', 'CN = x , O = y + OU = z', 'CN=x,O=y+OU=z'],
  ['escaped blanks at both ends', 'CN=\\ x\\ ', 'CN=\\20x\\20'],
  [
    'special characters by name and by hex',
    'CN=\\,\\+\\"\\\\\\<\\>\\;\\#\\=',
    'CN=\\2C\\2B\\22\\5C\\3C\\3E\\3B\\23\\3D',
  ],
  ['an equals sign inside a value', 'CN=a=b', 'CN=a\\=b'],
  ['attribute names in any case and their aliases', 'commonName=x,stateOrProvinceName=y', 'cn=x,ST=y'],
  [
    'Brazil: readable and hexadecimal forms',
    'UID=1,2.5.4.97=#0c0a4f464242522d31323334,2.5.4.5=#13023432',
    'uid=1,organizationIdentifier=OFBBR-1234,serialNumber=42',
  ],
  [
    'Brazil: jurisdiction and category',
    '1.3.6.1.4.1.311.60.2.1.3=#13024252,2.5.4.15=#0c0750726976617465',
    'jurisdictionC=BR,businessCategory=Private',
  ],
] as const) {
  test(`two spellings of one name: ${what}`, () => {
    const [a, b] = [parseDistinguishedName(one), parseDistinguishedName(other)]
    assert.ok(a.ok && b.ok)
    assert.ok(distinguishedNameMatch(a.value, b.value), `${a.value.canonical} ${b.value.canonical}`)
  })
}

test('a trailing blank without escape is no part of the value', () => {
  const parsed = parseDistinguishedName('CN=x  ,O=y')
  assert.equal(parsed.ok && formatDistinguishedName(parsed.value), 'CN=x,O=y')
})

test('exactNameMatch tells case apart and not the string type', () => {
  const name = (text: string): Parameters<typeof exactNameMatch>[0] => {
    const parsed = parseDistinguishedName(text)
    assert.ok(parsed.ok)
    return parsed.value
  }
  assert.equal(exactNameMatch(name('CN=Alice'), name('CN=alice')), false)
  assert.equal(exactNameMatch(name('CN=alice'), name('CN=#1305616c696365')), true)
  assert.equal(exactNameMatch(name('CN=alice+OU=x'), name('OU=x+CN=alice')), true)
  assert.equal(exactNameMatch(name(''), name('')), false)
})

const value = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => text.isWellFormed())
const type = fc.constantFrom('2.5.4.3', '2.5.4.10', '2.5.4.97', '1.3.6.1.4.1.55555.7')

test('what is formatted is read back as the same name, octet for octet', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(type, value), { minLength: 1, maxLength: 5 }), (attributes) => {
      const hex = (text: string): string =>
        Buffer.concat([Buffer.from([0x0c, Buffer.byteLength(text)]), Buffer.from(text)]).toString('hex')
      const first = parseDistinguishedName(attributes.map(([oid, text]) => `${oid}=#${hex(text)}`).join(','))
      if (!first.ok) return assert.ok(attributes.some(([, text]) => Buffer.byteLength(text) > 127))
      const again = parseDistinguishedName(formatDistinguishedName(first.value))
      assert.ok(again.ok, formatDistinguishedName(first.value))
      assert.deepEqual(again.value, first.value)
      const reader = new DerReader(first.value.der)
      assert.deepEqual(distinguishedName(reader, first.value.der.length), first.value)
    }),
  )
})

test('any text is read or refused, at a position within it', () => {
  const text = fc.string({
    unit: fc.constantFrom('C', 'N', '=', ',', '+', '\\', '#', '0', 'c', ' ', '"', '/', '.', 'é', '\0', '2'),
  })
  fc.assert(
    fc.property(text, (name) => {
      const parsed = parseDistinguishedName(name)
      if (!parsed.ok) assert.ok(parsed.failure.position >= 0 && parsed.failure.position <= name.length)
    }),
  )
})

for (const [text, suggestion] of [
  ['CN=x,organisationIdentifier=y,C=GB', 'CN=x,organizationIdentifier=y,C=GB'],
  ['serialNumbr=1', 'serialNumber=1'],
  ['jurisdictionCountryNames=BR', 'jurisdictionC=BR'],
  ['CN=x,Bank=y', undefined],
  ['CNN=x', undefined],
] as const) {
  test(`an unknown attribute type: ${text} ${suggestion === undefined ? 'suggests nothing' : `suggests ${suggestion}`}`, () => {
    const parsed = parseDistinguishedName(text)
    assert.ok(!parsed.ok)
    assert.equal(parsed.failure.suggestion, suggestion)
    assert.match(parsed.failure.hint, /#0c/)
  })
}
