import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestAuthority, spkiOf, type TestCertificate } from '@holdfast/testkit'
import type { Certificate } from '../certificate/certificate.ts'
import { parseCertificate } from '../certificate/parse-certificate.ts'
import {
  certificateIssuerExtension,
  type CertificateListTemplate,
  crlDistributionPointsExtension,
  extendedKeyUsageExtension,
  issueCertificateList,
  issueOcspResponse,
  issuingDistributionPointExtension,
  noRevocationAvailableExtension,
  ocspNoCheckExtension,
  type OcspResponseTemplate,
  type SingleResponseTemplate,
} from '../issue/index.ts'
import { createAnchorSet } from '../path/anchor-set.ts'
import { type ValidatedPath, validatePath } from '../path/validate-path.ts'
import { checkRevocation, type RevocationEvidence, type RevocationOptions } from './check-revocation.ts'
import type { CertificateRevocationList } from './certificate-revocation-list.ts'
import { parseCertificateRevocationList } from './parse-certificate-revocation-list.ts'
import { type OcspResponse, parseOcspResponse } from './parse-ocsp-response.ts'

const now = Date.UTC(2026, 10, 22) / 1000
const authority = createTestAuthority()
const leaf = authority.issue()
const other = authority.issue({ commonName: 'other' })
const anchors = loaded()
const path = pathOf(leaf)
const rootList = list({}, authority.root)

test('a certificate on its issuer’s CRL is revoked, with date and reason', () => {
  const crl = list({ revoked: [{ serialNumber: serial(leaf), revokedAt: now - 50, reason: 'keyCompromise' }] })
  assert.deepEqual(check({ crls: [rootList, crl] }), {
    reason: 'certificate_revoked',
    index: 0,
    revokedAt: now - 50,
    revocationReason: 'keyCompromise',
    source: 'crl',
  })
})

test('a certificate that is not on it is good until the earliest nextUpdate', () => {
  const crl = list({ revoked: [{ serialNumber: serial(other), revokedAt: now }], nextUpdate: now + 60 })
  assert.deepEqual(check({ crls: [rootList, crl] }), {
    validUntil: now + 60,
    certificates: [
      { status: 'good', source: 'crl' },
      { status: 'good', source: 'crl' },
    ],
  })
})

test('an intermediate is asked about like the leaf', () => {
  const revoked = list(
    { revoked: [{ serialNumber: read(authority.intermediate!.der).serialNumber, revokedAt: now }] },
    authority.root,
  )
  assert.deepEqual(reason(check({ crls: [list({}), revoked] })), 'certificate_revoked at 1')
})

for (const [what, template, problem] of [
  ['expired', { thisUpdate: now - 100, nextUpdate: now - 1 }, 'crl_expired'],
  ['not yet valid', { thisUpdate: now + 301 }, 'crl_not_yet_valid'],
  ['without nextUpdate', { nextUpdate: undefined }, 'crl_without_next_update'],
  [
    'for CA certificates only',
    { extensions: [issuingDistributionPointExtension({ onlyContains: 'ca-certificates' })] },
    'crl_scope_differs',
  ],
  [
    'of another distribution point',
    { extensions: [issuingDistributionPointExtension({ fullName: [{ kind: 'uri', uri: 'http://other' }] })] },
    'crl_scope_differs',
  ],
  [
    'with a critical extension nobody knows',
    { extensions: [{ oid: '1.2.3', critical: true, value: Uint8Array.of(5, 0) }] },
    'crl_unusable',
  ],
  [
    'for some reasons only',
    { extensions: [issuingDistributionPointExtension({ onlySomeReasons: ['keyCompromise'] })] },
    'reasons_not_covered',
  ],
] as const) {
  test(`P7: a CRL that is ${what} tells nothing: hard refuses, soft says so, off does not ask`, () => {
    const crls = [rootList, list(template as Partial<CertificateListTemplate>)]
    const hard = check({ crls })
    assert.deepEqual(hard, { reason: 'revocation_unknown', index: 0, problems: [problem] })
    const soft = check({ crls }, { mode: 'soft' })
    assert.deepEqual('certificates' in soft && soft.certificates[0], { status: 'unknown', problems: [problem] })
    const off = check({ crls }, { mode: 'off' })
    assert.deepEqual('certificates' in off && off.certificates[0], { status: 'skipped', because: 'off' })
  })
}

test('a CRL of another CA of the same name, and one with a broken signature, tell nothing', () => {
  const stranger = createTestAuthority()
  const forged = list({}, stranger.intermediate)
  assert.deepEqual(reason(check({ crls: [rootList, forged] })), 'revocation_unknown at 0: crl_signature_invalid')
  const revoking = list({ revoked: [{ serialNumber: serial(leaf), revokedAt: now }] }, stranger.intermediate)
  assert.equal(reason(check({ crls: [rootList, list({}), revoking] })), 'good')
  const trusted = { crls: [rootList, forged], certificates: [read(stranger.intermediate!.der)] }
  assert.equal(reason(check(trusted)), 'revocation_unknown at 0: crl_signer_not_trusted')
})

test('nothing at hand is no information', () => {
  assert.equal(reason(check({})), 'revocation_unknown at 0: no_information')
})

test('a grace window accepts the last list that long past its end', () => {
  const crls = [rootList, list({ thisUpdate: now - 100, nextUpdate: now - 10 })]
  assert.equal(reason(check({ crls }, { grace: 9 })), 'revocation_unknown at 0: crl_expired')
  assert.equal(reason(check({ crls }, { grace: 10 })), 'good')
})

test('RFC9608: a certificate without revocation information is not asked about, nor is a short-lived one', () => {
  const silent = pathOf(authority.issue({ extensions: [noRevocationAvailableExtension()] }))
  assert.equal(reason(check({ crls: [rootList] }, {}, silent)), 'good')
  const brief = pathOf(authority.issue({ notBefore: now - 10, notAfter: now + 10 }))
  assert.equal(reason(check({ crls: [rootList] }, { skipIfLifetimeBelow: 21 }, brief)), 'good')
  assert.equal(
    reason(check({ crls: [rootList] }, { skipIfLifetimeBelow: 20 }, brief)),
    'revocation_unknown at 0: no_information',
  )
})

test('a delta CRL revokes, and takes back, what its complete CRL says', () => {
  const held = { serialNumber: serial(leaf), revokedAt: now - 9, reason: 'certificateHold' as const }
  const complete = list({ number: 5, revoked: [held] })
  assert.equal(reason(check({ crls: [rootList, complete] })), 'certificate_revoked at 0')
  const released = list({ number: 6, baseNumber: 5, revoked: [{ ...held, reason: 'removeFromCRL' }] })
  assert.equal(reason(check({ crls: [rootList, complete, released] })), 'good')
  const empty = list({ number: 5 })
  const revoking = list({ number: 7, baseNumber: 4, revoked: [held] })
  assert.equal(reason(check({ crls: [rootList, empty, revoking] })), 'certificate_revoked at 0')
  const unrelated = list({ number: 7, baseNumber: 6, revoked: [held] })
  assert.equal(
    reason(check({ crls: [rootList, empty, unrelated] })),
    'good',
    'a delta that builds on a later list is not applied',
  )
})

test('of two lists of one issuer the later one counts, in whatever order they are at hand', () => {
  const held = [{ serialNumber: serial(leaf), revokedAt: now - 9, reason: 'certificateHold' as const }]
  for (const [before, after, expected] of [
    [[], held, 'certificate_revoked at 0'],
    [held, [], 'good'],
  ] as const) {
    const older = list({ thisUpdate: now - 100, number: 1, revoked: before })
    const later = list({ thisUpdate: now - 50, number: 2, revoked: after })
    assert.equal(reason(check({ crls: [rootList, older, later] })), expected)
    assert.equal(reason(check({ crls: [rootList, later, older] })), expected)
  }
})

test('a later list that does not count takes back nothing', () => {
  const revoking = list({ thisUpdate: now - 100, revoked: [{ serialNumber: serial(leaf), revokedAt: now - 9 }] })
  const forged = list({ thisUpdate: now - 50, number: 2 }, createTestAuthority().intermediate)
  const unusable = list({
    thisUpdate: now - 50,
    number: 2,
    extensions: [{ oid: '1.2.3', critical: true, value: Uint8Array.of(5, 0) }],
  })
  for (const later of [forged, unusable]) {
    assert.equal(reason(check({ crls: [rootList, later, revoking] })), 'certificate_revoked at 0')
    assert.equal(reason(check({ crls: [rootList, revoking, later] })), 'certificate_revoked at 0')
  }
})

test('a CRL of a distribution point that the certificate names is in scope', () => {
  const fullName = [{ kind: 'uri' as const, uri: 'http://crl.example/1' }]
  const named = pathOf(authority.issue({ extensions: [crlDistributionPointsExtension([{ fullName }])] }))
  const crl = list({ extensions: [issuingDistributionPointExtension({ fullName })] })
  assert.equal(reason(check({ crls: [rootList, crl] }, {}, named)), 'good')
})

test('an indirect CRL of another issuer speaks for those who name it, and about its own signer', () => {
  const subject = [{ type: 'CN', value: 'CRL issuer' }]
  const points = crlDistributionPointsExtension([{ crlIssuer: [{ kind: 'directory', name: subject }] }])
  const signer = authority.issue({ subject, keyUsage: ['cRLSign'], eku: [], extensions: [points] })
  const named = pathOf(authority.issue({ extensions: [points] }))
  const indirect = (revoked: CertificateListTemplate['revoked']): RevocationEvidence => ({
    crls: [rootList, list({ revoked, extensions: [issuingDistributionPointExtension({ indirect: true })] }, signer)],
    certificates: [read(signer.der)],
  })
  const from = [certificateIssuerExtension([{ kind: 'directory', name: authority.intermediate!.subject }])]
  const one = (certificate: Certificate): CertificateListTemplate['revoked'] => [
    { serialNumber: certificate.serialNumber, revokedAt: now, extensions: from },
  ]
  assert.equal(reason(check(indirect([]), {}, named)), 'good')
  assert.equal(reason(check(indirect(one(named.certificates[0]!)), {}, named)), 'certificate_revoked at 0')
  assert.equal(reason(check(indirect([{ serialNumber: serial(leaf), revokedAt: now }]), {}, named)), 'good')
  const ownSigner = check(indirect(one(read(signer.der))), {}, named)
  assert.equal(reason(ownSigner), 'revocation_unknown at 0: crl_signer_not_trusted')
})

test('a CRL survives the way from the worker that read it', () => {
  const original = list({ revoked: [{ serialNumber: serial(leaf), revokedAt: now }] })
  const crl = structuredClone(original)
  assert.equal(reason(check({ crls: [rootList, crl] })), 'certificate_revoked at 0')
})

test('the octets of a CRL are let go once its signature is verified, and it still serves', () => {
  const crl = list({})
  assert.equal(reason(check({ crls: [rootList, crl] })), 'good')
  assert.equal(crl.tbs, undefined)
  assert.equal(reason(check({ crls: [rootList, crl] })), 'good')
  const stranger = createTestAuthority({ name: 'Test' })
  const strangers = checkRevocation(pathOf(stranger.issue(), stranger), { crls: [crl] }, loaded(stranger), {
    now,
    mode: 'hard',
  })
  assert.equal(strangers.ok, false)
})

test('CVE-2026-28755: an OCSP answer of the issuer itself is good, revoked or unknown', () => {
  const verdict = (status: SingleResponseTemplate['status']): string =>
    reason(check({ crls: [rootList], ocspResponses: [response({ status })] }))
  assert.equal(verdict('good'), 'good')
  assert.equal(verdict({ revokedAt: now - 1, reason: 'superseded' }), 'certificate_revoked at 0')
  assert.equal(verdict('unknown'), 'revocation_unknown at 0: ocsp_status_unknown')
})

test('of several answers about one certificate in one response, revoked counts, and one that is too old does not', () => {
  const about = (status: SingleResponseTemplate['status'], nextUpdate: number): SingleResponseTemplate => ({
    certificate: certificateId(),
    status,
    thisUpdate: now - 100,
    nextUpdate,
  })
  const verdict = (...responses: readonly SingleResponseTemplate[]): string =>
    reason(check({ crls: [rootList], ocspResponses: [response({}, { responses })] }))
  const revoked = { revokedAt: now - 1 }
  assert.equal(verdict(about('good', now + 60), about(revoked, now + 60)), 'certificate_revoked at 0')
  assert.equal(verdict(about(revoked, now + 60), about('good', now + 60)), 'certificate_revoked at 0')
  assert.equal(verdict(about('good', now - 400), about('good', now + 60)), 'good')
  assert.equal(verdict(about('unknown', now + 60), about('good', now + 60)), 'good')
})

test('revoked counts from whichever source it comes', () => {
  const crl = list({ revoked: [{ serialNumber: serial(leaf), revokedAt: now }] })
  assert.equal(reason(check({ crls: [rootList, crl], ocspResponses: [response({})] })), 'certificate_revoked at 0')
  const revoked = response({ status: { revokedAt: now } })
  assert.equal(reason(check({ crls: [rootList, list({})], ocspResponses: [revoked] })), 'certificate_revoked at 0')
})

for (const [what, single, problem] of [
  ['expired', { thisUpdate: now - 1000, nextUpdate: now - 301 }, 'ocsp_expired'],
  ['of the future', { thisUpdate: now + 301, nextUpdate: now + 400 }, 'ocsp_not_yet_valid'],
  ['without an end and old', { thisUpdate: now - 86_401, nextUpdate: undefined }, 'ocsp_too_old'],
  [
    'about another certificate',
    { certificate: { ...certificateId(), serialNumber: serial(other) } },
    'ocsp_certificate_not_covered',
  ],
  [
    'about the same serial number of another key',
    { certificate: { ...certificateId(), issuerKey: spkiOf(authority.root.key) } },
    'ocsp_certificate_not_covered',
  ],
  [
    'about the same serial number of another name',
    { certificate: { ...certificateId(), issuer: authority.root.subject } },
    'ocsp_certificate_not_covered',
  ],
] as const) {
  test(`P7: an OCSP answer that is ${what} tells nothing`, () => {
    const answer = response(single as Partial<SingleResponseTemplate>)
    assert.equal(reason(check({ crls: [rootList], ocspResponses: [answer] })), `revocation_unknown at 0: ${problem}`)
  })
}

test('a CertID over SHA-256 names the certificate as well', () => {
  const answer = response({ certificate: { ...certificateId(), hash: 'sha256' } })
  assert.equal(reason(check({ crls: [rootList], ocspResponses: [answer] })), 'good')
})

test('a delegated responder speaks for the CA that issued it, and for no other', () => {
  const eku = extendedKeyUsageExtension(['OCSPSigning'])
  const verdict = (responder: TestCertificate, template: Partial<OcspResponseTemplate> = {}): string => {
    const answer = response(
      {},
      { responder: { name: responder.subject }, certificates: [responder.der], ...template },
      responder,
    )
    return reason(check({ crls: [rootList], ocspResponses: [answer] }))
  }
  const good = authority.issue({ commonName: 'responder', extensions: [eku, ocspNoCheckExtension()] })
  assert.equal(verdict(good), 'good')
  assert.equal(verdict(good, { responder: { key: spkiOf(good.key) } }), 'good')
  assert.equal(verdict(good, { responder: { name: other.subject } }), 'revocation_unknown at 0: ocsp_responder_unknown')
  const plain = authority.issue({ commonName: 'responder' })
  assert.equal(verdict(plain), 'revocation_unknown at 0: ocsp_responder_not_authorized')
  const expired = authority.issue({ commonName: 'responder', extensions: [eku], notAfter: now - 1 })
  assert.equal(verdict(expired), 'revocation_unknown at 0: ocsp_responder_not_authorized')
  const strangers = createTestAuthority().issue({ commonName: 'responder', extensions: [eku] })
  assert.equal(verdict(strangers), 'revocation_unknown at 0: ocsp_responder_not_authorized')
  const above = createTestAuthority({ intermediate: 'no', rootOptions: { key: authority.root.key } }).issue({
    commonName: 'responder',
    extensions: [eku],
  })
  assert.equal(verdict(above), 'revocation_unknown at 0: ocsp_responder_not_authorized')
})

test('a delegated responder that its CA revoked is not believed, unless its certificate says that nobody need ask', () => {
  const eku = extendedKeyUsageExtension(['OCSPSigning'])
  for (const [extensions, expected] of [
    [[eku], 'revocation_unknown at 0: reasons_not_covered, ocsp_responder_not_authorized'],
    [[eku, ocspNoCheckExtension()], 'good'],
  ] as const) {
    const responder = authority.issue({ commonName: 'responder', extensions })
    const revoked = [{ serialNumber: serial(responder), revokedAt: now }]
    const partial = list({
      revoked,
      extensions: [issuingDistributionPointExtension({ onlySomeReasons: ['keyCompromise'] })],
    })
    const answer = response({}, { responder: { name: responder.subject }, certificates: [responder.der] }, responder)
    assert.equal(reason(check({ crls: [rootList, partial], ocspResponses: [answer] })), expected)
  }
})

test('an OCSP answer signed by another key, or over SHA-1, tells nothing', () => {
  const forged = response({}, {}, createTestAuthority().intermediate)
  const verdict = (answer: OcspResponse): string => reason(check({ crls: [rootList], ocspResponses: [answer] }))
  assert.equal(verdict(forged), 'revocation_unknown at 0: ocsp_signature_invalid')
  const weak = response({}, {}, authority.intermediate, 'ecdsa-sha1')
  assert.equal(verdict(weak), 'revocation_unknown at 0: ocsp_signature_algorithm_not_allowed')
})

function check(
  evidence: RevocationEvidence,
  options: Partial<RevocationOptions> = {},
  of: ValidatedPath = path,
): ReturnType<typeof unwrap> {
  return unwrap(checkRevocation(of, evidence, anchors, { now, mode: 'hard', ...options }))
}

function unwrap(
  result: ReturnType<typeof checkRevocation>,
): Extract<typeof result, { ok: true }>['value'] | Extract<typeof result, { ok: false }>['failure'] {
  return result.ok ? result.value : result.failure
}

function reason(answer: ReturnType<typeof unwrap>): string {
  if (!('reason' in answer)) return 'good'
  const problems = answer.reason === 'revocation_unknown' ? `: ${answer.problems.join(', ')}` : ''
  return `${answer.reason} at ${answer.index}${problems}`
}

function list(
  template: Partial<CertificateListTemplate>,
  signer: TestCertificate = authority.intermediate!,
): CertificateRevocationList {
  const whole = { thisUpdate: now - 100, nextUpdate: now + 1000, number: 1, revoked: [], ...template }
  const parsed = parseCertificateRevocationList(
    issueCertificateList(whole, { privateKey: signer.key, issuer: signer.subject }),
  )
  assert.ok(parsed.ok)
  return parsed.value
}

function certificateId(): SingleResponseTemplate['certificate'] {
  const { subject, key } = authority.intermediate!
  return { issuer: subject, issuerKey: spkiOf(key), serialNumber: serial(leaf) }
}

function response(
  single: Partial<SingleResponseTemplate>,
  template: Partial<OcspResponseTemplate> = {},
  signer: TestCertificate = authority.intermediate!,
  scheme: 'ecdsa-sha1' | 'ecdsa-sha256' = 'ecdsa-sha256',
): OcspResponse {
  const one = { certificate: certificateId(), status: 'good', thisUpdate: now - 10, nextUpdate: now + 1000, ...single }
  const whole = {
    producedAt: now - 10,
    responder: { name: authority.intermediate!.subject },
    responses: [one],
    ...template,
  }
  const parsed = parseOcspResponse(issueOcspResponse(whole as OcspResponseTemplate, { privateKey: signer.key, scheme }))
  assert.ok(parsed.ok)
  return parsed.value
}

function loaded(from = authority): ReturnType<typeof unwrapSet> {
  return unwrapSet(createAnchorSet({ name: 'test', anchors: [from.rootDer], intermediates: [from.intermediate!.der] }))
}

function unwrapSet(set: ReturnType<typeof createAnchorSet>): Extract<typeof set, { ok: true }>['value'] {
  assert.ok(set.ok)
  return set.value
}

function pathOf(certificate: TestCertificate, from = authority): ValidatedPath {
  const found = validatePath(read(certificate.der), [], loaded(from), { now })
  assert.ok(found.ok, JSON.stringify(found))
  return found.value
}

function serial(certificate: TestCertificate): Uint8Array {
  return read(certificate.der).serialNumber
}

function read(der: Uint8Array): Certificate {
  const parsed = parseCertificate(der)
  assert.ok(parsed.ok)
  return parsed.value
}
