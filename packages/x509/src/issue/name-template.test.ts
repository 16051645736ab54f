import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDistinguishedName } from '../name/parse-distinguished-name.ts'
import { type AttributeTemplate, encodeName, nameTemplateOf } from './name-template.ts'

const values: readonly (readonly [string, AttributeTemplate, string])[] = [
  ['countryName is a PrintableString', { type: 'C', value: 'DE' }, '300906035504061302' + '4445'],
  ['serialNumber is a PrintableString', { type: 'serialNumber', value: '7' }, '3008060355040513' + '0137'],
  ['a common name is a UTF8String', { type: 'cn', value: 'ü' }, '300906035504030c02c3bc'],
  ['domainComponent is an IA5String', { type: 'DC', value: 'a' }, '300f060a0992268993f22c640119160161'],
  ['emailAddress is an IA5String', { type: 'emailAddress', value: 'a@b' }, '301006092a864886f70d01090116' + '03614062'],
  [
    'a value that does not fit the prescribed type is a UTF8String',
    { type: 'C', value: 'ü' },
    '300906035504060c02c3bc',
  ],
  ['a dotted type needs no name', { type: '2.999', value: 'a' }, '300706028837' + '0c0161'],
  ['another string type can be asked for', { type: 'CN', value: 'ü', encoding: 'bmp' }, '300906035504031e0200fc'],
  ['TeletexString is written as Latin-1', { type: 'CN', value: 'ü', encoding: 'teletex' }, '3008060355040314' + '01fc'],
  ['DER is taken as it is', { type: 'CN', value: Uint8Array.of(0x02, 1, 5) }, '30080603550403' + '020105'],
]

for (const [rule, attribute, expected] of values) {
  test(rule, () => {
    const name = Buffer.from(encodeName([attribute])).toString('hex')
    assert.equal(name.slice(8), expected)
  })
}

test('RDNs keep their order, the attributes of one RDN take the order of DER', () => {
  const one = encodeName([
    { type: 'C', value: 'DE' },
    [
      { type: 'UID', value: '7' },
      { type: 'CN', value: 'a' },
    ],
  ])
  const other = encodeName([
    [{ type: 'C', value: 'DE' }],
    [
      { type: 'CN', value: 'a' },
      { type: 'UID', value: '7' },
    ],
  ])
  assert.deepEqual(one, other)
  assert.notDeepEqual(
    one,
    encodeName([
      [
        { type: 'CN', value: 'a' },
        { type: 'UID', value: '7' },
      ],
      { type: 'C', value: 'DE' },
    ]),
  )
})

test('RFC 5280 appendix A.1  a name that was parsed from text is written in the prescribed string types', () => {
  const name = parseDistinguishedName('CN=acme+UID=7,2.5.4.5=12,OU=#13016f,C=DE')
  assert.ok(name.ok)
  assert.deepEqual(
    encodeName(nameTemplateOf(name.value)),
    encodeName([
      { type: 'C', value: 'DE', encoding: 'printable' },
      { type: 'OU', value: 'o', encoding: 'printable' },
      { type: 'serialNumber', value: '12', encoding: 'printable' },
      [
        { type: 'CN', value: 'acme', encoding: 'utf8' },
        { type: 'UID', value: '7', encoding: 'utf8' },
      ],
    ]),
  )
})

test('an attribute type that nobody knows is a RangeError', () => {
  assert.throws(() => encodeName([{ type: 'nickname', value: 'a' }]), RangeError)
})
