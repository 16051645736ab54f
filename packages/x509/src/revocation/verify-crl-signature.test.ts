import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestAuthority, type TestCertificate } from '@holdfast/testkit'
import { parseCertificate } from '../certificate/parse-certificate.ts'
import { issueCertificateList } from '../issue/issue-certificate-list.ts'
import { createAnchorSet } from '../path/anchor-set.ts'
import { validatePath } from '../path/validate-path.ts'
import type { CertificateRevocationList } from './certificate-revocation-list.ts'
import { checkRevocation } from './check-revocation.ts'
import { parseCertificateRevocationList } from './parse-certificate-revocation-list.ts'
import { verifyCrlSignature } from './verify-crl-signature.ts'

const now = Date.UTC(2026, 10, 22) / 1000
const authority = createTestAuthority({ intermediate: 'no' })
const twin = createTestAuthority({ intermediate: 'no' })
const stranger = createTestAuthority({ intermediate: 'no', name: 'Stranger' })
const leaf = authority.issue()

test('a list that a candidate signed is verified, keeps that key and lets its octets go', () => {
  const crl = list(authority.root)
  assert.equal(verifyCrlSignature(crl, [stranger, twin, authority].map(certificate)), 'verified')
  assert.equal(crl.tbs, undefined)
  assert.deepEqual(crl.signedBy, certificate(authority).publicKey.spki)
})

test('a list that only a namesake could have signed is invalid, one of an unknown name is of an unknown signer', () => {
  assert.equal(verifyCrlSignature(list(authority.root), [certificate(twin)]), 'invalid')
  assert.equal(verifyCrlSignature(list(authority.root), [certificate(stranger)]), 'signer_unknown')
  assert.equal(verifyCrlSignature(list(authority.root), []), 'signer_unknown')
})

test('a list verified ahead is still of no use where another key is trusted', () => {
  const crl = { ...list(twin.root), origin: 'twin.crl' }
  assert.equal(verifyCrlSignature(crl, [certificate(twin)]), 'verified')
  assert.deepEqual(verdict(crl), { reason: 'revocation_unknown', index: 0, problems: ['crl_signature_invalid'] })
})

test('the answer says where the list was had from that gave it', () => {
  const crl = { ...list(authority.root), origin: 'partners.crl' }
  assert.deepEqual(verdict(crl), [{ status: 'good', source: 'crl', origin: 'partners.crl' }])
})

function verdict(crl: CertificateRevocationList): unknown {
  const anchors = createAnchorSet({ name: 'test', anchors: [authority.rootDer] })
  const parsed = parseCertificate(leaf.der)
  assert.ok(anchors.ok && parsed.ok)
  const path = validatePath(parsed.value, [], anchors.value, { now })
  assert.ok(path.ok)
  const result = checkRevocation(path.value, { crls: [crl] }, anchors.value, { now, mode: 'hard' })
  return result.ok ? result.value.certificates : result.failure
}

function list(signer: TestCertificate): CertificateRevocationList {
  const template = { thisUpdate: now - 10, nextUpdate: now + 10, revoked: [], number: 1 }
  const crl = parseCertificateRevocationList(
    issueCertificateList(template, { privateKey: signer.key, issuer: signer.subject }),
  )
  assert.ok(crl.ok)
  return crl.value
}

function certificate({ rootDer }: { readonly rootDer: Uint8Array }) {
  const parsed = parseCertificate(rootDer)
  assert.ok(parsed.ok)
  return parsed.value
}
