import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestAuthority, spkiOf } from '@holdfast/testkit'
import { parseCertificate } from '../certificate/parse-certificate.ts'
import {
  type CertificateListTemplate,
  type ExtensionTemplate,
  issueCertificateList,
  issueOcspResponse,
  type OcspResponseTemplate,
} from '../issue/index.ts'
import { parseCertificateRevocationList } from './parse-certificate-revocation-list.ts'
import { parseOcspResponse } from './parse-ocsp-response.ts'

const now = Date.UTC(2026, 10, 22) / 1000
const { root } = createTestAuthority({ intermediate: 'no' })
const unknown = { oid: '1.2.3', critical: true, value: Uint8Array.of(5, 0) }

for (const [what, der, expected] of [
  ['a basic response', response(), 'accepted'],
  [
    'a response of another type',
    response().replace('06092b0601050507300101', '06092b0601050507300102'),
    'value_not_allowed',
  ],
  ['a status of no known kind', response().replace('8000180f', '8400180f'), 'tag_unexpected'],
  ['a status that is not NULL inside', response().replace('8000180f', '0000180f'), 'tag_unexpected'],
  ['an end behind which more follows', `${response()}00`, 'trailing_data'],
  ['1,000 statuses', response({ count: 1_000 }), 'accepted'],
  ['1,001 statuses', response({ count: 1_001 }), 'too_many_elements'],
  ['16 certificates', response({ certificates: 16 }), 'accepted'],
  ['17 certificates', response({ certificates: 17 }), 'too_many_elements'],
  ['a megabyte and an octet', '00'.repeat(1_000_001), 'ocsp_too_large'],
] as const) {
  test(`an OCSP answer with ${what}: ${expected}`, () => {
    const result = parseOcspResponse(Buffer.from(der, 'hex'))
    const { failure } = result.ok ? { failure: undefined } : result
    assert.equal(failure === undefined ? 'accepted' : 'detail' in failure ? failure.detail : failure.reason, expected)
  })
}

const ECDSA_SHA256 = '06082a8648ce3d040302'
const point = (hex: string): readonly ExtensionTemplate[] => [
  { oid: '2.5.29.28', critical: true, value: Buffer.from(hex, 'hex') },
]

for (const [what, der, expected] of [
  ['nothing odd', list(), 'accepted'],
  [
    'a second algorithm behind what is signed',
    list().replace(new RegExp(`${ECDSA_SHA256}(?!.*${ECDSA_SHA256})`), '06082a8648ce3d040303'),
    'signature_algorithms_differ',
  ],
  ['a scope of users only', list({ extensions: point('30038101ff') }), 'accepted'],
  ['a scope whose flag says no', list({ extensions: point('3003810100') }), 'boolean_malformed'],
  ['a scope whose flag says maybe', list({ extensions: point('3003810101') }), 'boolean_malformed'],
  ['a scope of users only, and of CAs only', list({ extensions: point('30068101ff8201ff') }), 'value_not_allowed'],
  ['a scope twice', list({ extensions: [...point('30038101ff'), ...point('30038101ff')] }), 'value_not_allowed'],
  ['an end behind which more follows', `${list()}00`, 'trailing_data'],
] as const) {
  test(`a CRL with ${what}: ${expected}`, () => {
    const result = parseCertificateRevocationList(Buffer.from(der, 'hex'))
    assert.equal(result.ok ? 'accepted' : result.failure.detail, expected)
  })
}

test('an entry with a critical extension that nobody knows makes the whole CRL unusable', () => {
  const read = (critical: boolean): string | undefined => {
    const revoked = [{ serialNumber: Uint8Array.of(7), revokedAt: now, extensions: [{ ...unknown, critical }] }]
    const result = parseCertificateRevocationList(Buffer.from(list({ revoked }), 'hex'))
    assert.ok(result.ok)
    return result.value.unusable
  }
  assert.deepEqual([read(false), read(true)], [undefined, 'critical_entry_extension_unknown'])
})

test('what is larger than anything in use is refused before it is looked at', () => {
  const certificate = parseCertificate(new Uint8Array(1_000_001))
  assert.equal(!certificate.ok && certificate.failure.reason, 'certificate_too_large')
  const crl = parseCertificateRevocationList(new Uint8Array(250_000_001))
  assert.equal(!crl.ok && crl.failure.reason, 'crl_too_large')
})

/** Hexadecimal. */
function response({
  count = 1,
  certificates = 0,
}: { readonly count?: number; readonly certificates?: number } = {}): string {
  const certificate = { issuer: root.subject, issuerKey: spkiOf(root.key) }
  const template: OcspResponseTemplate = {
    producedAt: now,
    responder: { name: root.subject },
    responses: Array.from({ length: count }, (_, at) => ({
      certificate: { ...certificate, serialNumber: Uint8Array.of(1, at >> 8, at & 0xff) },
      status: 'good',
      thisUpdate: now,
    })),
    certificates: Array.from({ length: certificates }, () => root.der),
  }
  return Buffer.from(issueOcspResponse(template, { privateKey: root.key })).toString('hex')
}

/** Hexadecimal. */
function list(template: Partial<CertificateListTemplate> = {}): string {
  const whole = { thisUpdate: now, nextUpdate: now + 1000, number: 1, revoked: [], ...template }
  return Buffer.from(issueCertificateList(whole, { privateKey: root.key, issuer: root.subject })).toString('hex')
}
