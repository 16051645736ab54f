import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestAuthority } from '@holdfast/testkit'
import type { Certificate } from '../certificate/certificate.ts'
import { parseCertificate } from '../certificate/parse-certificate.ts'
import { authorityKeyIdentifierExtension } from '../issue/index.ts'
import { type AnchorSet, type AnchorSetOptions, createAnchorSet } from './anchor-set.ts'
import { createPathCache } from './path-cache.ts'
import { createPathResultCache } from './path-result-cache.ts'
import { type ValidatedPath, validatePath } from './validate-path.ts'

const now = Date.UTC(2026, 10, 22) / 1000
const authority = createTestAuthority()
const full = authority.issue()
const intermediates = full.chain.map(read)

test('a leaf alone is accepted once its intermediate was learned from another client’s good chain', () => {
  const anchors = load({ anchors: [authority.rootDer] })
  const cache = createPathCache(anchors)
  const alone = read(authority.issue({ commonName: 'other' }).der)
  assert.equal(validatePath(alone, [], anchors, { now, cache }).ok, false)
  assert.equal(validatePath(read(full.der), intermediates, anchors, { now, cache }).ok, true)
  assert.equal(validatePath(alone, [], anchors, { now, cache }).ok, true)
  cache.clear()
  assert.equal(validatePath(alone, [], anchors, { now, cache }).ok, false)
})

test('nothing is learned from a chain that was refused', () => {
  const anchors = load({ anchors: [authority.rootDer] })
  const cache = createPathCache(anchors)
  const bad = authority.issueBad('expired')
  assert.equal(validatePath(read(bad.der), intermediates, anchors, { now, cache }).ok, false)
  assert.deepEqual(cache.learned(), [])
})

test('what is learned is bounded by number and by octets, and the oldest goes first', () => {
  const anchors = load({ anchors: [authority.rootDer] })
  const cache = createPathCache(anchors)
  for (let count = 0; count < 300; count++) {
    const leaf = authority.issueAuthority({ commonName: `CA ${count}` }).issue()
    assert.equal(validatePath(read(leaf.der), leaf.chain.map(read), anchors, { now, cache }).ok, true)
  }
  assert.equal(cache.learned().length, 256)
  const names = cache.learned().map(({ certificate }) => certificate.subject.canonical)
  assert.ok(names.at(-1)?.includes('299') && !names.some((name) => / 43\b/.test(name)), names.join())

  const padding = { oid: '1.2.3.4', critical: false, value: new Uint8Array(40_000) }
  for (let count = 0; count < 40; count++) {
    const leaf = authority.issueAuthority({ commonName: `Fat ${count}`, extensions: [padding] }).issue()
    assert.equal(validatePath(read(leaf.der), leaf.chain.map(read), anchors, { now, cache }).ok, true)
  }
  const octets = cache.learned().reduce((sum, { certificate }) => sum + certificate.der.length, 0)
  assert.ok(octets <= 1_048_576 && octets > 900_000, `${octets}`)
  const alone = read(authority.issueAuthority({ commonName: 'Last' }).issue().der)
  assert.equal(validatePath(alone, [], anchors, { now, cache }).ok, false)
})

test('a known issuer vouches only as long as every CA above is valid', () => {
  const brief = createTestAuthority({ intermediateOptions: { notAfter: now + 100 } })
  const anchors = load({ anchors: [brief.rootDer] })
  const cache = createPathCache(anchors)
  const leaf = brief.issue()
  const chain = leaf.chain.map(read)
  assert.equal(validatePath(read(leaf.der), chain, anchors, { now, cache }).ok, true)
  const later = validatePath(read(leaf.der), chain, anchors, { now: now + 101, cache })
  assert.equal(later.ok ? 'accepted' : later.failure.reason, 'certificate_expired')
})

test('a known issuer changes no verdict about the leaf', () => {
  const anchors = load({ anchors: [authority.rootDer] })
  const cache = createPathCache(anchors)
  assert.equal(validatePath(read(full.der), intermediates, anchors, { now, cache }).ok, true)
  for (const kind of [
    'expired',
    'server-auth-only',
    'wrong-ca',
    'ca-as-leaf',
    'weak-signature',
    'broken-signature',
    'unknown-critical-extension',
  ] as const) {
    const leaf = read(authority.issueBad(kind).der)
    assert.deepEqual(
      validatePath(leaf, intermediates, anchors, { now, cache }),
      validatePath(leaf, intermediates, anchors, { now }),
      kind,
    )
  }
  const { subject, key } = authority.issuing
  for (const [what, options] of [
    ['of the issuer itself', { subject, key }],
    ['of another key', { extensions: [authorityKeyIdentifierExtension({ keyIdentifier: Uint8Array.of(1, 2, 3) })] }],
  ] as const) {
    const leaf = read(authority.issue(options).der)
    const known = validatePath(leaf, intermediates, anchors, { now, cache })
    assert.equal(known.ok, false, what)
    assert.deepEqual(known, validatePath(leaf, intermediates, anchors, { now }), what)
  }
})

test('CVE-2022-21654: proofs made for one set of anchors are nothing to another', () => {
  const cache = createPathCache(load({ anchors: [authority.rootDer] }))
  assert.equal(validatePath(read(full.der), intermediates, cache.anchors, { now, cache }).ok, true)
  const others = load({ anchors: [createTestAuthority().rootDer] })
  assert.equal(validatePath(read(full.der), intermediates, others, { now, cache }).ok, false)
})

test('a result is kept until the earliest date, and not beyond a new generation of its set', () => {
  const results = createPathResultCache(2)
  const first = load({ anchors: [authority.rootDer], generation: 1 })
  const path = accepted(first)
  results.keep(full.thumbprint, path, now + 50)
  assert.equal(results.find(full.thumbprint, first, now + 50), path)
  assert.equal(results.find(full.thumbprint, first, now + 51), undefined)
  results.keep(full.thumbprint, path)
  assert.equal(results.find(full.thumbprint, load({ anchors: [authority.rootDer], generation: 2 }), now), undefined)
  results.keep(full.thumbprint, path)
  assert.equal(
    results.find(full.thumbprint, load({ name: 'other', anchors: [authority.rootDer], generation: 1 }), now),
    undefined,
  )
  assert.equal(results.find('other', first, now), undefined)
})

test('the least recently used result goes first', () => {
  const results = createPathResultCache(2)
  const anchors = load({ anchors: [authority.rootDer] })
  const path = accepted(anchors)
  results.keep('a', path)
  results.keep('b', path)
  results.find('a', anchors, now)
  results.keep('c', path)
  assert.deepEqual(
    ['a', 'b', 'c'].map((one) => results.find(one, anchors, now) !== undefined),
    [true, false, true],
  )
})

test('a clock that jumps back does not make a result of a certificate that is not yet valid', () => {
  const results = createPathResultCache()
  const anchors = load({ anchors: [authority.rootDer] })
  const path = accepted(anchors)
  results.keep(full.thumbprint, path)
  assert.equal(results.find(full.thumbprint, anchors, path.validFrom - 1), undefined)
})

function accepted(anchors: AnchorSet): ValidatedPath {
  const path = validatePath(read(full.der), intermediates, anchors, { now })
  assert.ok(path.ok)
  return path.value
}

function load(options: Partial<AnchorSetOptions> & Pick<AnchorSetOptions, 'anchors'>): AnchorSet {
  const set = createAnchorSet({ name: 'test', ...options })
  assert.ok(set.ok)
  return set.value
}

function read(der: Uint8Array): Certificate {
  const certificate = parseCertificate(der)
  assert.ok(certificate.ok)
  return certificate.value
}
