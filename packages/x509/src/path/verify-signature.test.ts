import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import type { Certificate } from '../certificate/certificate.ts'
import { parseCertificate } from '../certificate/parse-certificate.ts'
import { certificationAuthority } from './certification-authority.ts'
import { searchBudget } from './search-budget.ts'
import { verifySignature } from './verify-signature.ts'

for (const [key, scheme, name] of [
  ['ec-p256', 'ecdsa-sha256', 'ecdsa-sha256'],
  ['ec-p384', 'ecdsa-sha384', 'ecdsa-sha384'],
  ['ec-p521', 'ecdsa-sha512', 'ecdsa-sha512'],
  ['rsa-2048', 'rsa-sha256', 'rsa-sha256'],
  ['rsa-2048', 'rsa-sha384', 'rsa-sha384'],
  ['rsa-2048', 'rsa-sha512', 'rsa-sha512'],
  ['rsa-2048', 'rsa-pss-sha256', 'rsa-pss-sha256'],
  ['rsa-2048', 'rsa-pss-sha512', 'rsa-pss-sha512'],
  ['ed25519', undefined, 'ed25519'],
  ['ed448', undefined, 'ed448'],
] as const) {
  test(`${name} with a key of kind ${key} verifies, and not with another key or other octets`, () => {
    const authority = createTestAuthority({ key, intermediate: 'no' })
    const leaf = read(authority.issue({ key: 'ec-p256', ...(scheme === undefined ? {} : { scheme }) }).der)
    assert.equal(leaf.signatureAlgorithm.name, name)
    const signer = certificationAuthority(read(authority.rootDer), 'anchor')
    assert.equal(verifySignature(leaf, signer, searchBudget()), 'good')
    const tbs = Uint8Array.from(leaf.tbs)
    tbs[20]! ^= 1
    assert.equal(verifySignature({ ...leaf, tbs }, signer, searchBudget()), 'bad')
    const stranger = read(
      createTestAuthority({ key, intermediate: 'no', rootOptions: { key: key === 'rsa-2048' ? 'rsa-3072' : key } })
        .rootDer,
    )
    assert.equal(verifySignature(leaf, certificationAuthority(stranger, 'anchor'), searchBudget()), 'bad')
  })
}

test('a signature of one algorithm is not tried with a key of another', () => {
  const leaf = read(createTestAuthority({ intermediate: 'no' }).issue().der)
  const other = certificationAuthority(read(createTestAuthority({ key: 'ed25519' }).rootDer), 'anchor')
  const budget = searchBudget()
  assert.equal(verifySignature(leaf, other, budget), 'algorithm_mismatch')
  assert.equal(budget.signatures, searchBudget().signatures)
})

test('a key that the platform cannot use is said to be unusable, once and for all', () => {
  const leaf = read(createTestAuthority({ intermediate: 'no' }).issue().der)
  const certificate: Certificate = {
    ...leaf,
    publicKey: { ...leaf.publicKey, spki: leaf.publicKey.spki.map((octet, at) => (at > 30 ? 0xff : octet)) },
  }
  const signer = certificationAuthority(certificate, 'presented')
  assert.equal(verifySignature(leaf, signer, searchBudget()), 'key_unusable')
  assert.equal(signer.key, null)
})

function read(der: Uint8Array): Certificate {
  const parsed = parseCertificate(der)
  assert.ok(parsed.ok)
  return parsed.value
}
