import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DerReader } from '../der/der-reader.ts'
import { signatureAlgorithm } from './signature-algorithm.ts'
import { subjectPublicKey } from './subject-public-key.ts'

const SHA256 = '300d06096086480165030402010500'
const SHA384 = '300d06096086480165030402020500'
const SHA1 = '300906052b0e03021a0500'
const MGF1 = '06092a864886f70d010108'

for (const [what, parameters, expected] of [
  ['the digest in both places and its length as salt', pss(SHA256, SHA256, '020120'), 'rsa-pss-sha256, 32'],
  [
    'the trailer field written out, as RFC 4055 §3.1 wants it understood',
    pss(SHA256, SHA256, '020120', '020101'),
    'rsa-pss-sha256, 32',
  ],
  ['no salt', pss(SHA256, SHA256, '020100'), 'rsa-pss-sha256, 0'],
  ['the default salt', pss(SHA256, SHA256), 'rsa-pss-sha256, 20'],
  ['another trailer field', pss(SHA256, SHA256, '020120', '020102'), 'refused'],
  ['another digest in the mask', pss(SHA256, SHA384, '020120'), 'refused'],
  ['a negative salt', pss(SHA256, SHA256, '0201ff'), 'refused'],
  ['a salt of any length', pss(SHA256, SHA256, '02020201'), 'refused'],
  ['SHA-1', pss(SHA1, SHA1, '020114'), 'refused'],
  ['SHA-1 by default', element('30', ''), 'refused'],
  ['NULL', '0500', 'refused'],
  ['none', '', 'refused'],
] as const) {
  test(`RSASSA-PSS whose parameters are ${what}: ${expected}`, () => {
    const { name, key, saltLength } = algorithm(element('30', `06092a864886f70d01010a${parameters}`))
    assert.equal(key === undefined ? 'refused' : `${name}, ${saltLength}`, expected)
  })
}

test('an algorithm without parameters has none, and one of RSA has NULL or none', () => {
  const keyOf = (oid: string, parameters: string): string | undefined => algorithm(element('30', oid + parameters)).key
  const [ecdsa, ed25519, rsa] = ['06082a8648ce3d040302', '06032b6570', '06092a864886f70d01010b']
  assert.deepEqual(
    [keyOf(ecdsa, ''), keyOf(ed25519, ''), keyOf(rsa, ''), keyOf(rsa, '0500')],
    ['ec', 'ed25519', 'rsa', 'rsa'],
  )
  for (const parameters of ['0500', '020101', '3000']) {
    assert.deepEqual([keyOf(ecdsa, parameters), keyOf(ed25519, parameters)], [undefined, undefined], parameters)
  }
  for (const parameters of ['050100', '020101', '3000']) assert.equal(keyOf(rsa, parameters), undefined, parameters)
})

const P256 = '06072a8648ce3d020106082a8648ce3d030107'
const RSA = '06092a864886f70d010101'

for (const [what, spki, expected] of [
  ['a point of P-256', key(P256, `04${'11'.repeat(64)}`), 'ec P-256'],
  ['a compressed point', key(P256, `02${'11'.repeat(32)}`), 'ec P-256'],
  ['a point that is one octet short', key(P256, `04${'11'.repeat(63)}`), 'value_not_allowed'],
  ['a hybrid point', key(P256, `06${'11'.repeat(64)}`), 'value_not_allowed'],
  ['the point at infinity', key(P256, '00'), 'value_not_allowed'],
  ['a curve by its parameters', key('06072a8648ce3d02013000', `04${'11'.repeat(64)}`), 'ec explicit'],
  ['no curve', key('06072a8648ce3d0201', `04${'11'.repeat(64)}`), 'ec explicit'],
  ['a curve that is NULL', key('06072a8648ce3d02010500', `04${'11'.repeat(64)}`), 'ec explicit'],
  ['an Ed25519 key of 31 octets', key('06032b6570', '11'.repeat(31)), 'value_not_allowed'],
  ['an Ed25519 key with parameters', key('06032b65700500', '11'.repeat(32)), 'value_not_allowed'],
  ['an Ed448 key', key('06032b6571', '11'.repeat(57)), 'ed448 '],
  ['an RSA key', key(`${RSA}0500`, rsa('00'.concat('c3'.repeat(256)), '010001')), 'rsa '],
  ['an RSA key whose modulus is negative', key(`${RSA}0500`, rsa('c3'.repeat(256), '010001')), 'value_not_allowed'],
  [
    'an RSA key whose exponent is zero',
    key(`${RSA}0500`, rsa('00'.concat('c3'.repeat(256)), '00')),
    'value_not_allowed',
  ],
  [
    'an RSA key with an octet behind it',
    key(`${RSA}0500`, `${rsa('00'.concat('c3'.repeat(256)), '010001')}00`),
    'value_not_allowed',
  ],
  [
    'an RSA key with other parameters than NULL',
    key(`${RSA}3000`, rsa('00'.concat('c3'.repeat(256)), '010001')),
    'value_not_allowed',
  ],
  [
    'a key with unused bits',
    element('30', element('30', P256) + element('03', `0104${'11'.repeat(63)}10`)),
    'bit_string_malformed',
  ],
  ['a key of no octets', element('30', element('30', P256) + '0300'), 'bit_string_malformed'],
] as const) {
  test(`a public key that is ${what}: ${expected}`, () => {
    const octets = Buffer.from(spki, 'hex')
    const reader = new DerReader(octets)
    const { algorithm: name, curve = '' } = subjectPublicKey(reader, octets.length)
    assert.equal(reader.failure?.reason ?? `${name} ${curve}`, expected)
  })
}

function algorithm(der: string): ReturnType<typeof signatureAlgorithm> {
  const octets = Buffer.from(der, 'hex')
  return signatureAlgorithm(new DerReader(octets), octets.length)
}

function pss(digest: string, mask: string, salt?: string, trailer?: string): string {
  const written = [element('a0', digest), element('a1', element('30', MGF1 + mask))]
  if (salt !== undefined) written.push(element('a2', salt))
  if (trailer !== undefined) written.push(element('a3', trailer))
  return element('30', written.join(''))
}

function key(identifier: string, octets: string): string {
  return element('30', element('30', identifier) + element('03', `00${octets}`))
}

function rsa(modulus: string, exponent: string): string {
  return element('30', element('02', modulus) + element('02', exponent))
}

function element(tag: string, content: string): string {
  const length = content.length / 2
  const octets = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return tag + Buffer.from(octets).toString('hex') + content
}
