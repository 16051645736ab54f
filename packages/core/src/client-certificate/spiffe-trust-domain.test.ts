import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAnchorSet, parseCertificate, type Result } from '@holdfast/x509'
import { createTestAuthority, type TestAuthority, type TestCertificate } from '@holdfast/testkit'
import type { Failure } from '../protocol-error/failure.ts'
import { type CertificatePath, certificatePath } from './certificate-path.ts'
import type { TrustProfile } from './trust-profile.ts'

const now = 1_767_225_600
const authority = createTestAuthority()
const svid = authority.issue({ subject: [], san: { uri: ['spiffe://acme.example/billing'] } })

function profile(of: TestAuthority, bundleUntil: number | undefined): TrustProfile {
  const anchors = createAnchorSet({ name: 'workloads', anchors: [of.rootDer] })
  assert.ok(anchors.ok)
  return { anchors: anchors.value, paths: new Map(), spiffe: { name: 'acme.example', bundleUntil } }
}

function found(certificate: TestCertificate, trust: TrustProfile, at: number = now): Result<CertificatePath, Failure> {
  const [leaf, ...chain] = [certificate.der, ...certificate.chain].map((der) => {
    const parsed = parseCertificate(der)
    assert.ok(parsed.ok)
    return parsed.value
  })
  assert.ok(leaf !== undefined)
  return certificatePath(certificate.thumbprint, leaf, chain, 'workloads', trust, at)
}

test('an SVID is trusted by the bundle of its own trust domain, until the bundle is stale, also when it was trusted before', () => {
  const trust = profile(authority, now + 60)
  assert.equal(found(svid, trust).ok, true)
  assert.equal(found(svid, trust, now + 60).ok, true)
  const stale = found(svid, trust, now + 61)
  assert.deepEqual(stale.ok || stale.failure, {
    reason: 'spiffe_bundle_stale',
    trust: 'workloads',
    trustDomain: 'acme.example',
    until: now + 60,
    now: now + 61,
  })
})

test('while there has never been a bundle nobody of the trust domain is trusted', () => {
  const missing = found(svid, profile(authority, undefined))
  assert.deepEqual(missing.ok || missing.failure, {
    reason: 'spiffe_bundle_missing',
    trust: 'workloads',
    trustDomain: 'acme.example',
  })
})

test('anchors of one trust domain never vouch for a name of another one, whoever signed it', () => {
  const other = authority.issue({ san: { uri: ['spiffe://other.example/billing'] } })
  const refused = found(other, profile(authority, now + 60))
  assert.deepEqual(refused.ok || refused.failure, {
    reason: 'spiffe_trust_domain_mismatch',
    thumbprint: other.thumbprint,
    trust: 'workloads',
    expected: 'acme.example',
    presented: 'other.example',
  })
})

test('a certificate that is no SVID is refused before a path is looked for', () => {
  const nobody = authority.issue({ san: { dns: ['billing.acme.example'] } })
  const refused = found(nobody, profile(createTestAuthority(), now + 60))
  assert.deepEqual(refused.ok || refused.failure, {
    reason: 'certificate_not_svid',
    thumbprint: nobody.thumbprint,
    trust: 'workloads',
    problem: { reason: 'svid_uri_count', count: 0 },
  })
})

test('an SVID that another CA signed for the same name is untrusted', () => {
  const stranger = createTestAuthority().issue({ subject: [], san: { uri: ['spiffe://acme.example/billing'] } })
  const refused = found(stranger, profile(authority, now + 60))
  assert.equal(!refused.ok && refused.failure.reason, 'certificate_untrusted')
})
