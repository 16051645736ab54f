import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { createTestAuthority, type TestAuthority, type TestCertificate } from '@holdfast/testkit'
import { parseCertificate } from '../certificate/parse-certificate.ts'
import type { Certificate } from '../certificate/certificate.ts'
import {
  badCertificateKinds,
  certificatePoliciesExtension,
  extendedKeyUsageExtension,
  inhibitAnyPolicyExtension,
  nameConstraintsExtension,
  policyConstraintsExtension,
  policyMappingsExtension,
} from '../issue/index.ts'
import { type AnchorSet, type AnchorSetOptions, createAnchorSet } from './anchor-set.ts'
import { explainPath, validatePath } from './validate-path.ts'

const now = Date.UTC(2026, 10, 22) / 1000
const authority = createTestAuthority()

test('a leaf whose chain leads to an anchor is accepted, and the path says until when', () => {
  const leaf = authority.issue({ notAfter: now + 100 })
  const result = validatePath(read(leaf), chainOf(leaf), anchorsOf(authority), { now })
  assert.ok(result.ok)
  assert.deepEqual(
    result.value.certificates.map(({ der }) => Buffer.from(der)),
    [leaf.der, ...leaf.chain].map((der) => Buffer.from(der)),
  )
  assert.deepEqual(Buffer.from(result.value.anchor.der), Buffer.from(authority.rootDer))
  assert.equal(result.value.validUntil, now + 100)
  assert.deepEqual(result.value.policies, [])
})

test('both ends of the validity belong to it, and fractions of a second do not count', () => {
  const leaf = read(authority.issue({ notBefore: now, notAfter: now + 10 }))
  const chain = chainOf(authority.issue())
  const at = (time: number): string => reason(validatePath(leaf, chain, anchorsOf(authority), { now: time }))
  assert.deepEqual(
    [at(now - 1), at(now), at(now + 10), at(now + 10.9), at(now + 11)],
    ['certificate_not_yet_valid', 'accepted', 'accepted', 'accepted', 'certificate_expired'],
  )
})

test('a leaf alone is accepted when its intermediate is configured', () => {
  const leaf = read(authority.issue())
  const alone = validatePath(leaf, [], anchorsOf(authority), { now })
  assert.deepEqual(alone, {
    ok: false,
    failure: { reason: 'issuer_unknown', index: 0, issuer: 'CN=Test Issuing,O=Holdfast Test' },
  })
  const configured = anchorsOf(authority, { intermediates: [authority.intermediate!.der] })
  assert.equal(reason(validatePath(leaf, [], configured, { now })), 'accepted')
})

test('an intermediate may be the anchor, and the path ends there', () => {
  const anchors = load({ name: 'partial', anchors: [authority.intermediate!.der] })
  const result = validatePath(read(authority.issue()), [], anchors, { now })
  assert.ok(result.ok)
  assert.equal(result.value.certificates.length, 1)
})

test('keycloak#52801: of two CAs with the same name only the anchor itself vouches', () => {
  const [mine, other] = [createTestAuthority({ intermediate: 'no' }), createTestAuthority({ intermediate: 'no' })]
  assert.equal(reason(validatePath(read(other.issue()), [], anchorsOf(mine), { now })), 'issuer_unknown')
  const both = load({ name: 'both', anchors: [mine.rootDer, other.rootDer] })
  assert.equal(reason(validatePath(read(other.issue()), [], both, { now })), 'accepted')
})

for (const [kind, expected] of [
  ['expired', 'certificate_expired'],
  ['not-yet-valid', 'certificate_not_yet_valid'],
  ['server-auth-only', 'extended_key_usage_missing'],
  ['wrong-purpose', 'extended_key_usage_missing'],
  ['wrong-ca', 'signature_invalid'],
  ['ca-as-leaf', 'leaf_is_ca'],
  ['weak-signature', 'signature_algorithm_not_allowed'],
  ['broken-signature', 'signature_invalid'],
  ['unknown-critical-extension', 'critical_extension_unknown'],
] as const) {
  test(`a certificate is refused as ${expected} when it ${badCertificateKinds[kind]}`, () => {
    const leaf = authority.issueBad(kind)
    const result = validatePath(read(leaf), chainOf(leaf), anchorsOf(authority), { now })
    assert.equal(reason(result), expected)
    assert.equal(!result.ok && 'index' in result.failure && result.failure.index, 0)
  })
}

test('CVE-2026-33896: a leaf that issued another leaf is no CA', () => {
  const leaf = authority.issue({ keyUsage: ['digitalSignature', 'keyCertSign'] })
  const forged = createTestAuthority({ intermediateOptions: { key: leaf.key } })
  const child = forged.issue()
  const result = validatePath(
    read(child),
    [leaf, ...chainOf(leaf)].map((one) => ('der' in one ? readDer(one.der) : one)),
    anchorsOf(authority),
    { now },
  )
  assert.equal(reason(result), 'issuer_unknown')
  const named = authority.issue({ subject: forged.intermediate!.subject, key: leaf.key, extensions: [] })
  const misled = validatePath(read(child), [read(named), ...chainOf(named)], anchorsOf(authority), { now })
  assert.deepEqual(misled, {
    ok: false,
    failure: { reason: 'issuer_not_ca', index: 1, subject: 'CN=Test Issuing,O=Holdfast Test' },
  })
})

test('CVE-2023-2422: a certificate of the victim elsewhere in the chain changes nothing', () => {
  const victim = authority.issue({ commonName: 'victim' })
  const thief = createTestAuthority({ name: 'Thief' }).issue({ commonName: 'thief' })
  const result = validatePath(
    read(thief),
    [...chainOf(thief), read(victim), ...chainOf(victim)],
    anchorsOf(authority),
    { now },
  )
  assert.equal(reason(result), 'issuer_unknown')
})

test('a certificate that is an anchor itself is never accepted as a leaf', () => {
  assert.equal(
    reason(validatePath(readDer(authority.rootDer), [], anchorsOf(authority, { leafAuthority: 'accept' }), { now })),
    'leaf_is_anchor',
  )
})

test('CVE-2021-3450: the extended key usage rule is what the set says', () => {
  const verdict = (
    eku: readonly ('clientAuth' | 'serverAuth' | '2.5.29.37.0')[],
    rule: AnchorSetOptions['extendedKeyUsage'],
  ): string => {
    const leaf = authority.issue({ eku })
    return reason(validatePath(read(leaf), chainOf(leaf), anchorsOf(authority, { extendedKeyUsage: rule! }), { now }))
  }
  const table = (['require', 'if_present', 'server_auth_too'] as const).map((rule) =>
    [verdict([], rule), verdict(['clientAuth'], rule), verdict(['serverAuth'], rule), verdict(['2.5.29.37.0'], rule)]
      .map((one) => (one === 'accepted' ? 'yes' : 'no'))
      .join(' '),
  )
  assert.deepEqual(table, ['no yes no no', 'yes yes no yes', 'yes yes yes yes'])
})

test('an extended key usage of an intermediate bounds what it issues for', () => {
  const other = createTestAuthority({
    intermediateOptions: { extensions: [extendedKeyUsageExtension(['serverAuth'])] },
  })
  const leaf = other.issue()
  const result = validatePath(read(leaf), chainOf(leaf), anchorsOf(other), { now })
  assert.deepEqual(result, {
    ok: false,
    failure: {
      reason: 'extended_key_usage_missing',
      index: 1,
      required: ['1.3.6.1.5.5.7.3.2'],
      present: ['1.3.6.1.5.5.7.3.1'],
    },
  })
})

test('path lengths are kept, and the anchor’s own counts', () => {
  const strict = createTestAuthority({ rootOptions: { ca: { pathLength: 0 } } })
  const leaf = strict.issue()
  assert.deepEqual(validatePath(read(leaf), chainOf(leaf), anchorsOf(strict), { now }), {
    ok: false,
    failure: { reason: 'path_length_exceeded', index: 1 },
  })
  const below = authority.issueAuthority().issue()
  assert.equal(reason(validatePath(read(below), chainOf(below), anchorsOf(authority), { now })), 'accepted')
  assert.equal(
    reason(validatePath(read(below), chainOf(below), anchorsOf(authority, { maximumIntermediates: 1 }), { now })),
    'path_too_long',
  )
})

test('RFC5937: constraints of the anchor and of the set bind like those of any CA', () => {
  const own = createTestAuthority({
    rootOptions: { extensions: [nameConstraintsExtension({ permitted: [{ kind: 'dns', name: 'a.example' }] })] },
  })
  const leaf = own.issue({ san: { dns: ['b.example'] } })
  assert.equal(reason(validatePath(read(leaf), chainOf(leaf), anchorsOf(own), { now })), 'name_not_permitted')
  const plain = authority.issue({ san: { dns: ['b.example'] } })
  const set = anchorsOf(authority, {
    nameConstraints: { permitted: [{ kind: 'dns', name: 'a.example' }], excluded: [] },
  })
  assert.equal(reason(validatePath(read(plain), chainOf(plain), set, { now })), 'name_not_permitted')
})

test('RFC9618: policies are followed over a mapping, and only those asked for are good', () => {
  const mapped = createTestAuthority({
    intermediateOptions: {
      extensions: [
        certificatePoliciesExtension([{ oid: '1.2.3' }]),
        policyMappingsExtension([{ issuerDomain: '1.2.3', subjectDomain: '1.2.4' }]),
      ],
    },
  })
  const leaf = mapped.issue({ extensions: [certificatePoliciesExtension([{ oid: '1.2.4' }])] })
  const verdict = (options: Partial<AnchorSetOptions>): string =>
    reason(validatePath(read(leaf), chainOf(leaf), anchorsOf(mapped, options), { now }))
  assert.equal(verdict({ policies: ['1.2.3'] }), 'accepted')
  assert.equal(verdict({ policies: ['1.2.4'] }), 'policy_required')
  assert.equal(verdict({ policies: ['1.2.3'], policyMapping: 'inhibited' }), 'policy_required')
})

test('a CA that requires explicit policies, or inhibits any policy, is obeyed', () => {
  const explicit = createTestAuthority({
    intermediateOptions: { extensions: [policyConstraintsExtension({ requireExplicitPolicy: 0 })] },
  })
  const leaf = explicit.issue()
  assert.equal(reason(validatePath(read(leaf), chainOf(leaf), anchorsOf(explicit), { now })), 'policy_required')
  const inhibited = createTestAuthority({
    intermediateOptions: {
      extensions: [certificatePoliciesExtension([{ oid: '1.2.3' }]), inhibitAnyPolicyExtension(0)],
    },
  })
  const any = inhibited.issue({ extensions: [certificatePoliciesExtension([{ oid: '2.5.29.32.0' }])] })
  assert.equal(
    reason(validatePath(read(any), chainOf(any), anchorsOf(inhibited, { policies: ['1.2.3'] }), { now })),
    'policy_required',
  )
})

test('CVE-2023-0464: mappings that multiply take bounded time', () => {
  const policies = Array.from({ length: 300 }, (_, index) => `1.2.3.${index}`)
  const extensions = [
    certificatePoliciesExtension(policies.map((oid) => ({ oid }))),
    policyMappingsExtension(
      policies.flatMap((issuerDomain, at) =>
        [0, 1].map((step) => ({ issuerDomain, subjectDomain: policies[(at + step) % policies.length]! })),
      ),
    ),
  ]
  const deep = createTestAuthority({ rootOptions: { ca: {} }, intermediateOptions: { ca: {}, extensions } })
  const second = deep.issueAuthority({ commonName: 'Second', extensions })
  const leaf = second.issue({ extensions: [certificatePoliciesExtension(policies.map((oid) => ({ oid })))] })
  const begun = performance.now()
  const result = validatePath(read(leaf), chainOf(leaf), anchorsOf(deep, { policies: ['1.2.3.7'] }), { now })
  assert.ok(performance.now() - begun < 500)
  assert.equal(reason(result), 'accepted')
})

test('CVE-2022-0778: a key with explicit curve parameters is refused before anything is computed with it', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' })
  const leaf = authority.issue({ key: privateKey })
  const result = validatePath(read(leaf), chainOf(leaf), anchorsOf(authority), { now })
  assert.deepEqual(result, {
    ok: false,
    failure: { reason: 'key_not_allowed', index: 0, algorithm: 'ec', rule: 'explicit_parameters' },
  })
})

test('an RSA key with an exponent above 32 bits, or too small a modulus, is refused', () => {
  const weak = authority.issue({ key: 'rsa-1024' })
  assert.deepEqual(validatePath(read(weak), chainOf(weak), anchorsOf(authority), { now }), {
    ok: false,
    failure: { reason: 'key_not_allowed', index: 0, algorithm: 'rsa', rule: 'size' },
  })
  const leaf = read(authority.issue({ key: 'rsa-2048' }))
  const odd: Certificate = { ...leaf, publicKey: { ...leaf.publicKey, exponentBits: 2048 } }
  const result = validatePath(odd, chainOf(authority.issue()), anchorsOf(authority), { now })
  assert.equal(!result.ok && result.failure.reason === 'key_not_allowed' && result.failure.rule, 'exponent')
})

test('ML-DSA is accepted where the platform has it', (t) => {
  const kind = 'ml-dsa-44'
  let key: ReturnType<typeof generateKeyPairSync>['privateKey']
  try {
    key = (generateKeyPairSync as unknown as (kind: string) => { privateKey: typeof key })(kind).privateKey
  } catch {
    t.skip('this Node.js has no ML-DSA')
    return
  }
  const leaf = authority.issue({ key: key as never })
  assert.equal(reason(validatePath(read(leaf), chainOf(leaf), anchorsOf(authority), { now })), 'accepted')
})

test('a chain of more than 16 certificates, or of more than 64 kB, is refused before it is searched', () => {
  const leaf = authority.issue()
  const [intermediate] = chainOf(leaf)
  const many = validatePath(read(leaf), new Array<Certificate>(16).fill(intermediate!), anchorsOf(authority), { now })
  assert.deepEqual(many, { ok: false, failure: { reason: 'chain_too_many_certificates', count: 17, maximum: 16 } })
  const large = authority.issue({
    san: { dns: Array.from({ length: 3000 }, (_, index) => `host-number-${index}.example`) },
  })
  assert.equal(reason(validatePath(read(large), chainOf(large), anchorsOf(authority), { now })), 'chain_too_large')
})

test('time spent on signatures ends the search when the clock says so, but not within the first few', () => {
  const strangers = Array.from({ length: 12 }, () => createTestAuthority({ intermediate: 'no' }))
  let time = 0
  const elapsed = (): number => (time += 30)
  const verdict = (count: number): string => {
    const anchors = load({ name: 'test', anchors: strangers.slice(1, 1 + count).map(({ rootDer }) => rootDer) })
    const leaf = { ...read(strangers[0]!.issue()), authorityKeyIdentifier: {} }
    return JSON.stringify(validatePath(leaf, [], anchors, { now, elapsed }))
  }
  assert.match(verdict(7), /signature_invalid/)
  assert.match(verdict(11), /"budget":"signature_time"/)
})

test('the search goes back when the first issuer leads nowhere', () => {
  const root = createTestAuthority({ intermediate: 'no' })
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const good = root.issueAuthority({ commonName: 'Shared', key })
  const expired = root.issueAuthority({ commonName: 'Shared', key, notBefore: 1000, notAfter: 2000 })
  const strangers = createTestAuthority({ name: 'Stranger', intermediate: 'no' }).issueAuthority({
    commonName: 'Shared',
    key,
  })
  const leaf = good.issue()
  const pool = [strangers, expired, good].map(({ certificate }) => readDer(certificate.der))
  assert.equal(reason(validatePath(read(leaf), pool, anchorsOf(root), { now })), 'accepted')
  const { result, trace } = explainPath(read(leaf), pool, anchorsOf(root), { now })
  assert.ok(result.ok)
  assert.equal(trace.outcome?.reason, 'accepted')
  assert.deepEqual(
    trace.tried.map(({ outcome }) => outcome?.reason),
    ['issuer_unknown', 'certificate_expired', 'accepted'],
  )
})

test('two CAs that certify each other end in a refusal, not in a loop', () => {
  const keys = [0, 1].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
  const a = createTestAuthority({ intermediate: 'no', name: 'A', rootOptions: { key: keys[0]! } })
  const b = createTestAuthority({ intermediate: 'no', name: 'B', rootOptions: { key: keys[1]! } })
  const cross = [
    a.issue({ subject: b.root.subject, key: keys[1]!, ca: {} }),
    b.issue({ subject: a.root.subject, key: keys[0]!, ca: {} }),
  ]
  const result = validatePath(read(a.issue()), cross.map(read), anchorsOf(authority), { now })
  assert.equal(reason(result), 'issuer_unknown')
})

test('of many failed paths the one nearest to success is reported', () => {
  const leaf = authority.issue({ eku: ['serverAuth'] })
  const stranger = createTestAuthority().intermediate!
  const result = validatePath(read(leaf), [readDer(stranger.der), ...chainOf(leaf)], anchorsOf(authority), { now })
  assert.equal(reason(result), 'extended_key_usage_missing')
})

test('the strict profile refuses what interop forgives', () => {
  const leaf = authority.issue({ serialNumber: Uint8Array.of(0) })
  assert.equal(reason(validatePath(read(leaf), chainOf(leaf), anchorsOf(authority), { now })), 'accepted')
  const result = validatePath(read(leaf), chainOf(leaf), anchorsOf(authority, { profile: 'strict' }), { now })
  assert.deepEqual(result, {
    ok: false,
    failure: { reason: 'profile_violated', index: 0, rule: 'serial_number_out_of_range' },
  })
})

function reason(result: ReturnType<typeof validatePath>): string {
  return result.ok ? 'accepted' : result.failure.reason
}

function anchorsOf(from: TestAuthority, options: Partial<AnchorSetOptions> = {}): AnchorSet {
  return load({ name: 'test', anchors: [from.rootDer], ...options })
}

function load(options: AnchorSetOptions): AnchorSet {
  const set = createAnchorSet(options)
  assert.ok(set.ok, JSON.stringify(set))
  return set.value
}

function chainOf(certificate: TestCertificate): readonly Certificate[] {
  return certificate.chain.map(readDer)
}

function read(certificate: TestCertificate): Certificate {
  return readDer(certificate.der)
}

function readDer(der: Uint8Array): Certificate {
  const result = parseCertificate(der)
  assert.ok(result.ok, JSON.stringify(result))
  return result.value
}
