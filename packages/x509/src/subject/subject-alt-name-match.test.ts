import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import type { Certificate } from '../certificate/certificate.ts'
import { parseCertificate } from '../certificate/parse-certificate.ts'
import { UTF8_STRING } from '../der/der-reader.ts'
import { encodeElement } from '../der/encode-element.ts'
import { type GeneralNameTemplate, subjectAltNameExtension } from '../issue/index.ts'
import {
  comparableSubjectAltNames,
  type ExpectedSubjectAltName,
  isSubjectAltName,
  parseSubjectAltName,
} from './subject-alt-name-match.ts'

const authority = createTestAuthority()

const cases: readonly (readonly [string, GeneralNameTemplate, ExpectedSubjectAltName['kind'], string, boolean])[] = [
  ['a DNS name in another case', { kind: 'dns', name: 'Acme.EXAMPLE' }, 'dns', 'acme.example', true],
  ['a DNS name with more labels', { kind: 'dns', name: 'a.acme.example' }, 'dns', 'acme.example', false],
  ['a wildcard in the certificate', { kind: 'dns', name: '*.example' }, 'dns', 'acme.example', false],
  ['a trailing dot in the certificate', { kind: 'dns', name: 'acme.example.' }, 'dns', 'acme.example', false],
  [
    'CVE-2025-66220: a NUL behind the name',
    { kind: 'dns', name: 'acme.example\0.evil.example' },
    'dns',
    'acme.example',
    false,
  ],
  ['an A-label', { kind: 'dns', name: 'xn--bcher-kva.example' }, 'dns', 'xn--bcher-kva.example', true],
  ['a DNS name with a blank', { kind: 'dns', name: ' acme.example' }, 'dns', 'acme.example', false],
  ['a DNS name given as URI', { kind: 'uri', uri: 'acme.example' }, 'dns', 'acme.example', false],
  [
    'CVE-2025-66220: a DNS name within an otherName',
    { kind: 'other', oid: '1.3.6.1.5.5.7.8.7', value: Buffer.from('160c61636d652e6578616d706c65', 'hex') },
    'dns',
    'acme.example',
    false,
  ],
  ['the same URI', { kind: 'uri', uri: 'https://acme.example/a%20b' }, 'uri', 'https://acme.example/a%20b', true],
  [
    'a URI whose host differs in case',
    { kind: 'uri', uri: 'https://ACME.example/' },
    'uri',
    'https://acme.example/',
    false,
  ],
  [
    'a URI with another percent-encoding',
    { kind: 'uri', uri: 'https://acme.example/%7ea' },
    'uri',
    'https://acme.example/~a',
    false,
  ],
  ['a URI with a slash more', { kind: 'uri', uri: 'https://acme.example/' }, 'uri', 'https://acme.example', false],
  ['an IPv4 address', { kind: 'ip', address: Uint8Array.of(192, 0, 2, 7) }, 'ip', '192.0.2.7', true],
  [
    'an IPv6 address in another spelling',
    { kind: 'ip', address: Buffer.from('20010db8000000000000000000000007', 'hex') },
    'ip',
    '2001:DB8:0::7',
    true,
  ],
  [
    'an IPv4 address against its mapped form',
    { kind: 'ip', address: Uint8Array.of(192, 0, 2, 7) },
    'ip',
    '::ffff:192.0.2.7',
    false,
  ],
  [
    'an address and a mask',
    { kind: 'ip', address: Uint8Array.of(192, 0, 2, 7, 255, 255, 255, 255) },
    'ip',
    '192.0.2.7',
    false,
  ],
  ['an address as DNS name', { kind: 'dns', name: '192.0.2.7' }, 'ip', '192.0.2.7', false],
  [
    'a mailbox whose host differs in case',
    { kind: 'email', email: 'Bob@ACME.example' },
    'email',
    'Bob@acme.example',
    true,
  ],
  [
    'a mailbox whose local part differs in case',
    { kind: 'email', email: 'bob@acme.example' },
    'email',
    'Bob@acme.example',
    false,
  ],
  [
    'CVE-2024-6119: a mailbox as otherName',
    { kind: 'other', oid: '1.3.6.1.5.5.7.8.9', value: Buffer.from('0c0c6240616378652e6578616d70', 'hex') },
    'email',
    'b@acme.examp',
    false,
  ],
  ['RFC 9598 §5: an international mailbox', mailbox('zoë@ACME.example'), 'email', 'zoë@acme.example', true],
  ['RFC 9598 §5: the local part in another case', mailbox('Zoë@acme.example'), 'email', 'zoë@acme.example', false],
  ['RFC 9598 §5: the local part decomposed', mailbox('zoe\u0308@acme.example'), 'email', 'zoë@acme.example', false],
  ['RFC 9598 §3: a host in A-labels', mailbox('zoë@xn--bcher-kva.example'), 'email', 'zoë@xn--bcher-kva.example', true],
  [
    'RFC 9598 §3: a mailbox that needs no more than ASCII',
    mailbox('zoe@acme.example'),
    'email',
    'zoe@acme.example',
    false,
  ],
  ['RFC 9598 §3: a NUL in a mailbox', mailbox('zoë@acme.example\0'), 'email', 'zoë@acme.example', false],
  ['RFC 9598 §3: two hosts in a mailbox', mailbox('zoë@acme.example@evil'), 'email', 'zoë@acme.example', false],
  ['RFC 9598 §3: a byte order mark', mailbox('\ufeffzoë@acme.example'), 'email', 'zoë@acme.example', false],
  [
    'RFC 9598 §3: a mailbox of another string type',
    { kind: 'other', oid: '1.3.6.1.5.5.7.8.9', value: encodeElement(0x16, Buffer.from('zoë@acme.example')) },
    'email',
    'zoë@acme.example',
    false,
  ],
  [
    'RFC 9598 §3: a mailbox under another identifier',
    { ...mailbox('zoë@acme.example'), oid: '1.3.6.1.5.5.7.8.8' },
    'email',
    'zoë@acme.example',
    false,
  ],
]

for (const [what, name, kind, registered, expected] of cases) {
  test(`RFC8705 §2.1.2: ${what} ${expected ? 'matches' : 'does not match'}`, () => {
    const certificate = read(
      authority.issue({
        subject: 'emailAddress=Bob@acme.example,CN=acme.example',
        extensions: [subjectAltNameExtension([name])],
      }).der,
    )
    const parsed = parseSubjectAltName(kind, registered)
    assert.ok(parsed.ok)
    assert.equal(isSubjectAltName(certificate, parsed.value), expected)
  })
}

test('the subject’s common name and e-mail address are no alternative names', () => {
  const certificate = read(authority.issue({ subject: 'emailAddress=bob@acme.example,CN=acme.example' }).der)
  assert.equal(isSubjectAltName(certificate, { kind: 'dns', name: 'acme.example' }), false)
  assert.equal(isSubjectAltName(certificate, { kind: 'email', email: 'bob@acme.example' }), false)
})

test('any one of several names is enough', () => {
  const certificate = read(authority.issue({ san: { dns: ['a.example', 'b.example'] } }).der)
  assert.equal(isSubjectAltName(certificate, { kind: 'dns', name: 'b.example' }), true)
})

for (const [kind, text, reason] of [
  ['dns', 'bücher.example', 'dns_name_not_ascii'],
  ['dns', '*.example', 'dns_name_wildcard'],
  ['dns', 'acme.example.', 'dns_name_trailing_dot'],
  ['dns', '192.0.2.7', 'dns_name_is_address'],
  ['dns', '', 'dns_name_malformed'],
  ['dns', 'a..example', 'dns_name_malformed'],
  ['dns', '-a.example', 'dns_name_malformed'],
  ['dns', 'a b.example', 'dns_name_malformed'],
  ['dns', `${'a'.repeat(64)}.example`, 'dns_name_malformed'],
  ['dns', 'a.example\0', 'dns_name_malformed'],
  ['uri', 'https://bücher.example/', 'uri_not_ascii'],
  ['uri', 'acme.example', 'uri_malformed'],
  ['uri', 'https://a b', 'uri_malformed'],
  ['uri', '', 'uri_malformed'],
  ['uri', `https://a/${'x'.repeat(3000)}`, 'value_too_long'],
  ['ip', '192.0.2.0/24', 'ip_address_malformed'],
  ['ip', 'acme.example', 'ip_address_malformed'],
  ['email', 'acme.example', 'email_malformed'],
  ['email', '@acme.example', 'email_malformed'],
  ['email', 'a@b@acme.example', 'email_malformed'],
  ['email', 'a@*.example', 'email_malformed'],
  ['email', 'bob@bücher.example', 'email_not_ascii'],
  ['email', 'zoë@bücher.example', 'email_not_ascii'],
  ['email', 'zo ë@acme.example', 'email_malformed'],
  ['email', 'zoë\u202e@acme.example', 'email_malformed'],
  ['email', 'ë@ë@acme.example', 'email_malformed'],
  ['email', 'zoë@*.example', 'email_malformed'],
  ['email', `${'a'.repeat(65)}@acme.example`, 'email_malformed'],
] as const) {
  test(`${kind} "${text.slice(0, 30)}" cannot be registered: ${reason}`, () => {
    const parsed = parseSubjectAltName(kind, text)
    assert.equal(parsed.ok ? 'accepted' : parsed.failure.reason, reason)
  })
}

test('names are the same exactly when their comparable texts are, whatever their form', () => {
  const certificate = read(
    authority.issue({
      extensions: [
        subjectAltNameExtension([
          { kind: 'dns', name: 'A.example' },
          { kind: 'uri', uri: 'dns:b.example' },
          { kind: 'ip', address: Uint8Array.of(192, 0, 2, 7) },
          mailbox('zoë@acme.example'),
          { kind: 'dns', name: '*.example' },
          { kind: 'directory', name: [{ type: 'CN', value: 'c.example' }] },
        ]),
      ],
    }).der,
  )
  assert.deepEqual(
    comparableSubjectAltNames(certificate),
    new Set(['dns:a.example', 'uri:dns:b.example', 'ip:192.0.2.7', 'email:zoë@acme.example']),
  )
})

function mailbox(address: string): Extract<GeneralNameTemplate, { kind: 'other' }> {
  return { kind: 'other', oid: '1.3.6.1.5.5.7.8.9', value: encodeElement(UTF8_STRING, Buffer.from(address)) }
}

function read(der: Uint8Array): Certificate {
  const parsed = parseCertificate(der)
  assert.ok(parsed.ok)
  return parsed.value
}
