import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAnchorSet, parseCertificate, parseCertificateRevocationList, type Result } from '@holdfast/x509'
import { issueCertificateList } from '@holdfast/x509/issue'
import { createTestAuthority, type TestCertificate } from '@holdfast/testkit'
import type { Failure } from '../protocol-error/failure.ts'
import { certificatePath } from './certificate-path.ts'
import type { CertificateThumbprint } from './presented-certificate.ts'
import type { PathEvidence, RevocationPolicy } from './revocation-policy.ts'
import type { KnownPath, TrustProfile } from './trust-profile.ts'
import { type TrustedCertificate, trustedCertificate } from './trusted-certificate.ts'

const now = 1_767_225_600
const authority = createTestAuthority()
const client = authority.issue({ notAfter: now + 100 })

function profile(anchor: Uint8Array, intermediates: readonly Uint8Array[] = []): TrustProfile {
  const anchors = createAnchorSet({ name: 'partners', anchors: [anchor], intermediates })
  assert.ok(anchors.ok)
  return { anchors: anchors.value, paths: new Map() }
}

function judged(
  certificate: TestCertificate,
  trust: TrustProfile,
  at: number = now,
  chain = certificate.chain,
  evidence?: PathEvidence,
): Result<TrustedCertificate, Failure> {
  const leaf = parseCertificate(certificate.der)
  assert.ok(leaf.ok)
  const parsed = chain.map((der) => {
    const authority = parseCertificate(der)
    assert.ok(authority.ok)
    return authority.value
  })
  const found = certificatePath(certificate.thumbprint, leaf.value, parsed, 'partners', trust, at)
  return found.ok ? trustedCertificate(found.value, trust, evidence, at) : found
}

test('RFC8705-M5 a chain to an anchor of the profile is trusted, and says by which profile', () => {
  const result = judged(client, profile(authority.rootDer))
  assert.ok(result.ok)
  const trusted: TrustedCertificate = result.value
  assert.equal(trusted.trust, 'partners')
  assert.equal(trusted.thumbprint, client.thumbprint)
  assert.equal(trusted.path.validUntil, now + 100)
})

test('a leaf without its intermediate is trusted only when the profile knows the intermediate', () => {
  const missing = judged(client, profile(authority.rootDer), now, [])
  assert.ok(!missing.ok)
  assert.equal(missing.failure.reason, 'certificate_untrusted')
  assert.equal(judged(client, profile(authority.rootDer, [authority.issuing.der]), now, []).ok, true)
})

test('RFC8705-M31 a CA with the same name but another key does not stand in for an anchor', () => {
  const twin = createTestAuthority()
  const result = judged(twin.issue(), profile(authority.rootDer))
  assert.ok(!result.ok)
  assert.equal(result.failure.reason, 'certificate_untrusted')
})

test('a path found good before is not searched again, but ends with its dates', () => {
  const searched = profile(authority.rootDer)
  assert.equal(judged(client, searched).ok, true)
  const withoutChain = judged(client, searched, now, [])
  assert.equal(withoutChain.ok, true)
  const late = judged(client, searched, now + 101)
  assert.ok(!late.ok)
  assert.equal(late.failure.reason, 'certificate_untrusted')
})

test('only good paths are kept', () => {
  const paths = new Map<CertificateThumbprint, KnownPath>()
  const trust: TrustProfile = { ...profile(authority.rootDer), paths }
  judged(createTestAuthority().issue(), trust)
  assert.equal(paths.size, 0)
  judged(client, trust)
  assert.equal(paths.size, 1)
})

const policy: RevocationPolicy = {
  mode: 'hard',
  grace: 0,
  skipIfLifetimeBelow: 0,
  evidence: () => ({ sources: [] }),
  verdicts: new WeakMap(),
}

test('P7: where the profile asks about revocation, a certificate about which nothing was gathered is refused', () => {
  const result = judged(client, { ...profile(authority.rootDer), revocation: policy })
  assert.deepEqual(result.ok || result.failure, {
    reason: 'revocation_unknown',
    thumbprint: client.thumbprint,
    trust: 'partners',
    index: 0,
    problems: ['no_information'],
    sources: [],
  })
})

test('P7: with the mode soft it is trusted, and what is not known can be read from the result', () => {
  const soft = { ...policy, mode: 'soft' } as const
  const result = judged(client, { ...profile(authority.rootDer), revocation: soft })
  assert.ok(result.ok)
  assert.deepEqual(
    result.value.revocation?.certificates.map(({ status }) => status),
    ['unknown', 'unknown'],
  )
})

test('P6: a verdict is taken again for the same evidence, and only until that evidence ends', () => {
  const evidence: PathEvidence = {
    sources: [],
    crls: [list(authority.root, now + 60), list(authority.issuing, now + 60)],
  }
  const trust = { ...profile(authority.rootDer), revocation: policy }
  assert.equal(judged(client, trust, now, client.chain, evidence).ok, true)
  assert.equal(judged(client, trust, now + 60, client.chain, evidence).ok, true)
  const late = judged(client, trust, now + 61, client.chain, evidence)
  assert.ok(!late.ok)
  assert.equal(late.failure.reason, 'revocation_unknown')
})

test('P6: other evidence is judged at once, and says when, why and by which list the certificate was revoked', () => {
  const serialNumber = serialOf(client)
  const revoked = list(authority.issuing, now + 60, [{ serialNumber, revokedAt: now - 5, reason: 'keyCompromise' }])
  const trust = { ...profile(authority.rootDer), revocation: policy }
  const crls = [list(authority.root, now + 60), { ...revoked, origin: 'partners.crl' }]
  const result = judged(client, trust, now, client.chain, { sources: [], crls })
  assert.deepEqual(result.ok || result.failure, {
    reason: 'certificate_revoked',
    thumbprint: client.thumbprint,
    trust: 'partners',
    index: 0,
    revokedAt: now - 5,
    revocationReason: 'keyCompromise',
    source: 'crl',
    origin: 'partners.crl',
  })
})

function serialOf({ der }: TestCertificate): Uint8Array {
  const parsed = parseCertificate(der)
  assert.ok(parsed.ok)
  return parsed.value.serialNumber
}

function list(
  { key, subject }: TestCertificate,
  nextUpdate: number,
  revoked: Parameters<typeof issueCertificateList>[0]['revoked'] = [],
) {
  const template = { thisUpdate: now - 10, nextUpdate, revoked, number: 1 }
  const crl = parseCertificateRevocationList(issueCertificateList(template, { privateKey: key, issuer: subject }))
  assert.ok(crl.ok)
  return crl.value
}
