/**
 * What validation costs beyond the signature checks that it cannot avoid, as ratios within one process.
 *
 *   node --conditions=holdfast-source packages/x509/bench/path.bench.ts [rounds]
 */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, verify } from 'node:crypto'
import {
  type AnchorSet,
  type Certificate,
  createAnchorSet,
  createPathCache,
  createPathResultCache,
  parseCertificate,
  parseCertificateRevocationList,
  validatePath,
} from '@holdfast/x509'
import {
  authorityInformationAccessExtension,
  basicConstraintsExtension,
  certificatePoliciesExtension,
  crlDistributionPointsExtension,
  issueCertificate,
  issueCertificateList,
} from '@holdfast/x509/issue'
import { createTestAuthority } from '@holdfast/testkit'
import { findRevoked } from '../src/revocation/revoked-serial-index.ts'

const CALLS = 50
const rounds = Number(process.argv[2] ?? 25)
const now = 1_800_000_000
const elapsed = (): number => performance.now()

const authority = createTestAuthority()
const leaf = authority.issue({
  san: { dns: ['acme.example'], uri: ['https://acme.example/client'] },
  extensions: [
    certificatePoliciesExtension([{ oid: '1.3.6.1.4.1.55738.1' }]),
    crlDistributionPointsExtension([{ fullName: [{ kind: 'uri', uri: 'http://crl.example/issuing.crl' }] }]),
    authorityInformationAccessExtension({ ocsp: ['http://ocsp.example'] }),
  ],
})
const intermediate = authority.intermediate!
const root = parsed(authority.rootDer)
const issuing = parsed(intermediate.der)
const certificate = parsed(leaf.der)
const configured = anchorSet({ anchors: [authority.rootDer], intermediates: [intermediate.der] })
const bare = anchorSet({ anchors: [authority.rootDer] })
const cache = createPathCache(configured)
validatePath(certificate, [], configured, { now, elapsed, cache })
const results = createPathResultCache()
const path = validatePath(certificate, [], configured, { now })
if (!path.ok) throw new Error(path.failure.reason)
results.keep(leaf.thumbprint, path.value)
const issuingKey = createPublicKey({ key: Buffer.from(issuing.publicKey.spki), format: 'der', type: 'spki' })
const rootKey = createPublicKey({ key: Buffer.from(root.publicKey.spki), format: 'der', type: 'spki' })

const times = measure({
  'one crypto.verify': () => verify('sha256', certificate.tbs, issuingKey, certificate.signature),
  'two crypto.verify': () =>
    verify('sha256', certificate.tbs, issuingKey, certificate.signature) &&
    verify('sha256', issuing.tbs, rootKey, issuing.signature),
  'parse leaf': () => parseCertificate(leaf.der).ok,
  'parse leaf, validate, intermediate known': () =>
    accepts(validatePath(parsed(leaf.der), [], configured, { now, elapsed })),
  'parse leaf, validate, issuing CA verified': () =>
    accepts(validatePath(parsed(leaf.der), [], configured, { now, elapsed, cache })),
  'parse leaf and intermediate, validate, anchor known': () =>
    accepts(validatePath(parsed(leaf.der), [parsed(intermediate.der)], bare, { now, elapsed })),
  'thumbprint and result kept': () =>
    results.find(createHash('sha256').update(leaf.der).digest('base64url'), configured, now) !== undefined,
})

const one = times['one crypto.verify']!
const two = times['two crypto.verify']!
for (const [what, time] of Object.entries(times)) report(what, `${time.toFixed(1)} µs`)
ratio('intermediate known / two checks', times['parse leaf, validate, intermediate known']! / two, 1.25)
ratio('issuing CA verified / one check', times['parse leaf, validate, issuing CA verified']! / one, 1.4)
limit('result kept', times['thumbprint and result kept']!, 5, 'µs')
hostileChain()
largeRevocationList()

/** An anchor and a hundred CAs, all of one name, none with a key identifier, and none that signed the leaf. */
function hostileChain(): void {
  const name = [{ type: 'CN', value: 'Hostile' }]
  const extensions = [basicConstraintsExtension({ ca: true })]
  const ca = (signer: KeyObject): Uint8Array => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const spki = publicKey.export({ format: 'der', type: 'spki' })
    const template = {
      serialNumber: randomBytes(16).fill(1, 0, 1),
      subject: name,
      notBefore: 0,
      notAfter: 2 * now,
      publicKey: spki,
      extensions,
    }
    return issueCertificate(template, { privateKey: signer, issuer: name })
  }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const anchors = anchorSet({ anchors: [ca(privateKey)] })
  const pool = Array.from({ length: 100 }, () => parsed(ca(privateKey)))
  const presented = parsed(ca(privateKey))
  let best = Number.POSITIVE_INFINITY
  let reason = ''
  for (let round = 0; round < 7; round++) {
    const begun = performance.now()
    const result = validatePath(presented, pool, anchors, { now, elapsed, presented: 'pool' })
    best = Math.min(best, performance.now() - begun)
    reason = result.ok ? 'accepted' : result.failure.reason
  }
  limit(`hostile chain of 100 CAs of one name (${reason})`, best, 25, 'ms')
}

function largeRevocationList(): void {
  const revoked = Array.from({ length: 100_000 }, (_, index) => ({
    serialNumber: createHash('sha256').update(String(index)).digest().subarray(0, 16),
    revokedAt: now - 1000,
    ...(index % 2 === 0 ? { reason: 'keyCompromise' as const } : {}),
  })).map((entry) => ({
    ...entry,
    serialNumber: Uint8Array.from(entry.serialNumber, (octet, at) => (at === 0 ? (octet & 0x3f) | 0x40 : octet)),
  }))
  const der = issueCertificateList(
    { thisUpdate: now - 100, nextUpdate: now + 100, number: 1, revoked },
    { privateKey: intermediate.key, issuer: intermediate.subject },
  )
  let best = Number.POSITIVE_INFINITY
  let list = parseCertificateRevocationList(der)
  for (let round = 0; round < 7; round++) {
    const begun = performance.now()
    list = parseCertificateRevocationList(der)
    best = Math.min(best, performance.now() - begun)
  }
  if (!list.ok) throw new Error(list.failure.detail)
  const { revoked: index } = list.value
  limit(`CRL of ${index.count} entries, ${(der.length / 1e6).toFixed(1)} MB: parse and index`, best, 30, 'ms')
  const kept = index.buckets.byteLength + index.low.byteLength * 2 + index.dates.byteLength + index.reasons.byteLength
  limit('CRL: kept', kept / 1e6, 2, 'MB')
  let lookUp = Number.POSITIVE_INFINITY
  for (let round = 0; round < 7; round++) {
    const begun = performance.now()
    for (const { serialNumber } of revoked)
      if (findRevoked(index, undefined, serialNumber) === undefined) throw new Error('lost')
    lookUp = Math.min(lookUp, ((performance.now() - begun) * 1000) / revoked.length)
  }
  limit('CRL: look-up', lookUp, 1, 'µs')
}

/** Best of all rounds, in which the tasks take turns, in µs a call. */
function measure(tasks: { readonly [what: string]: () => boolean }): { readonly [what: string]: number } {
  const best: { [what: string]: number } = {}
  for (let round = 0; round < rounds + 3; round++) {
    for (const [what, task] of Object.entries(tasks)) {
      const begun = performance.now()
      for (let call = 0; call < CALLS; call++) if (!task()) throw new Error(`${what}: refused`)
      const time = ((performance.now() - begun) * 1000) / CALLS
      if (round >= 3) best[what] = Math.min(best[what] ?? Number.POSITIVE_INFINITY, time)
    }
  }
  return best
}

function parsed(der: Uint8Array): Certificate {
  const certificate = parseCertificate(der)
  if (!certificate.ok) throw new Error(certificate.failure.detail)
  return certificate.value
}

function anchorSet(options: { anchors: readonly Uint8Array[]; intermediates?: readonly Uint8Array[] }): AnchorSet {
  const set = createAnchorSet({ name: 'bench', ...options })
  if (!set.ok) throw new Error(set.failure.reason)
  return set.value
}

function accepts(result: { readonly ok: boolean }): boolean {
  return result.ok
}

function ratio(what: string, value: number, bar: number): void {
  report(what, `${value.toFixed(2)} × (bar ${bar} ×)${value > bar ? '  MISSED' : ''}`)
}

function limit(what: string, value: number, bar: number, unit: string): void {
  report(what, `${value.toFixed(2)} ${unit} (bar ${bar} ${unit})${value > bar ? '  MISSED' : ''}`)
}

function report(what: string, value: string): void {
  process.stdout.write(`${what.padEnd(64)} ${value}\n`)
}
