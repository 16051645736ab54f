import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTestAuthority } from '@holdfast/testkit'
import { issueCertificateList } from '@holdfast/x509/issue'
import { parseCertificateRevocationList } from './parse-certificate-revocation-list.ts'
import { findRevoked } from './revoked-serial-index.ts'

const { root } = createTestAuthority({ intermediate: 'no' })
const signer = { privateKey: root.key, issuer: root.subject }
const reasons = ['keyCompromise', 'cACompromise', 'superseded', 'removeFromCRL', 'aACompromise'] as const
const invalidityDate = {
  oid: '2.5.29.24',
  critical: false,
  value: Buffer.from('180f32303236303130313030303030305a', 'hex'),
}
/** Entries of such a list are never plain: each is read by the reader of all forms. */
const indirect = { oid: '2.5.29.28', critical: true, value: Uint8Array.of(0x30, 0x03, 0x84, 0x01, 0xff) }

const revoked = Array.from({ length: 40 }, (_, index) => ({
  serialNumber: Uint8Array.from({ length: (index % 20) + 1 }, (__, at) => ((index * 7 + at * 13) % 127) + 1),
  revokedAt: 1_600_000_000 + index * 40_000_000,
  ...(index % 3 === 0 ? {} : { reason: reasons[index % reasons.length]! }),
  ...(index % 7 === 0 ? { extensions: [invalidityDate] } : {}),
}))
const [plain, complete] = [[], [indirect]].map((extensions) =>
  issueCertificateList({ thisUpdate: 1, nextUpdate: 2, number: 1, revoked, extensions }, signer),
) as [Uint8Array, Uint8Array]

interface Entries {
  readonly count: number
  readonly dates: readonly string[]
  readonly found: readonly unknown[]
}

function entriesOf(der: Uint8Array): Entries | 'refused' {
  const list = parseCertificateRevocationList(der)
  if (!list.ok) return 'refused'
  const { revoked: index, issuer, issuingDistributionPoint } = list.value
  const dates = [...index.dates].map((date, at) => `${date} ${index.reasons[at]}`)
  const name = issuingDistributionPoint === undefined ? undefined : issuer.canonical
  const found = revoked.map(({ serialNumber }) => findRevoked(index, name, serialNumber))
  return { count: index.count, dates: dates.sort(), found }
}

function mutated(der: Uint8Array, from: number, changes: readonly (readonly [number, number])[]): Uint8Array {
  const copy = der.slice()
  for (const [at, octet] of changes) copy[from + at] = octet
  return copy
}

/** Where the first entry begins: behind its serial number, which nothing before it contains. */
function entriesStart(der: Uint8Array): number {
  return Buffer.from(der).indexOf(Buffer.from([0x02, 0x01, 0x01, 0x17])) - 2
}

test('both readers of entries read the same out of a list of all forms', () => {
  const entries = entriesOf(plain)
  assert.deepEqual(entries, entriesOf(complete))
  assert.ok(entries !== 'refused')
  assert.equal(entries.count, revoked.length)
  assert.ok(entries.found.every((entry) => entry !== undefined))
})

test('both readers of entries take, refuse and understand the same, whatever octets are changed', () => {
  const [from, other] = [entriesStart(plain), entriesStart(complete)]
  // The two octets before are the length of all entries.
  const length = Buffer.from(plain).readUInt16BE(from - 2) - 1
  const change = fc.tuple(
    fc.nat(length),
    fc.oneof(fc.nat(255), fc.constantFrom(0, 0x30, 0x7f, 0x80, 0x17, 0x18, 0x39, 0xff)),
  )
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      assert.deepEqual(entriesOf(mutated(plain, from, changes)), entriesOf(mutated(complete, other, changes)))
    }),
    { numRuns: 4000 },
  )
})

test('every octet of a plain entry, changed to every value, means the same to both readers', () => {
  const [from, other] = [entriesStart(plain), entriesStart(complete)]
  for (let at = 0; at < 60; at++) {
    for (let octet = 0; octet < 256; octet++) {
      const changes = [[at, octet]] as const
      assert.deepEqual(
        entriesOf(mutated(plain, from, changes)),
        entriesOf(mutated(complete, other, changes)),
        `${at}: ${octet}`,
      )
    }
  }
})
