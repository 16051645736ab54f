import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CompactJws, SigningAlgorithm, SigningKeyRecord } from '@holdfast/core'
import { fixedClock, inMemorySigningKeyStore, temporaryDirectory } from '@holdfast/testkit'
import type { FixedClock } from '@holdfast/testkit'
import { ecdsaSignature } from './ecdsa-signature.ts'
import { resealSigningKey } from './generate-signing-key.ts'
import { openKeyRing } from './key-ring.ts'
import type { KeyRing, KeyRingOptions } from './key-ring.ts'
import { createMasterKeyFile, ephemeralMasterKey, readMasterKeyFile, seal, unseal } from './master-key.ts'

const master = ephemeralMasterKey()

for (const algorithm of ['ES256', 'EdDSA', 'PS256', 'RS256'] as const) {
  test(`${algorithm}: what is signed verifies by the published key, and not when changed`, async (t) => {
    const ring = await open(t, { algorithm })
    const tokens = await Promise.all(
      Array.from({ length: 70 }, async (_, n) => ring.signer.sign('at+jwt', `{"n":${n}}`)),
    )
    for (const [n, token] of tokens.entries()) {
      const jws = parse(token)
      assert.equal(jws.header.alg, algorithm)
      assert.equal(jws.header.typ, 'at+jwt')
      assert.deepEqual(jws.claims, { n })
      assert.equal(await ring.verifier.verify(jws), 'verified')
    }
    const jws = parse(tokens[0] ?? '')
    const other = jws.signature.map((octet, index) => (index === 40 ? octet ^ 1 : octet))
    assert.equal(await ring.verifier.verify({ ...jws, signature: other }), 'signature_invalid')
    assert.equal(await ring.verifier.verify({ ...jws, signingInput: `${jws.signingInput}x` }), 'signature_invalid')
    assert.equal(await ring.verifier.verify({ ...jws, header: { ...jws.header, kid: 'other' } }), 'key_unknown')
    const [key] = published(ring)
    assert.equal(key?.['alg'], algorithm)
    assert.equal(createPublicKey({ key: key ?? {}, format: 'jwk' }).type, 'public')
    assert.deepEqual(
      ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].filter((secret) => secret in (key ?? {})),
      [],
    )
  })
}

test('RFC7518 §3.4  a DER signature becomes R‖S whatever the lengths of its integers', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  for (let round = 0; round < 2_000; round++) {
    const data = randomBytes(8)
    const raw = ecdsaSignature(sign('sha256', data, privateKey))
    assert.equal(raw.length, 64)
    assert.ok(verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, raw))
  }
})

test('R and S of few octets are padded, a leading zero is taken off', () => {
  const raw = ecdsaSignature(Uint8Array.from([0x30, 0x07, 0x02, 0x01, 0x05, 0x02, 0x02, 0x00, 0x80]))
  assert.equal(raw[31], 5)
  assert.equal(raw[63], 0x80)
  assert.equal(
    raw.reduce((sum, octet) => sum + octet, 0),
    0x85,
  )
})

test('a successor is published before it signs, its predecessor after it stopped, and no token ever fails', async (t) => {
  const clock = fixedClock()
  const ring = await open(t, { clock, publishBefore: 100, keepAfter: 300 })
  const first = kidOf(await ring.signer.sign('at+jwt', '{}'))
  const old = parse(await ring.signer.sign('at+jwt', '{}'))
  clock.advance(10)
  assert.equal(await ring.rotate(), 'rotated')
  assert.equal(published(ring).length, 2)
  assert.equal(kidOf(await ring.signer.sign('at+jwt', '{}')), first)
  clock.advance(99)
  assert.equal(kidOf(await ring.signer.sign('at+jwt', '{}')), first)
  clock.advance(1)
  const second = kidOf(await ring.signer.sign('at+jwt', '{}'))
  assert.notEqual(second, first)
  assert.equal(published(ring).length, 2)
  assert.equal(await ring.verifier.verify(old), 'verified')
  clock.advance(299)
  assert.equal(await ring.verifier.verify(old), 'verified')
  clock.advance(1)
  assert.equal(await ring.verifier.verify(old), 'key_unknown')
  assert.deepEqual(
    published(ring).map(({ kid }) => kid),
    [second],
  )
})

test('several rotations in one second end with the last one’s key', async (t) => {
  const ring = await open(t, {})
  for (let rotation = 0; rotation < 5; rotation++) {
    assert.equal(await ring.rotate(0), 'rotated')
    const kid = kidOf(await ring.signer.sign('at+jwt', '{}'))
    assert.equal(kid, ring.records().find(({ signsUntil }) => signsUntil === undefined)?.kid)
  }
})

test('processes on one store agree on the first key, and one learns of the other’s rotation when it meets the key', async (t) => {
  const clock = fixedClock()
  const store = inMemorySigningKeyStore()
  const rings = await Promise.all([open(t, { clock, store }), open(t, { clock, store }), open(t, { clock, store })])
  const kids = await Promise.all(rings.map(async (ring) => kidOf(await ring.signer.sign('at+jwt', '{}'))))
  assert.equal(new Set(kids).size, 1)
  await rings[0]?.rotate(0)
  const token = parse((await rings[0]?.signer.sign('at+jwt', '{}')) ?? '')
  assert.notEqual(token.header.kid, kids[0])
  clock.advance(1)
  assert.equal(await rings[1]?.verifier.verify(token), 'verified')
})

test('of two processes that rotate at once one wins, and both sign with the winner’s key', async (t) => {
  const clock = fixedClock()
  const store = inMemorySigningKeyStore()
  const [one, other] = [await open(t, { clock, store }), await open(t, { clock, store })]
  const outcomes = await Promise.all([one.rotate(0), other.rotate(0)])
  assert.deepEqual(outcomes.toSorted(), ['rotated', 'superseded'])
  await one.refresh()
  await other.refresh()
  assert.equal(kidOf(await one.signer.sign('at+jwt', '{}')), kidOf(await other.signer.sign('at+jwt', '{}')))
})

test('a clock that jumps back still finds a key to sign with', async (t) => {
  const clock = fixedClock()
  const ring = await open(t, { clock, publishBefore: 100 })
  await ring.rotate()
  clock.advance(-10_000)
  assert.equal(await ring.verifier.verify(parse(await ring.signer.sign('at+jwt', '{}'))), 'verified')
})

test('when the configured algorithm changes, the old key signs until the new one has been published long enough', async (t) => {
  const clock = fixedClock()
  const store = inMemorySigningKeyStore()
  const before = await open(t, { clock, store, publishBefore: 60 })
  await before.signer.sign('at+jwt', '{}')
  const after = await open(t, { clock, store, algorithm: 'EdDSA', publishBefore: 60 })
  assert.equal(parse(await after.signer.sign('at+jwt', '{}')).header.alg, 'ES256')
  clock.advance(60)
  assert.equal(parse(await after.signer.sign('at+jwt', '{}')).header.alg, 'EdDSA')
})

test('without the master key no key opens, and the server does not start', async (t) => {
  const store = inMemorySigningKeyStore()
  await open(t, { store })
  await assert.rejects(open(t, { store, masterKeys: [ephemeralMasterKey()] }), /master key/)
})

test('a new master key takes the keys over from the previous one', async (t) => {
  const store = inMemorySigningKeyStore()
  const before = await open(t, { store })
  const next = ephemeralMasterKey()
  const resealed = before
    .records()
    .map((record) => ({ ...record, sealedPrivateKey: resealSigningKey(record, [next, master]) }))
  assert.ok(resealed.every(({ sealedPrivateKey }) => sealedPrivateKey !== undefined))
  const moved = inMemorySigningKeyStore()
  for (const record of resealed) await moved.rotate({ successor: record as SigningKeyRecord, predecessors: [] })
  const after = await open(t, { store: moved, masterKeys: [next] })
  assert.equal(kidOf(await after.signer.sign('at+jwt', '{}')), kidOf(await before.signer.sign('at+jwt', '{}')))
})

test('what is sealed opens only whole, for its purpose and by its key', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), (plain, at) => {
      const sealed = seal(master, 'purpose', plain)
      assert.deepEqual(Uint8Array.from(unseal(master, 'purpose', sealed) ?? []), plain)
      assert.equal(unseal(master, 'other', sealed), undefined)
      assert.equal(unseal(ephemeralMasterKey(), 'purpose', sealed), undefined)
      const changed = Uint8Array.from(sealed, (octet, index) => (index === at % sealed.length ? octet ^ 1 : octet))
      assert.equal(unseal(master, 'purpose', changed), undefined)
      assert.equal(unseal(master, 'purpose', sealed.subarray(0, at % sealed.length)), undefined)
    }),
    { numRuns: 50 },
  )
})

test('a master key file is made for its owner alone, never replaced, and a bad one does not show its content', async (t) => {
  const path = join(await temporaryDirectory(t), 'master.key')
  createMasterKeyFile(path)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(readMasterKeyFile(path).symmetricKeySize, 32)
  assert.throws(() => createMasterKeyFile(path), { code: 'EEXIST' })
  writeFileSync(path, 'c2VjcmV0IGJ1dCBzaG9ydA==')
  assert.throws(
    () => readMasterKeyFile(path),
    (error: unknown) => error instanceof TypeError && !error.message.includes('c2Vj'),
  )
})

async function open(
  t: { after(work: () => void): void },
  options: Partial<KeyRingOptions> & { readonly algorithm?: SigningAlgorithm; readonly clock?: FixedClock },
): Promise<KeyRing> {
  const ring = await openKeyRing({
    store: inMemorySigningKeyStore(),
    clock: fixedClock(),
    masterKeys: [master],
    algorithm: 'ES256',
    rotateEvery: 0,
    publishBefore: 0,
    keepAfter: 1000,
    onProblem: (problem) => {
      throw problem
    },
    ...options,
  })
  t.after(() => ring.close())
  return ring
}

function parse(token: string): CompactJws {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const decode = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())
  return {
    header: decode(header) as CompactJws['header'],
    claims: decode(payload) as CompactJws['claims'],
    signingInput: `${header}.${payload}`,
    signature: Buffer.from(signature, 'base64url'),
  }
}

function kidOf(token: string): string | undefined {
  return parse(token).header.kid
}

function published(ring: KeyRing): readonly Readonly<Record<string, string>>[] {
  return (JSON.parse(ring.jwks()) as { readonly keys: readonly Readonly<Record<string, string>>[] }).keys
}
