import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestAuthority, spkiOf, type TestCertificate, type TestCertificateOptions } from '@holdfast/testkit'
import type { Certificate } from '../certificate/certificate.ts'
import { parseCertificate } from '../certificate/parse-certificate.ts'
import {
  authorityKeyIdentifierExtension,
  type CertificateListTemplate,
  extendedKeyUsageExtension,
  type ExtensionTemplate,
  issueCertificateList,
  issueOcspResponse,
  issuingDistributionPointExtension,
  ocspNoCheckExtension,
  type SignatureScheme,
} from '../issue/index.ts'
import { type AnchorSetOptions, createAnchorSet } from '../path/anchor-set.ts'
import { validatePath } from '../path/validate-path.ts'
import type { CertificateRevocationList } from './certificate-revocation-list.ts'
import { checkRevocation, type RevocationEvidence } from './check-revocation.ts'
import { parseCertificateRevocationList } from './parse-certificate-revocation-list.ts'
import { parseOcspResponse } from './parse-ocsp-response.ts'

const now = Date.UTC(2026, 10, 22) / 1000
const unknown: ExtensionTemplate = { oid: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) }
const softIndicator: ExtensionTemplate = { oid: '2.5.29.27', critical: false, value: Uint8Array.of(2, 1, 5) }
const authority = createTestAuthority({ intermediate: 'no' })
const leaf = authority.issue()
const held = { serialNumber: read(leaf).serialNumber, revokedAt: now - 9, reason: 'certificateHold' as const }
const complete = (): CertificateRevocationList => list({ number: 5, revoked: [held] })
const released = { number: 6, baseNumber: 5, revoked: [{ ...held, reason: 'removeFromCRL' as const }] }

test('a delta CRL takes a revocation back only when it counts itself', () => {
  assert.equal(verdict({ crls: [complete(), list(released)] }), 'good')
  const another = createTestAuthority({ intermediate: 'no' })
  const otherPoint = [issuingDistributionPointExtension({ fullName: [{ kind: 'uri', uri: 'http://crl.example/2' }] })]
  const otherKey = [authorityKeyIdentifierExtension({ keyIdentifier: Uint8Array.of(1) })]
  for (const [what, delta] of [
    ['forged by a CA of the same name', list(released, another.root)],
    ['of another issuer', list(released, createTestAuthority({ name: 'Other', intermediate: 'no' }).root)],
    ['expired', list({ ...released, nextUpdate: now - 1 })],
    ['of the future', list({ ...released, thisUpdate: now + 301 })],
    ['of another distribution point', list({ ...released, extensions: otherPoint })],
    ['of another key', list({ ...released, extensions: otherKey })],
    ['no younger than the list', list({ ...released, number: 5 })],
    ['built on a later list', list({ ...released, number: 7, baseNumber: 6 })],
    ['with a critical extension nobody knows', list({ ...released, extensions: [unknown] })],
    ['whose indicator is not critical', list({ number: 6, revoked: released.revoked, extensions: [softIndicator] })],
  ] as const) {
    for (const crls of [
      [complete(), delta],
      [delta, complete()],
    ])
      assert.equal(verdict({ crls }), 'certificate_revoked', what)
  }
})

test('of two delta CRLs the newer one counts, in whatever order they are at hand', () => {
  const again = list({ number: 7, baseNumber: 5, revoked: [held] })
  for (const crls of [
    [complete(), list(released), again],
    [again, complete(), list(released)],
  ]) {
    assert.equal(verdict({ crls }), 'certificate_revoked')
  }
})

test('a delta CRL without its complete one tells nothing', () => {
  assert.equal(verdict({ crls: [list({ number: 6, baseNumber: 5 })] }), 'revocation_unknown')
})

test('a CRL over SHA-1 tells nothing, whoever signed it', () => {
  assert.equal(verdict({ crls: [list({}, authority.root, 'ecdsa-sha1')] }), 'revocation_unknown')
})

test('a CRL of a CA that may not sign CRLs tells nothing', () => {
  const mute = createTestAuthority({ intermediate: 'no', rootOptions: { keyUsage: ['keyCertSign'] } })
  assert.equal(verdict({ crls: [list({}, mute.root)] }, mute.issue(), mute), 'revocation_unknown')
})

test('a CRL whose key identifier is that of another key is not tried with ours', () => {
  const other = [authorityKeyIdentifierExtension({ keyIdentifier: Uint8Array.of(1, 2, 3) })]
  assert.equal(verdict({ crls: [list({ extensions: other })] }), 'revocation_unknown')
})

test('a CRL without a number counts in the interop profile alone', () => {
  const crls = (): CertificateRevocationList[] => [list({}, authority.root, undefined, 'no number')]
  assert.equal(verdict({ crls: crls() }), 'good')
  assert.equal(verdict({ crls: crls() }, leaf, authority, { profile: 'strict' }), 'revocation_unknown')
})

test('distribution points that cannot be read leave the status unknown, though a CRL is at hand', () => {
  const junk = authority.issue({ extensions: [{ oid: '2.5.29.31', critical: false, value: Uint8Array.of(5, 0) }] })
  assert.equal(verdict({ crls: [list({})] }, junk), 'revocation_unknown')
})

const signing = extendedKeyUsageExtension(['OCSPSigning'])

for (const [what, options, expected] of [
  ['as it should be', {}, 'good'],
  ['for key encipherment alone', { keyUsage: ['keyEncipherment'] }, 'revocation_unknown'],
  ['without key usage', { keyUsage: [] }, 'good'],
  ['with an RSA key of 1024 bits', { key: 'rsa-1024' }, 'revocation_unknown'],
  ['signed over SHA-1', { scheme: 'ecdsa-sha1' }, 'revocation_unknown'],
  ['that is not yet valid', { notBefore: now + 1 }, 'revocation_unknown'],
  ['that has expired', { notAfter: now - 1 }, 'revocation_unknown'],
  ['with a critical extension nobody knows', { unknown: true }, 'revocation_unknown'],
  ['for any purpose, which is not enough', { eku: ['2.5.29.37.0'] }, 'revocation_unknown'],
] as const) {
  test(`RFC6960 §4.2.2.2: a delegated responder ${what}: ${expected}`, () => {
    const { unknown: odd = false, eku, ...rest } = options as TestCertificateOptions & { readonly unknown?: boolean }
    const responder = authority.issue({
      commonName: 'responder',
      ...rest,
      ...(eku === undefined ? {} : { eku }),
      extensions: [...(eku === undefined ? [signing] : []), ocspNoCheckExtension(), ...(odd ? [unknown] : [])],
    })
    assert.equal(verdict({ ocspResponses: [answer(responder)] }), expected)
  })
}

test('a delegated responder whose issuer has another name than the CA is not believed, though the key is the CA’s', () => {
  const alias = createTestAuthority({ name: 'Alias', intermediate: 'no', rootOptions: { key: authority.root.key } })
  const responder = alias.issue({ commonName: 'responder', extensions: [signing, ocspNoCheckExtension()] })
  assert.equal(verdict({ ocspResponses: [answer(responder)] }), 'revocation_unknown')
})

test('an OCSP answer with a critical extension nobody knows tells nothing, in the answer or about the certificate', () => {
  assert.equal(verdict({ ocspResponses: [answer(authority.root)] }), 'good')
  assert.equal(verdict({ ocspResponses: [answer(authority.root, { whole: [unknown] })] }), 'revocation_unknown')
  assert.equal(verdict({ ocspResponses: [answer(authority.root, { single: [unknown] })] }), 'revocation_unknown')
  const known = { ...unknown, critical: false }
  assert.equal(verdict({ ocspResponses: [answer(authority.root, { whole: [known], single: [known] })] }), 'good')
})

function verdict(
  evidence: RevocationEvidence,
  of: TestCertificate = leaf,
  from = authority,
  options: Partial<AnchorSetOptions> = {},
): string {
  const anchors = createAnchorSet({ name: 'test', anchors: [from.rootDer], ...options })
  assert.ok(anchors.ok)
  const path = validatePath(read(of), [], anchors.value, { now })
  assert.ok(path.ok, JSON.stringify(path))
  const status = checkRevocation(path.value, evidence, anchors.value, { now, mode: 'hard' })
  return status.ok ? 'good' : status.failure.reason
}

function list(
  template: Partial<CertificateListTemplate>,
  signer: TestCertificate = authority.root,
  scheme?: SignatureScheme,
  number: 'numbered' | 'no number' = 'numbered',
): CertificateRevocationList {
  const whole = {
    thisUpdate: now - 100,
    nextUpdate: now + 1000,
    ...(number === 'numbered' ? { number: 1 } : {}),
    revoked: [],
    ...template,
  }
  const issuer = { privateKey: signer.key, issuer: signer.subject, ...(scheme === undefined ? {} : { scheme }) }
  const parsed = parseCertificateRevocationList(issueCertificateList(whole, issuer))
  assert.ok(parsed.ok)
  return parsed.value
}

function answer(
  responder: TestCertificate,
  extensions: { readonly whole?: readonly ExtensionTemplate[]; readonly single?: readonly ExtensionTemplate[] } = {},
): NonNullable<RevocationEvidence['ocspResponses']>[number] {
  const { subject, key } = authority.root
  const certificate = { issuer: subject, issuerKey: spkiOf(key), serialNumber: read(leaf).serialNumber }
  const single = { certificate, status: 'good', thisUpdate: now - 10, nextUpdate: now + 1000 } as const
  const parsed = parseOcspResponse(
    issueOcspResponse(
      {
        producedAt: now - 10,
        responder: { name: responder.subject },
        responses: [{ ...single, extensions: extensions.single ?? [] }],
        extensions: extensions.whole ?? [],
        certificates: responder === authority.root ? [] : [responder.der],
      },
      { privateKey: responder.key },
    ),
  )
  assert.ok(parsed.ok)
  return parsed.value
}

function read({ der }: TestCertificate): Certificate {
  const parsed = parseCertificate(der)
  assert.ok(parsed.ok)
  return parsed.value
}
