import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import type { Certificate } from '../certificate/certificate.ts'
import { parseCertificate } from '../certificate/parse-certificate.ts'
import { UTF8_STRING } from '../der/der-reader.ts'
import { encodeElement } from '../der/encode-element.ts'
import { nameConstraintsExtension, subjectAltNameExtension } from '../issue/index.ts'
import { createAnchorSet } from '../path/anchor-set.ts'
import { validatePath } from '../path/validate-path.ts'

const now = Date.UTC(2026, 10, 22) / 1000

for (const [what, constraints, san, subject, expected] of [
  [
    'within the permitted domain',
    { permitted: [{ kind: 'dns', name: 'example.com' }] },
    [{ kind: 'dns', name: 'a.example.com' }],
    'CN=x',
    'accepted',
  ],
  [
    'outside the permitted domain',
    { permitted: [{ kind: 'dns', name: 'example.com' }] },
    [{ kind: 'dns', name: 'a-example.com' }],
    'CN=x',
    'name_not_permitted',
  ],
  [
    'of an unconstrained form',
    { permitted: [{ kind: 'dns', name: 'example.com' }] },
    [{ kind: 'uri', uri: 'https://x.example' }],
    'CN=x',
    'accepted',
  ],
  [
    'excluded in another case',
    { excluded: [{ kind: 'dns', name: 'EXAMPLE.com' }] },
    [{ kind: 'dns', name: 'a.example.COM' }],
    'CN=x',
    'name_excluded',
  ],
  [
    'beside what is excluded',
    { excluded: [{ kind: 'dns', name: 'example.com' }] },
    [{ kind: 'dns', name: 'other.example' }],
    'CN=x',
    'accepted',
  ],
  [
    'of a form that cannot be judged, where only others are constrained',
    { permitted: [{ kind: 'dns', name: 'example.com' }] },
    [
      { kind: 'registered', oid: '1.2.3' },
      { kind: 'dns', name: 'a.example.com' },
    ],
    'CN=x',
    'accepted',
  ],
  [
    'of any host, where every host is permitted',
    { permitted: [{ kind: 'dns', name: '' }] },
    [{ kind: 'dns', name: 'a.example' }],
    'CN=x',
    'accepted',
  ],
  [
    'of any host, where every host is excluded',
    { excluded: [{ kind: 'dns', name: '' }] },
    [{ kind: 'dns', name: 'a.example' }],
    'CN=x',
    'name_excluded',
  ],
  [
    'longer than a host name can be',
    { permitted: [{ kind: 'dns', name: 'example' }] },
    [{ kind: 'dns', name: `${'a.'.repeat(124)}example` }],
    'CN=x',
    'name_malformed',
  ],
  [
    'whose first letters hide the parent of an excluded host',
    { excluded: [{ kind: 'dns', name: 'a.example.com' }] },
    [{ kind: 'dns', name: 'xxexample.com' }],
    'CN=x',
    'accepted',
  ],
  [
    'an address where the network is an address',
    { permitted: [{ kind: 'ip', address: Uint8Array.of(192, 0, 2, 1) }] },
    [{ kind: 'ip', address: Uint8Array.of(192, 0, 2, 1) }],
    'CN=x',
    'name_constraint_malformed',
  ],
  [
    'a wildcard over an excluded host',
    { excluded: [{ kind: 'dns', name: 'a.example.com' }] },
    [{ kind: 'dns', name: '*.example.com' }],
    'CN=x',
    'name_excluded',
  ],
  [
    'an address outside the network',
    { permitted: [{ kind: 'ip', address: Uint8Array.of(192, 0, 2, 0, 255, 255, 255, 0) }] },
    [{ kind: 'ip', address: Uint8Array.of(192, 0, 3, 1) }],
    'CN=x',
    'name_not_permitted',
  ],
  [
    'an address of another family',
    { permitted: [{ kind: 'ip', address: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0) }] },
    [{ kind: 'ip', address: new Uint8Array(16) }],
    'CN=x',
    'name_not_permitted',
  ],
  [
    'a mask with a gap',
    { permitted: [{ kind: 'ip', address: Uint8Array.of(10, 0, 0, 0, 255, 0, 255, 0) }] },
    [{ kind: 'ip', address: Uint8Array.of(10, 1, 1, 1) }],
    'CN=x',
    'name_constraint_malformed',
  ],
  [
    'a mailbox of a permitted host',
    { permitted: [{ kind: 'email', email: 'example.com' }] },
    [{ kind: 'email', email: 'Bob@EXAMPLE.com' }],
    'CN=x',
    'accepted',
  ],
  [
    'a mailbox of a sub-domain of a permitted host',
    { permitted: [{ kind: 'email', email: 'example.com' }] },
    [{ kind: 'email', email: 'bob@a.example.com' }],
    'CN=x',
    'name_not_permitted',
  ],
  [
    'an excluded mailbox',
    { excluded: [{ kind: 'email', email: 'bob@example.com' }] },
    [{ kind: 'email', email: 'bob@example.com' }],
    'CN=x',
    'name_excluded',
  ],
  [
    'an e-mail address in the subject',
    { excluded: [{ kind: 'email', email: 'example.com' }] },
    undefined,
    'emailAddress=bob@example.com,CN=x',
    'name_excluded',
  ],
  [
    'a URI of a permitted domain',
    { permitted: [{ kind: 'uri', uri: '.example.com' }] },
    [{ kind: 'uri', uri: 'https://a.example.com:8443/x' }],
    'CN=x',
    'accepted',
  ],
  [
    'a URI whose user part looks like the host',
    { permitted: [{ kind: 'uri', uri: 'example.com' }] },
    [{ kind: 'uri', uri: 'https://example.com@evil.example/' }],
    'CN=x',
    'name_not_permitted',
  ],
  [
    'a URI whose host depends on who reads it',
    { permitted: [{ kind: 'uri', uri: 'example.com' }] },
    [{ kind: 'uri', uri: 'https://evil.example\\@example.com/' }],
    'CN=x',
    'name_malformed',
  ],
  [
    'a URI whose user is written in percent signs',
    { permitted: [{ kind: 'uri', uri: 'example.com' }] },
    [{ kind: 'uri', uri: 'https://a%5c:b@example.com/' }],
    'CN=x',
    'accepted',
  ],
  [
    'a URI of an address',
    { excluded: [{ kind: 'uri', uri: 'example.com' }] },
    [{ kind: 'uri', uri: 'https://192.0.2.1/' }],
    'CN=x',
    'name_malformed',
  ],
  [
    'a URN where URIs are constrained',
    { permitted: [{ kind: 'uri', uri: 'example.com' }] },
    [{ kind: 'uri', uri: 'urn:uuid:1' }],
    'CN=x',
    'name_malformed',
  ],
  [
    'a subject below the permitted name',
    { permitted: [{ kind: 'directory', name: [{ type: 'O', value: 'ACME' }] }] },
    undefined,
    'CN=x,O=acme',
    'accepted',
  ],
  [
    'a subject beside the permitted name',
    { permitted: [{ kind: 'directory', name: [{ type: 'O', value: 'ACME' }] }] },
    undefined,
    'O=acme,CN=x',
    'name_not_permitted',
  ],
  [
    'a form that cannot be judged',
    { excluded: [{ kind: 'other', oid: '1.3.6.1.4.1.311.20.2.3', value: Uint8Array.of(5, 0) }] },
    [{ kind: 'other', oid: '1.3.6.1.4.1.311.20.2.3', value: Uint8Array.of(5, 0) }],
    'CN=x',
    'name_constraint_unsupported',
  ],
  [
    'CVE-2024-6119: a mailbox as otherName under an e-mail constraint',
    { permitted: [{ kind: 'email', email: 'example.com' }] },
    [{ kind: 'other', oid: '1.3.6.1.5.5.7.8.9', value: Uint8Array.of(0x0c, 3, 97, 64, 98) }],
    'CN=x',
    'name_malformed',
  ],
  [
    'RFC 9598 §6: an international mailbox at the permitted host',
    { permitted: [{ kind: 'email', email: 'example.com' }] },
    [mailbox('zoë@EXAMPLE.com')],
    'CN=x',
    'accepted',
  ],
  [
    'RFC 9598 §6: an international mailbox below the permitted domain',
    { permitted: [{ kind: 'email', email: '.example.com' }] },
    [mailbox('zoë@mail.example.com')],
    'CN=x',
    'accepted',
  ],
  [
    'RFC 9598 §6: an international mailbox elsewhere',
    { permitted: [{ kind: 'email', email: 'example.com' }] },
    [mailbox('zoë@evil-example.com')],
    'CN=x',
    'name_not_permitted',
  ],
  [
    'RFC 9598 §6: an international mailbox where one ASCII mailbox is permitted',
    { permitted: [{ kind: 'email', email: 'zoe@example.com' }] },
    [mailbox('zoë@example.com')],
    'CN=x',
    'name_not_permitted',
  ],
  [
    'RFC 9598 §6: an international mailbox at an excluded host',
    { excluded: [{ kind: 'email', email: 'example.com' }] },
    [mailbox('zoë@example.com')],
    'CN=x',
    'name_excluded',
  ],
  [
    'RFC 9598 §6: an international mailbox at the host of an excluded mailbox',
    { excluded: [{ kind: 'email', email: 'zoe@example.com' }] },
    [mailbox('zoë@example.com')],
    'CN=x',
    'name_excluded',
  ],
  [
    'RFC 9598 §3: a mailbox at a host that is not in A-labels',
    { permitted: [{ kind: 'email', email: 'example.com' }] },
    [mailbox('zoë@bücher.example.com')],
    'CN=x',
    'name_malformed',
  ],
  [
    'an international mailbox under a constraint on other names',
    { excluded: [{ kind: 'other', oid: '1.3.6.1.4.1.311.20.2.3', value: Uint8Array.of(5, 0) }] },
    [mailbox('zoë@example.com')],
    'CN=x',
    'name_constraint_unsupported',
  ],
  [
    'CVE-2022-3602: an overlong punycode host under an e-mail constraint',
    { permitted: [{ kind: 'email', email: 'xn--srgbaaa.example' }] },
    [{ kind: 'email', email: `a@xn--${'z'.repeat(600)}.example` }],
    'CN=x',
    'name_malformed',
  ],
  [
    'CVE-2025-66220: a NUL in a constrained name',
    { permitted: [{ kind: 'dns', name: 'example.com' }] },
    [{ kind: 'dns', name: 'evil\0.example.com' }],
    'CN=x',
    'name_malformed',
  ],
] as const) {
  test(`name constraints: ${what}`, () => {
    const constrained = createTestAuthority({
      intermediateOptions: { extensions: [nameConstraintsExtension(constraints)] },
    })
    const leaf = constrained.issue({
      subject,
      ...(san === undefined ? {} : { extensions: [subjectAltNameExtension(san)] }),
    })
    const anchors = createAnchorSet({ name: 'test', anchors: [constrained.rootDer] })
    assert.ok(anchors.ok)
    const result = validatePath(read(leaf.der), leaf.chain.map(read), anchors.value, { now })
    assert.equal(result.ok ? 'accepted' : result.failure.reason, expected)
  })
}

for (const kind of ['permitted', 'excluded'] as const) {
  test(`more names and ${kind} ones than anyone needs end at the budget`, () => {
    const bases = Array.from({ length: 1000 }, (_, index) => ({ kind: 'dns' as const, name: `c${index}.example` }))
    const constrained = createTestAuthority({
      intermediateOptions: { extensions: [nameConstraintsExtension({ [kind]: bases })] },
    })
    const host = kind === 'permitted' ? 'c999.example' : 'd.example'
    const leaf = constrained.issue({ san: { dns: Array.from({ length: 1000 }, () => host) } })
    const anchors = createAnchorSet({ name: 'test', anchors: [constrained.rootDer] })
    assert.ok(anchors.ok)
    const result = validatePath(read(leaf.der), leaf.chain.map(read), anchors.value, { now })
    assert.deepEqual(result, { ok: false, failure: { reason: 'budget_exceeded', budget: 'name_comparisons' } })
  })
}

function mailbox(address: string): { kind: 'other'; oid: string; value: Uint8Array } {
  return { kind: 'other', oid: '1.3.6.1.5.5.7.8.9', value: encodeElement(UTF8_STRING, Buffer.from(address)) }
}

function read(der: Uint8Array): Certificate {
  const parsed = parseCertificate(der)
  assert.ok(parsed.ok)
  return parsed.value
}
