import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CertificateThumbprint, PresentedCertificate } from './presented-certificate.ts'
import { selfSignedCertificate } from './self-signed-certificate.ts'

const thumbprint = 'a'.repeat(43) as CertificateThumbprint
const presented = { thumbprint } as PresentedCertificate
const leaf = { notBefore: 100, notAfter: 200 }
const registered = new Set<CertificateThumbprint>(['b'.repeat(43) as CertificateThumbprint, thumbprint])

test('RFC8705-M10 one of several registered certificates is accepted, on its first and on its last second', () => {
  for (const now of [100, 150, 200]) assert.equal(selfSignedCertificate(presented, registered, { leaf, now }).ok, true)
})

test('RFC8705-M10 a certificate whose hash is not registered is refused, with what would have been right', () => {
  const others = new Set<CertificateThumbprint>(['b'.repeat(43) as CertificateThumbprint])
  assert.deepEqual(selfSignedCertificate(presented, others, { leaf, now: 150 }), {
    ok: false,
    failure: { reason: 'certificate_not_registered', thumbprint, registered: ['b'.repeat(43)] },
  })
})

test('a registered certificate is refused before and after its time, unless its dates are ignored', () => {
  assert.deepEqual(selfSignedCertificate(presented, registered, { leaf, now: 99 }), {
    ok: false,
    failure: { reason: 'certificate_not_yet_valid', thumbprint, notBefore: 100, now: 99 },
  })
  assert.deepEqual(selfSignedCertificate(presented, registered, { leaf, now: 201 }), {
    ok: false,
    failure: { reason: 'certificate_expired', thumbprint, notAfter: 200, now: 201 },
  })
  assert.equal(selfSignedCertificate(presented, registered, 'ignored').ok, true)
})
