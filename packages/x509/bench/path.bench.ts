/**
 * What validation costs beyond the signature checks that it cannot avoid, within one process, whose neighbours disturb all
 * alike. `npm run bench -- --only certificates` runs it several times and judges it.
 *
 *   node --conditions=holdfast-source packages/x509/bench/path.bench.ts [--rounds N] [--json]
 */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, verify } from 'node:crypto'
import { parseArgs } from 'node:util'
import {
  type AnchorSet,
  type Certificate,
  createAnchorSet,
  createPathCache,
  createPathResultCache,
  parseCertificate,
  parseCertificateRevocationList,
  validatePath,
  verifyCrlSignature,
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
const { values: asked } = parseArgs({
  options: { rounds: { type: 'string' }, json: { type: 'boolean', default: false } },
})
const rounds = Number(asked.rounds ?? 25)
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

const figures: Readonly<Record<string, number>> = {
  ...times,
  'hostile chain of 100 CAs of one name': hostileChain(),
  ...largeRevocationList(),
}
process.stdout.write(asked.json ? `${JSON.stringify(figures)}\n` : table())

function table(): string {
  return Object.entries(figures)
    .map(([what, value]) => `${what.padEnd(64)} ${value.toFixed(2).padStart(12)}\n`)
    .join('')
}

/** An anchor and a hundred CAs, all of one name, none with a key identifier, and none that signed the leaf; in µs. */
function hostileChain(): number {
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
  for (let round = 0; round < 7; round++) {
    const begun = performance.now()
    const result = validatePath(presented, pool, anchors, { now, elapsed, presented: 'pool' })
    best = Math.min(best, performance.now() - begun)
    if (result.ok) throw new Error('hostile chain: accepted')
  }
  return best * 1000
}

/** A CRL of 100,000 entries: µs for all that the thread does with it, bytes that stay, µs a look-up. */
function largeRevocationList(): Readonly<Record<string, number>> {
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
    const verified = list.ok && verifyCrlSignature(list.value, [issuing]) === 'verified'
    best = Math.min(best, performance.now() - begun)
    if (!verified) throw new Error('the CRL is not verified')
  }
  if (!list.ok) throw new Error(list.failure.detail)
  const { revoked: index } = list.value
  const kept = index.buckets.byteLength + index.low.byteLength * 2 + index.dates.byteLength + index.reasons.byteLength
  let lookUp = Number.POSITIVE_INFINITY
  for (let round = 0; round < 7; round++) {
    const begun = performance.now()
    for (const { serialNumber } of revoked)
      if (findRevoked(index, undefined, serialNumber) === undefined) throw new Error('lost')
    lookUp = Math.min(lookUp, ((performance.now() - begun) * 1000) / revoked.length)
  }
  return {
    'CRL of 100,000 entries, read, verified and indexed': best * 1000,
    'CRL of 100,000 entries, bytes kept': kept,
    'CRL of 100,000 entries, a look-up': lookUp,
  }
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
