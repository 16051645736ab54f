import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAnchorSet, parseCertificate, type ValidatedPath } from '@holdfast/x509'
import { createTestAuthority, type TestCertificate } from '@holdfast/testkit'
import type { CertificateThumbprint, PresentedCertificate } from './presented-certificate.ts'
import type { TrustProfile } from './trust-profile.ts'
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
): ReturnType<typeof trustedCertificate> {
  const leaf = parseCertificate(certificate.der)
  assert.ok(leaf.ok)
  const parsed = chain.map((der) => {
    const authority = parseCertificate(der)
    assert.ok(authority.ok)
    return authority.value
  })
  const presented = {
    der: certificate.der,
    thumbprint: certificate.thumbprint,
    chain,
  } as unknown as PresentedCertificate
  return trustedCertificate(presented, leaf.value, parsed, 'partners', trust, at)
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
  const paths = new Map<CertificateThumbprint, ValidatedPath>()
  const trust: TrustProfile = { ...profile(authority.rootDer), paths }
  judged(createTestAuthority().issue(), trust)
  assert.equal(paths.size, 0)
  judged(client, trust)
  assert.equal(paths.size, 1)
})
