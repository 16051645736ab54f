import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestAuthority, type TestCertificate } from '@holdfast/testkit'
import type { Certificate } from '../certificate/certificate.ts'
import { parseCertificate } from '../certificate/parse-certificate.ts'
import { subjectPublicKey } from '../key/subject-public-key.ts'
import { DerReader } from '../der/der-reader.ts'
import {
  authorityInformationAccessExtension,
  certificatePoliciesExtension,
  crlDistributionPointsExtension,
  type ExtensionTemplate,
  nameConstraintsExtension,
  noRevocationAvailableExtension,
  policyConstraintsExtension,
  qcStatementsExtension,
  subjectAltNameExtension,
} from '../issue/index.ts'
import { type AnchorSetOptions, createAnchorSet } from './anchor-set.ts'
import { brokenKeyRule, DEFAULT_KEY_RULES } from './key-rules.ts'
import type { PathTrace } from './path-trace.ts'
import { explainPath, validatePath } from './validate-path.ts'

const now = Date.UTC(2026, 10, 22) / 1000
const authority = createTestAuthority()

test('an anchor past its end vouches for nobody, unless the set says that its dates do not count', () => {
  for (const dates of [{ notAfter: now - 1 }, { notBefore: now + 1 }]) {
    const old = createTestAuthority({ intermediate: 'no', rootOptions: dates })
    const expected = 'notAfter' in dates ? 'certificate_expired' : 'certificate_not_yet_valid'
    assert.equal(verdict(old.issue(), old.rootDer), expected)
    assert.equal(verdict(old.issue(), old.rootDer, { anchorValidity: 'enforce' }), expected)
    assert.equal(verdict(old.issue(), old.rootDer, { anchorValidity: 'ignore' }), 'accepted')
  }
})

test('an expired intermediate ends the path, whatever the anchor', () => {
  const old = createTestAuthority({ intermediateOptions: { notAfter: now - 1 } })
  assert.equal(verdict(old.issue(), old.rootDer, { anchorValidity: 'ignore' }), 'certificate_expired')
})

test('as many intermediates are accepted as the set says, and not one more', () => {
  const below = authority.issueAuthority()
  assert.equal(verdict(authority.issue(), authority.rootDer, { maximumIntermediates: 1 }), 'accepted')
  assert.equal(verdict(authority.issue(), authority.rootDer, { maximumIntermediates: 0 }), 'path_too_long')
  assert.equal(verdict(below.issue(), authority.rootDer, { maximumIntermediates: 2 }), 'accepted')
  assert.equal(verdict(below.issue(), authority.rootDer, { maximumIntermediates: 1 }), 'path_too_long')
})

test('a mesh of namesakes that leads nowhere ends at the number of looks, without any signature', () => {
  const subject = [{ type: 'CN', value: 'Namesake' }]
  const namesakes = Array.from({ length: 12 }, () =>
    createTestAuthority({
      intermediate: 'no',
      rootOptions: { subject, extensions: [{ oid: '2.5.29.35', critical: false, value: Uint8Array.of(0x30, 0) }] },
    }),
  )
  const leaf = namesakes[0]!.issue({
    extensions: [{ oid: '2.5.29.35', critical: false, value: Uint8Array.of(0x30, 0) }],
  })
  const pool = namesakes.map(({ root }) => read(root))
  assert.deepEqual(validatePath(read(leaf), pool, anchorsOf(authority.rootDer), { now }), {
    ok: false,
    failure: { reason: 'budget_exceeded', budget: 'looks' },
  })
})

test('RFC4158 §2.4.2: a CA that is in the path already is passed over, and the search says so', () => {
  const [one, two] = [createTestAuthority({ name: 'One' }), createTestAuthority({ name: 'Two' })]
  const cross = (subject: typeof one, signer: typeof one): TestCertificate =>
    signer.issue({ subject: subject.issuing.subject, key: subject.issuing.key, ca: {}, eku: [] })
  const leaf = one.issue()
  const pool = [read(cross(one, two)), read(cross(two, one))]
  const { result, trace } = explainPath(read(leaf), pool, anchorsOf(authority.rootDer), { now })
  assert.equal(result.ok, false)
  const outcomes = (node: PathTrace): readonly string[] => [
    node.outcome?.reason ?? '',
    ...node.tried.flatMap((tried) => outcomes(tried)),
  ]
  assert.deepEqual(outcomes(trace).filter((outcome) => outcome === 'already_in_path').length, 1)
  assert.ok(outcomes(trace).length < 6)
})

test('name constraints belong into CA certificates only', () => {
  const constraints = nameConstraintsExtension({ permitted: [{ kind: 'dns', name: 'example.com' }] })
  assert.equal(verdict(authority.issue({ extensions: [constraints] })), 'name_constraints_in_leaf')
  assert.equal(
    verdict(authority.issue({ extensions: [{ ...constraints, critical: false }] })),
    'name_constraints_in_leaf',
  )
})

test('a leaf proves a key that may sign, or agree on one; without key usage nothing is asked', () => {
  for (const [keyUsage, expected] of [
    [['digitalSignature'], 'accepted'],
    [['keyAgreement'], 'accepted'],
    [['keyEncipherment'], 'key_usage_missing'],
    [['nonRepudiation', 'dataEncipherment'], 'key_usage_missing'],
    [[], 'accepted'],
  ] as const) {
    assert.equal(verdict(authority.issue({ keyUsage })), expected, keyUsage.join())
  }
  assert.equal(
    verdict(authority.issue({ keyUsage: ['keyEncipherment'] }), authority.rootDer, { keyUsage: [] }),
    'accepted',
  )
})

test('where any purpose will do, none is asked of leaf and CA', () => {
  const server = authority.issue({ eku: ['serverAuth'] })
  assert.equal(verdict(server), 'extended_key_usage_missing')
  assert.equal(verdict(server, authority.rootDer, { purpose: '2.5.29.37.0' }), 'accepted')
})

test('RFC5937 §3.2: the policies of the anchor bound those that are asked for, any policy included', () => {
  const bounded = createTestAuthority({
    rootOptions: { extensions: [certificatePoliciesExtension(['1.2.3'])] },
    intermediateOptions: { extensions: [certificatePoliciesExtension(['2.5.29.32.0'])] },
  })
  const under = (policy: string, options: Partial<AnchorSetOptions>): string =>
    verdict(bounded.issue({ extensions: [certificatePoliciesExtension([policy])] }), bounded.rootDer, options)
  for (const policies of [['2.5.29.32.0'], ['1.2.3'], ['1.2.3', '1.2.4']]) {
    assert.equal(under('1.2.3', { policies }), 'accepted')
    assert.equal(under('1.2.4', { policies }), 'policy_required')
  }
  assert.equal(under('1.2.4', { explicitPolicy: 'required' }), 'policy_required')
  assert.equal(under('1.2.3', { policies: ['1.2.4'] }), 'policy_required')
})

test('a CA in the middle that must have an explicit policy, and has none left, ends the path where it stands', () => {
  const strict = createTestAuthority({
    rootOptions: { ca: {} },
    intermediateOptions: {
      ca: {},
      extensions: [policyConstraintsExtension({ requireExplicitPolicy: 0 }), certificatePoliciesExtension(['1.2.3'])],
    },
  })
  const leaf = strict
    .issueAuthority({ extensions: [] })
    .issue({ extensions: [certificatePoliciesExtension(['1.2.3'])] })
  const result = validatePath(read(leaf), leaf.chain.map(readDer), anchorsOf(strict.rootDer), { now })
  assert.deepEqual(result, { ok: false, failure: { reason: 'policy_required', index: 1, accepted: [] } })
})

test('CVE-2023-0464: more policies than the budget are a refusal, also where nobody asks for a policy', () => {
  const policies = certificatePoliciesExtension(Array.from({ length: 1_200 }, (_, at) => `1.2.3.${at}`))
  const wide = createTestAuthority({ intermediateOptions: { extensions: [policies] } })
  assert.deepEqual(
    validatePath(
      read(wide.issue({ extensions: [policies] })),
      wide.issue().chain.map(readDer),
      anchorsOf(wide.rootDer),
      { now },
    ),
    { ok: false, failure: { reason: 'budget_exceeded', budget: 'policy_nodes' } },
  )
})

const understood: readonly (readonly [string, ExtensionTemplate])[] = [
  ['names', subjectAltNameExtension([{ kind: 'dns', name: 'a.example' }], true)],
  ['policies', certificatePoliciesExtension(['1.2.3'], true)],
  [
    'distribution points',
    { ...crlDistributionPointsExtension([{ fullName: [{ kind: 'uri', uri: 'http://x/' }] }]), critical: true },
  ],
  ['access to its issuer', { ...authorityInformationAccessExtension({ ocsp: ['http://x/'] }), critical: true }],
  ['no revocation information', { ...noRevocationAvailableExtension(), critical: true }],
  ['qualified statements', { ...qcStatementsExtension({ compliance: 'not_stated', types: ['web'] }), critical: true }],
]

for (const [what, extension] of understood) {
  test(`a critical extension about ${what} is understood, and one next to it that is not ends the path`, () => {
    assert.equal(verdict(authority.issue({ extensions: [extension] })), 'accepted')
    const unknown = { oid: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) }
    assert.equal(verdict(authority.issue({ extensions: [extension, unknown] })), 'critical_extension_unknown')
  })
}

test('an unknown critical extension ends the path wherever it stands', () => {
  const extensions = [{ oid: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) }]
  for (const options of [{ rootOptions: { extensions } }, { intermediateOptions: { extensions } }]) {
    const odd = createTestAuthority(options)
    assert.equal(verdict(odd.issue(), odd.rootDer), 'critical_extension_unknown')
  }
})

test('keys are held to every rule, at its very limit', () => {
  const key = subjectPublicKey(new DerReader(readSpki()), readSpki().length)
  const rsa = { ...key, algorithm: 'rsa', bits: 2048, exponentBits: 32 }
  const broken = (change: object): string | undefined => brokenKeyRule({ ...rsa, ...change }, DEFAULT_KEY_RULES)
  assert.equal(brokenKeyRule(key, DEFAULT_KEY_RULES), undefined)
  assert.deepEqual(
    [{}, { exponentBits: 33 }, { bits: 2047 }, { bits: 2040 }, { bits: 8192 }, { bits: 8200 }, { bits: 2049 }].map(
      broken,
    ),
    [undefined, 'exponent', 'size', 'size', undefined, 'size', 'size'],
  )
  assert.deepEqual([{ algorithm: 'dsa' }, { algorithm: '1.2.3' }, { algorithm: 'rsa-pss', bits: 1024 }].map(broken), [
    'algorithm',
    'algorithm',
    'size',
  ])
  assert.deepEqual(
    ['P-384', 'P-521', 'P-224', 'secp256k1', 'explicit', undefined].map((curve) => broken({ algorithm: 'ec', curve })),
    [undefined, undefined, 'curve', 'curve', 'explicit_parameters', 'curve'],
  )
})

function verdict(
  leaf: TestCertificate,
  anchor: Uint8Array = authority.rootDer,
  options: Partial<AnchorSetOptions> = {},
): string {
  const result = validatePath(read(leaf), leaf.chain.map(readDer), anchorsOf(anchor, options), { now })
  return result.ok ? 'accepted' : result.failure.reason
}

function anchorsOf(anchor: Uint8Array, options: Partial<AnchorSetOptions> = {}): Parameters<typeof validatePath>[2] {
  const set = createAnchorSet({ name: 'test', anchors: [anchor], ...options })
  assert.ok(set.ok, JSON.stringify(set))
  return set.value
}

function readSpki(): Uint8Array {
  return read(authority.issue()).publicKey.spki
}

function read(certificate: TestCertificate): Certificate {
  return readDer(certificate.der)
}

function readDer(der: Uint8Array): Certificate {
  const result = parseCertificate(der)
  assert.ok(result.ok, JSON.stringify(result))
  return result.value
}
