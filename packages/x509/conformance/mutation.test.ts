/**
 * Octets that someone changed: certificates, CRLs and OCSP responses of a good chain, mutated at random.
 *
 * The certificates that come along with an OCSP response are not signed with it, so the response here carries none.
 * None may be accepted, none may raise an exception, none may take long. `HOLDFAST_MUTATIONS` sets their number (default
 * 6,000), `HOLDFAST_MUTATION_SEED` repeats a run.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestAuthority, spkiOf } from '@holdfast/testkit'
import { cpuTime } from './cpu-time.ts'
import {
  checkRevocation,
  createAnchorSet,
  parseCertificate,
  parseCertificateRevocationList,
  parseOcspResponse,
  qcStatements,
  validatePath,
} from '@holdfast/x509'
import {
  authorityInformationAccessExtension,
  certificatePoliciesExtension,
  crlDistributionPointsExtension,
  issueCertificateList,
  issueOcspResponse,
  type issuingDistributionPointExtension,
  nameConstraintsExtension,
  policyConstraintsExtension,
  policyMappingsExtension,
} from '@holdfast/x509/issue'

const mutations = Number(process.env['HOLDFAST_MUTATIONS'] ?? 6_000)
const seed = Number(process.env['HOLDFAST_MUTATION_SEED'] ?? Date.now() % 2 ** 31)
const now = 1_800_000_000

const authority = createTestAuthority({
  intermediateOptions: {
    extensions: [
      nameConstraintsExtension({
        permitted: [{ kind: 'dns', name: 'example.com' }],
        excluded: [{ kind: 'ip', address: new Uint8Array(8).fill(255) }],
      }),
      certificatePoliciesExtension([{ oid: '1.2.3' }]),
      policyMappingsExtension([{ issuerDomain: '1.2.3', subjectDomain: '1.2.4' }]),
      policyConstraintsExtension({ requireExplicitPolicy: 3 }),
    ],
  },
})
const leaf = authority.issue({
  subject: 'CN=leaf+OU=Straße,O=Example,2.5.4.97=PSDGB-FCA-1',
  san: {
    dns: ['a.example.com'],
    uri: ['https://a.example.com/x'],
    ip: ['192.0.2.1'],
    email: ['a@example.com'],
    directory: [[{ type: 'CN', value: 'x' }]],
  },
  extensions: [
    certificatePoliciesExtension([{ oid: '1.2.4' }]),
    crlDistributionPointsExtension([{ fullName: [{ kind: 'uri', uri: 'http://crl.example' }] }]),
    authorityInformationAccessExtension({ ocsp: ['http://ocsp.example'] }),
  ],
})
const intermediate = authority.intermediate!
const original = value(parseCertificate(leaf.der))
const anchors = value(createAnchorSet({ name: 'mutation', anchors: [authority.rootDer] }))
const path = value(validatePath(original, [value(parseCertificate(intermediate.der))], anchors, { now }))
const rootList = value(
  parseCertificateRevocationList(
    issueCertificateList(listTemplate([]), { privateKey: authority.root.key, issuer: authority.root.subject }),
  ),
)
const list = issueCertificateList(
  listTemplate([{ serialNumber: Uint8Array.of(9, 9, 9), revokedAt: now - 5, reason: 'superseded' as const }]),
  { privateKey: intermediate.key, issuer: intermediate.subject },
)
const response = issueOcspResponse(
  {
    producedAt: now,
    responder: { name: intermediate.subject },
    responses: [
      {
        certificate: {
          issuer: intermediate.subject,
          issuerKey: spkiOf(intermediate.key),
          serialNumber: original.serialNumber,
        },
        status: 'good',
        thisUpdate: now,
        nextUpdate: now + 100,
      },
    ],
  },
  { privateKey: intermediate.key },
)

for (const [what, octets, accepts] of [
  ['leaf', leaf.der, acceptsLeaf],
  ['intermediate', intermediate.der, acceptsIntermediate],
  ['CRL', list, acceptsList],
  ['OCSP response', response, acceptsResponse],
] as const) {
  test(`no mutated ${what} is accepted, throws, or takes long (seed ${seed})`, () => {
    assert.equal(accepts(octets), true, 'as it was made it is accepted')
    const random = generator(seed)
    let slowest = 0
    for (let count = 0; count < mutations / 4; count++) {
      const mutated = mutate(octets, random)
      if (Buffer.compare(mutated, octets) === 0) continue
      const begun = cpuTime()
      const accepted = accepts(mutated)
      slowest = Math.max(slowest, cpuTime() - begun)
      assert.equal(accepted, false, `accepted at mutation ${count}: ${Buffer.from(mutated).toString('base64')}`)
    }
    assert.ok(slowest < SLOWEST, `the slowest took ${slowest.toFixed(1)} ms`)
  })
}

function acceptsLeaf(der: Uint8Array): boolean {
  const certificate = parseCertificate(der)
  if (!certificate.ok) return false
  qcStatements(certificate.value)
  return validatePath(certificate.value, [path.certificates[1]!], anchors, { now }).ok
}

function acceptsIntermediate(der: Uint8Array): boolean {
  const certificate = parseCertificate(der)
  return certificate.ok && validatePath(original, [certificate.value], anchors, { now }).ok
}

function acceptsList(der: Uint8Array): boolean {
  const crl = parseCertificateRevocationList(der)
  return crl.ok && checkRevocation(path, { crls: [rootList, crl.value] }, anchors, { now, mode: 'hard' }).ok
}

function acceptsResponse(der: Uint8Array): boolean {
  const answer = parseOcspResponse(der)
  return (
    answer.ok &&
    checkRevocation(path, { crls: [rootList], ocspResponses: [answer.value] }, anchors, { now, mode: 'hard' }).ok
  )
}

function listTemplate<Revoked>(revoked: readonly Revoked[]): {
  thisUpdate: number
  nextUpdate: number
  number: number
  revoked: readonly Revoked[]
  extensions: ReturnType<typeof issuingDistributionPointExtension>[]
} {
  return { thisUpdate: now - 10, nextUpdate: now + 100, number: 1, revoked, extensions: [] }
}

/** One to three changes: a bit, an octet, a length, a cut, a doubled, moved or dropped stretch. */
function mutate(octets: Uint8Array, random: (below: number) => number): Uint8Array {
  let bytes: Buffer = Buffer.from(octets)
  for (let changes = 1 + random(3); changes > 0; changes--) {
    const at = random(bytes.length)
    const length = 1 + random(Math.min(32, bytes.length - at))
    switch (random(7)) {
      case 0:
        bytes[at]! ^= 1 << random(8)
        break
      case 1:
        bytes[at] = random(256)
        break
      case 2:
        bytes[at] = [0, 1, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff, 0x30, 0x31, 0x1f, 0xa0][random(12)]!
        break
      case 3:
        bytes = bytes.subarray(0, Math.max(1, at))
        break
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)])
        break
      case 5:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(at + length, bytes.length - 1))])
        break
      default:
        bytes.copy(bytes, at, random(bytes.length), bytes.length)
    }
  }
  return bytes
}

/** A small generator with a seed, so that a find can be repeated. */
function generator(from: number): (below: number) => number {
  let state = from | 1
  return (below) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9
    state ^= state >>> 12
    return (state >>> 0) % below
  }
}

function value<Value>(
  result: { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly failure: unknown },
): Value {
  assert.ok(result.ok)
  return result.value
}

/** Milliseconds of this thread's own time, so that a busy machine does not count. */
const SLOWEST = 50
