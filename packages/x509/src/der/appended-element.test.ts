/**
 * An element that no structure has, put at the end of every structure in turn: whatever is read must be read to its end, or
 * two readers of the same octets see two different things.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestAuthority, spkiOf } from '@holdfast/testkit'
import { parseCertificate } from '../certificate/parse-certificate.ts'
import { crlDistributionPoints } from '../extension/crl-distribution-points.ts'
import {
  authorityInformationAccessExtension,
  authorityKeyIdentifierExtension,
  certificatePoliciesExtension,
  crlDistributionPointsExtension,
  inhibitAnyPolicyExtension,
  issueCertificateList,
  issueOcspResponse,
  issuingDistributionPointExtension,
  nameConstraintsExtension,
  policyConstraintsExtension,
  policyMappingsExtension,
  qcStatementsExtension,
  subjectAltNameExtension,
} from '../issue/index.ts'
import { qcStatements } from '../qualified/qc-statements.ts'
import { parseCertificateRevocationList } from '../revocation/parse-certificate-revocation-list.ts'
import { parseOcspResponse } from '../revocation/parse-ocsp-response.ts'
import { DerReader } from './der-reader.ts'
import { encodeElement } from './encode-element.ts'

const now = Date.UTC(2026, 10, 22) / 1000
const authority = createTestAuthority({ intermediate: 'no' })
const { key, subject } = authority.root
const directory = { kind: 'directory', name: subject } as const
const uri = { kind: 'uri', uri: 'http://crl.example/1' } as const

test('nothing can be put behind what a certificate says, in any of its structures', () => {
  const { der } = authority.issue({
    ca: { pathLength: 1 },
    eku: ['clientAuth'],
    extensions: [
      subjectAltNameExtension([directory, uri, { kind: 'dns', name: 'a.example' }]),
      nameConstraintsExtension({ permitted: [directory, uri], excluded: [{ kind: 'dns', name: 'b.example' }] }),
      certificatePoliciesExtension(['1.2.3', '1.2.4']),
      policyMappingsExtension([{ issuerDomain: '1.2.3', subjectDomain: '1.2.5' }]),
      policyConstraintsExtension({ requireExplicitPolicy: 1, inhibitPolicyMapping: 0 }),
      inhibitAnyPolicyExtension(1),
      authorityInformationAccessExtension({ ocsp: ['http://ocsp.example'], caIssuers: ['http://ca.example'] }),
      authorityKeyIdentifierExtension({
        keyIdentifier: Uint8Array.of(1),
        issuer: [directory],
        serialNumber: Uint8Array.of(2),
      }),
      crlDistributionPointsExtension([
        { fullName: [uri, directory], reasons: ['keyCompromise'] },
        { crlIssuer: [directory] },
      ]),
      qcStatementsExtension({ compliance: 'not_stated', types: ['web'] }),
    ],
  })
  const isRead = (octets: Uint8Array): boolean => {
    const parsed = parseCertificate(octets)
    if (!parsed.ok || parsed.value.signatureAlgorithm.key === undefined) return false
    return crlDistributionPoints(parsed.value) !== undefined && qcStatements(parsed.value).ok
  }
  assert.ok(isRead(der))
  // The one AlgorithmIdentifier is changed without the other there, so that they differ.
  assert.deepEqual(
    appended(der)
      .filter((variant) => isRead(variant.octets))
      .map(({ at }) => at),
    [],
  )
  assert.ok(appended(der).length > 80)
})

test('nothing can be put behind what a CRL says, in any of its structures', () => {
  const der = issueCertificateList(
    {
      thisUpdate: now,
      nextUpdate: now + 1000,
      number: 2,
      baseNumber: 1,
      revoked: [
        { serialNumber: Uint8Array.of(1), revokedAt: now, reason: 'keyCompromise' },
        { serialNumber: Uint8Array.of(2), revokedAt: now },
      ],
      extensions: [
        authorityKeyIdentifierExtension({
          keyIdentifier: Uint8Array.of(1),
          issuer: [directory],
          serialNumber: Uint8Array.of(2),
        }),
        issuingDistributionPointExtension({
          fullName: [uri, directory],
          onlyContains: 'user-certificates',
          onlySomeReasons: ['keyCompromise'],
        }),
      ],
    },
    { privateKey: key, issuer: subject },
  )
  const isRead = (octets: Uint8Array): boolean => parseCertificateRevocationList(octets).ok
  assert.ok(isRead(der))
  assert.deepEqual(
    appended(der)
      .filter((variant) => isRead(variant.octets))
      .map(({ at }) => at),
    [],
  )
  assert.ok(appended(der).length > 25)
})

test('nothing can be put behind what an OCSP response says, in any of its structures', () => {
  for (const responder of [{ name: subject }, { key: spkiOf(key) }]) {
    const der = issueOcspResponse(
      {
        producedAt: now,
        responder,
        nonce: Uint8Array.of(1, 2, 3),
        responses: (['good', 'unknown', { revokedAt: now, reason: 'keyCompromise' }] as const).map((status, at) => ({
          certificate: { issuer: subject, issuerKey: spkiOf(key), serialNumber: Uint8Array.of(at + 1) },
          status,
          thisUpdate: now,
          nextUpdate: now + 1000,
          extensions: [{ oid: '1.2.3', critical: false, value: Uint8Array.of(5, 0) }],
        })),
      },
      { privateKey: key },
    )
    const isRead = (octets: Uint8Array): boolean => {
      const parsed = parseOcspResponse(octets)
      return parsed.ok && parsed.value.signatureAlgorithm.key !== undefined
    }
    assert.ok(isRead(der))
    // An object identifier of a digest has parameters, which nobody reads: a CertID is compared as a whole.
    const unread = appended(der).filter(
      (variant) => isRead(variant.octets) && !variant.path.includes(DIGEST_OF_CERT_ID),
    )
    assert.deepEqual(
      unread.map(({ at }) => at),
      [],
    )
    assert.ok(appended(der).length > 30)
  }
})

interface Variant {
  readonly octets: Uint8Array
  /** Offset in the original of the structure that got an element more. */
  readonly at: number
  /** Hexadecimal of the first octets of the structure. */
  readonly path: string
}

/** Every variant of `der` in which one structure, at any depth and also inside an OCTET STRING, ends with a stranger. */
function appended(der: Uint8Array, offset: number = 0): readonly Variant[] {
  const reader = new DerReader(der)
  const tag = reader.skip(der.length)
  const content = der.subarray(reader.contentStart, reader.contentEnd)
  const whole = (inside: Uint8Array): Uint8Array => encodeElement(tag, inside)
  const isConstructed = (tag & 0x20) !== 0
  const own = isConstructed
    ? [
        {
          octets: whole(Buffer.concat([content, STRANGER])),
          at: offset,
          path: Buffer.from(content.subarray(0, 12)).toString('hex'),
        },
      ]
    : []
  const children = isConstructed || (tag === 0x04 && isOneStructure(content)) ? elementsOf(content) : []
  return [
    ...own,
    ...children.flatMap(({ start, end }) =>
      appended(content.subarray(start, end), offset + reader.contentStart + start).map((variant) => ({
        ...variant,
        octets: whole(Buffer.concat([content.subarray(0, start), variant.octets, content.subarray(end)])),
      })),
    ),
  ]
}

function elementsOf(content: Uint8Array): readonly { readonly start: number; readonly end: number }[] {
  const reader = new DerReader(content)
  const elements = []
  while (reader.position < content.length) {
    const start = reader.position
    reader.skip(content.length)
    elements.push({ start, end: reader.position })
  }
  assert.equal(reader.failure, undefined)
  return elements
}

function isOneStructure(content: Uint8Array): boolean {
  const reader = new DerReader(content)
  reader.skip(content.length)
  reader.leave(content.length)
  return reader.failure === undefined && content[0] === 0x30
}

/** `[30]`, primitive and empty. */
const STRANGER = Uint8Array.of(0x9e, 0)
/** SHA-1, as CertID names it. */
const DIGEST_OF_CERT_ID = '06052b0e03021a'
