import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import { parseCertificate } from '../certificate/parse-certificate.ts'
import { createAnchorSet } from '../path/anchor-set.ts'
import { validatePath } from '../path/validate-path.ts'
import { mayReplaceSpiffeBundle, parseSpiffeBundle, spiffeBundleState } from './spiffe-bundle.ts'
import { parseExpectedSpiffeId, parseSpiffeId, spiffeIdMatch } from './spiffe-id.ts'
import { x509Svid } from './x509-svid.ts'

const authority = createTestAuthority()
const id = 'spiffe://acme.example/ns/prod/sa/billing'

test('an SVID names its workload, and its trust domain chooses the anchors', () => {
  const leaf = authority.issue({ subject: [], san: { uri: [id], dns: ['billing.acme.example'] } })
  const certificate = parseCertificate(leaf.der)
  assert.ok(certificate.ok)
  const svid = x509Svid(certificate.value)
  assert.deepEqual(svid.ok && [svid.value.trustDomain, svid.value.path], ['acme.example', '/ns/prod/sa/billing'])
  const bundle = parseSpiffeBundle(
    JSON.stringify({
      keys: [{ kty: 'EC', use: 'x509-svid', x5c: [Buffer.from(authority.rootDer).toString('base64')] }],
    }),
  )
  assert.ok(bundle.ok)
  const anchors = createAnchorSet({
    name: 'acme.example',
    anchors: bundle.value.anchors,
    emptiness: 'allowed',
    intermediates: [authority.intermediate!.der],
  })
  assert.ok(anchors.ok)
  assert.equal(validatePath(certificate.value, [], anchors.value, { now: 1_800_000_000 }).ok, true)
})

for (const [what, options, reason] of [
  ['no URI', {}, 'svid_uri_count'],
  ['two URIs, one of another scheme', { san: { uri: [id, 'https://acme.example'] } }, 'svid_uri_count'],
  ['a URI of another scheme', { san: { uri: ['https://acme.example/x'] } }, 'spiffe_scheme_missing'],
  ['the trust domain alone', { san: { uri: ['spiffe://acme.example'] } }, 'svid_without_path'],
  ['a CA certificate', { san: { uri: [id] }, ca: {}, keyUsage: ['digitalSignature'] }, 'svid_is_ca'],
  ['no key usage', { san: { uri: [id] }, keyUsage: [] }, 'svid_key_usage'],
  [
    'a key usage that is not critical',
    { san: { uri: [id] }, extensions: [{ oid: '2.5.29.15', critical: false, value: Uint8Array.of(3, 2, 7, 0x80) }] },
    'svid_key_usage',
  ],
  [
    'a key that may sign certificates',
    { san: { uri: [id] }, keyUsage: ['digitalSignature', 'keyCertSign'] },
    'svid_key_usage',
  ],
  ['a key that may sign CRLs', { san: { uri: [id] }, keyUsage: ['digitalSignature', 'cRLSign'] }, 'svid_key_usage'],
  ['serverAuth alone', { san: { uri: [id] }, eku: ['serverAuth'] }, 'svid_extended_key_usage'],
] as const) {
  test(`a certificate with ${what} is no SVID`, () => {
    const certificate = parseCertificate(authority.issue(options).der)
    assert.ok(certificate.ok)
    const svid = x509Svid(certificate.value)
    assert.equal(svid.ok ? 'accepted' : svid.failure.reason, reason)
  })
}

for (const text of [
  'spiffe://',
  'spiffe:///x',
  'SPIFFE://acme.example/x',
  'spiffe://Acme.example/x',
  'spiffe://acme.example:443/x',
  'spiffe://user@acme.example/x',
  'spiffe://acme.example/x?y',
  'spiffe://acme.example/x#y',
  'spiffe://acme.example/x%2fy',
  'spiffe://acme.example/x/',
  'spiffe://acme.example//x',
  'spiffe://acme.example/./x',
  'spiffe://acme.example/../x',
  'spiffe://acme.example/ü',
  'spiffe://acme.example/',
  `spiffe://acme.example/${'x'.repeat(2048)}`,
  `spiffe://${'a'.repeat(256)}/x`,
]) {
  test(`"${text.slice(0, 40)}" is no SPIFFE ID`, () => {
    assert.equal(parseSpiffeId(text).ok, false)
  })
}

test('an ID matches exactly, or below a whole segment', () => {
  const matches = (expected: string, presented: string): boolean => {
    const [one, other] = [parseExpectedSpiffeId(expected), parseSpiffeId(presented)]
    assert.ok(one.ok && other.ok)
    return spiffeIdMatch(other.value, one.value)
  }
  assert.equal(matches(id, id), true)
  assert.equal(matches(id, `${id}2`), false)
  assert.equal(matches('spiffe://acme.example/ns/prod/*', id), true)
  assert.equal(matches('spiffe://acme.example/*', id), true)
  assert.equal(matches('spiffe://acme.example/ns/pro/*', id), false)
  assert.equal(matches('spiffe://acme.example/ns/prod/*', 'spiffe://acme.example/ns/prod'), false)
  assert.equal(matches('spiffe://acme.exampl/*', id), false)
  for (const bad of ['spiffe://acme.example', 'spiffe://*/x', 'spiffe://acme.example/*/x', '*'])
    assert.equal(parseExpectedSpiffeId(bad).ok, false, bad)
})

test('a bundle takes the first certificate of each x509-svid key, and says what it passed over', () => {
  const x5c = [Buffer.from(authority.rootDer).toString('base64'), 'ignored']
  const keys = [
    { use: 'x509-svid', kty: 'EC', x5c },
    { use: 'jwt-svid', kty: 'EC', kid: 'a' },
    { use: 'x509-svid' },
    { use: 'x509-svid', x5c: ['AAAA'] },
    null,
    { kty: 'new', use: 'new' },
  ]
  const bundle = parseSpiffeBundle(JSON.stringify({ keys, spiffe_sequence: 7, spiffe_refresh_hint: 60, other: {} }))
  assert.ok(bundle.ok)
  assert.deepEqual(
    bundle.value.anchors.map((der) => Buffer.from(der)),
    [Buffer.from(authority.rootDer)],
  )
  assert.deepEqual([bundle.value.sequence, bundle.value.refreshHint], [7, 60])
  assert.deepEqual(
    bundle.value.ignored.map(({ because }) => because),
    ['other_use', 'without_certificate', 'certificate_malformed', 'not_an_object', 'other_use'],
  )
})

test('a bundle without keys trusts nobody, and a document without keys is none', () => {
  const empty = parseSpiffeBundle('{"keys":[]}')
  assert.deepEqual(empty.ok && [empty.value.anchors, empty.value.refreshHint], [[], 300])
  const refused = [
    '',
    '[]',
    '{}',
    '{"keys":{}}',
    '{"keys":[],"spiffe_sequence":-1}',
    '{"keys":[],"spiffe_refresh_hint":"5"}',
  ].map((text) => {
    const bundle = parseSpiffeBundle(text)
    return bundle.ok ? 'accepted' : bundle.failure.reason
  })
  assert.deepEqual(refused, [
    'bundle_not_json',
    'bundle_not_an_object',
    'bundle_keys_missing',
    'bundle_keys_missing',
    'bundle_sequence_malformed',
    'bundle_refresh_hint_malformed',
  ])
})

test('a stale bundle has an end, and a sequence does not run backwards', () => {
  const bundle = parseSpiffeBundle('{"keys":[],"spiffe_sequence":5,"spiffe_refresh_hint":60}')
  const older = parseSpiffeBundle('{"keys":[],"spiffe_sequence":4}')
  const without = parseSpiffeBundle('{"keys":[]}')
  assert.ok(bundle.ok && older.ok && without.ok)
  assert.deepEqual(
    [0, 59, 60, 3600, 3601].map((age) => spiffeBundleState(bundle.value, 1000, 1000 + age, 3600)),
    ['fresh', 'fresh', 'refresh_due', 'refresh_due', 'stale'],
  )
  assert.deepEqual(
    [bundle, older, without].map((next) => mayReplaceSpiffeBundle(bundle.value, next.value)),
    [true, false, false],
  )
  assert.equal(mayReplaceSpiffeBundle(without.value, older.value), true)
})
