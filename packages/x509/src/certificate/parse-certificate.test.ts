import assert from 'node:assert/strict'
import { createPublicKey, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import fc from 'fast-check'
import { DerReader } from '../der/der-reader.ts'
import { encodeElement } from '../index.ts'
import {
  authorityInformationAccessExtension,
  basicConstraintsExtension,
  certificatePoliciesExtension,
  issueCertificate,
  nameConstraintsExtension,
  noRevocationAvailableExtension,
  policyConstraintsExtension,
  subjectAltNameExtension,
} from '../issue/index.ts'
import { formatDistinguishedName } from '../name/format-distinguished-name.ts'
import type { Certificate } from './certificate.ts'
import { parseCertificate } from './parse-certificate.ts'

const authority = createTestAuthority()

/** RFC 8705 Appendix A: version 1, no extensions. */
const APPENDIX_A =
  'MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY='

test('RFC8705 Appendix A: a certificate of version 1 without extensions is read', () => {
  const certificate = read(Buffer.from(APPENDIX_A, 'base64'))
  assert.equal(certificate.version, 1)
  assert.equal(formatDistinguishedName(certificate.subject), 'CN=mtls')
  assert.equal(certificate.notBefore, Date.UTC(2018, 9, 18, 12, 37, 9) / 1000)
  assert.equal(certificate.notAfter, Date.UTC(2022, 4, 2, 12, 37, 9) / 1000)
  assert.deepEqual(
    [certificate.publicKey.algorithm, certificate.publicKey.curve, certificate.publicKey.bits],
    ['ec', 'P-256', 256],
  )
  assert.deepEqual(
    [certificate.extensions, certificate.subjectAltNames, certificate.basicConstraints],
    [[], [], undefined],
  )
})

for (const key of ['ec-p256', 'ec-p384', 'ec-p521', 'rsa-2048', 'ed25519', 'ed448'] as const) {
  test(`fields of a certificate with a key of kind ${key} are those that OpenSSL reads`, () => {
    const { der } = authority.issue({ key, subject: 'CN=acme\\, inc,O=Acme,C=DE' })
    const certificate = read(der)
    const other = new X509Certificate(der)
    assert.equal(
      Buffer.from(certificate.serialNumber).toString('hex').toUpperCase().replace(/^0+/, ''),
      other.serialNumber.replace(/^0+/, ''),
    )
    assert.equal(certificate.notBefore, other.validFromDate.getTime() / 1000)
    assert.equal(certificate.notAfter, other.validToDate.getTime() / 1000)
    assert.deepEqual(Buffer.from(certificate.publicKey.spki), other.publicKey.export({ format: 'der', type: 'spki' }))
    assert.deepEqual(certificate.extendedKeyUsage, other.keyUsage)
    const details = createPublicKey(other.publicKey.export({ format: 'pem', type: 'spki' })).asymmetricKeyDetails
    if (details?.modulusLength !== undefined) assert.equal(certificate.publicKey.bits, details.modulusLength)
  })
}

test('every kind of subject alternative name is read from its octets', () => {
  const { der } = authority.issue({
    san: {
      dns: ['acme.example'],
      uri: ['spiffe://acme/x'],
      ip: ['192.0.2.7', '2001:db8::7'],
      email: ['a@acme.example'],
      directory: [[{ type: 'CN', value: 'deep' }]],
    },
  })
  const kinds = read(der).subjectAltNames.map(({ kind }) => kind)
  assert.deepEqual(kinds.toSorted(), ['directory', 'dns', 'email', 'ip', 'ip', 'uri'])
})

test('CVE-2021-44532: a URI that spells another name stays one URI', () => {
  const uri = 'https://evil.example/, DNS:victim.example'
  const { der } = authority.issue({ extensions: [subjectAltNameExtension([{ kind: 'uri', uri }])] })
  assert.deepEqual(read(der).subjectAltNames, [{ kind: 'uri', uri }])
})

test('RFC9608: noRevAvail is read', () => {
  assert.equal(
    read(authority.issue({ extensions: [noRevocationAvailableExtension()] }).der).noRevocationAvailable,
    true,
  )
})

const flaws: readonly (readonly [string, () => Uint8Array, string])[] = [
  ['an octet behind the end', () => Buffer.concat([authority.rootDer, Buffer.from([0])]), 'trailing_data'],
  ['a missing octet', () => authority.rootDer.subarray(0, -1), 'truncated'],
  ['nothing', () => new Uint8Array(), 'truncated'],
  ['an issuer’s unique identifier that is no bit string', () => withUniqueIdentifier('8100'), 'bit_string_malformed'],
  [
    'a unique identifier of the subject before the issuer’s',
    () => withUniqueIdentifier('8202005581020055'),
    'trailing_data',
  ],
  ['PEM text', () => Buffer.from(authority.rootPem), 'tag_unexpected'],
  [
    'an extension twice',
    () => issued([basicConstraintsExtension({ ca: false }), basicConstraintsExtension({ ca: false })]),
    'extension_repeated',
  ],
  [
    'an empty list of alternative names',
    () => issued([{ oid: '2.5.29.17', critical: false, value: Uint8Array.of(0x30, 0) }]),
    'value_missing',
  ],
  [
    'alternative names that are plain text',
    () => issued([{ oid: '2.5.29.17', critical: false, value: Buffer.from('DNS:x') }]),
    'tag_unexpected',
  ],
  [
    'a DNS name that is not ASCII',
    () =>
      issued([
        {
          oid: '2.5.29.17',
          critical: false,
          value: encodeElement(0x30, encodeElement(0x82, Buffer.from('é.example'))),
        },
      ]),
    'string_malformed',
  ],
  ['empty name constraints', () => issued([nameConstraintsExtension({})]), 'value_missing'],
  ['empty policy constraints', () => issued([policyConstraintsExtension({})]), 'value_missing'],
  [
    'a policy twice',
    () => issued([certificatePoliciesExtension([{ oid: '1.2.3' }, { oid: '1.2.3' }])]),
    'value_not_allowed',
  ],
  [
    'a key usage without any bit',
    () => issued([{ oid: '2.5.29.15', critical: true, value: Uint8Array.of(3, 1, 0) }]),
    'value_missing',
  ],
  [
    'access information that is no DER',
    () => issued([{ ...authorityInformationAccessExtension({ ocsp: ['http://a'] }), value: Buffer.from('malformed') }]),
    'tag_unexpected',
  ],
  [
    'a negative path length',
    () => issued([{ oid: '2.5.29.19', critical: true, value: Uint8Array.of(0x30, 6, 1, 1, 0xff, 2, 1, 0xff) }]),
    'integer_out_of_range',
  ],
  [
    'a path length twice',
    () => issued([{ oid: '2.5.29.19', critical: true, value: Uint8Array.of(0x30, 9, 1, 1, 0xff, 2, 1, 0, 2, 1, 5) }]),
    'trailing_data',
  ],
]

for (const [what, make, detail] of flaws) {
  test(`a certificate with ${what} is refused`, () => {
    const result = parseCertificate(make())
    assert.equal(result.ok ? 'accepted' : result.failure.detail, detail)
  })
}

test('the failure names the extension it was found in', () => {
  const result = parseCertificate(issued([{ oid: '2.5.29.17', critical: false, value: Uint8Array.of(0x30, 0) }]))
  assert.equal(result.ok ? '' : result.failure.field, '2.5.29.17')
})

test('an inner signature algorithm other than the outer one is refused', () => {
  const der = Uint8Array.from(authority.rootDer)
  const oid = Buffer.from('06082a8648ce3d040302', 'hex')
  der[Buffer.from(der).lastIndexOf(oid) + oid.length - 1] = 3
  const result = parseCertificate(der)
  assert.equal(result.ok ? 'accepted' : result.failure.detail, 'signature_algorithms_differ')
})

test('any octets in place of a certificate are refused without an exception', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => assert.equal(parseCertificate(bytes).ok, false)))
})

function issued(extensions: Parameters<typeof issueCertificate>[0]['extensions']): Uint8Array {
  const { root } = authority
  const { publicKey } = read(authority.rootDer)
  const template = {
    serialNumber: Uint8Array.of(1),
    subject: root.subject,
    notBefore: 0,
    notAfter: 1,
    publicKey: publicKey.spki,
    extensions,
  }
  return issueCertificate(template, { privateKey: root.key, issuer: root.subject })
}

/** The same with these octets, in hexadecimal, before its extensions. The signature is not that of what it says. */
function withUniqueIdentifier(hex: string): Uint8Array {
  const { der, tbs, publicKey } = read(issued([basicConstraintsExtension({ ca: false })]))
  const reader = new DerReader(tbs)
  reader.skip(tbs.length)
  const at = Buffer.from(tbs).indexOf(publicKey.spki) + publicKey.spki.length
  const content = [tbs.subarray(reader.contentStart, at), Buffer.from(hex, 'hex'), tbs.subarray(at)]
  const behind = Buffer.from(der).subarray(Buffer.from(der).indexOf(tbs) + tbs.length)
  return encodeElement(0x30, Buffer.concat([encodeElement(0x30, Buffer.concat(content)), behind]))
}

function read(der: Uint8Array): Certificate {
  const result = parseCertificate(der)
  assert.ok(result.ok, JSON.stringify(result))
  return result.value
}
