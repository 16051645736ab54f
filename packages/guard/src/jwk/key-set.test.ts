import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { test } from 'node:test'

import { jwsAlgorithms } from '@holdfast/core'
import type { SigningAlgorithm } from '@holdfast/core'
import fc from 'fast-check'

import { chooseKey, holdsKey, keySet } from './key-set.ts'

const ec = exported(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)
const otherEc = exported(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)
const ed = exported(generateKeyPairSync('ed25519').publicKey)
const rsa = exported(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey)
const p384 = exported(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey)

test('each kind of key serves its own algorithms only', () => {
  const set = imported([
    { ...ec, kid: 'a' },
    { ...ed, kid: 'b' },
    { ...rsa, kid: 'c' },
  ])
  assert.deepEqual(
    set.keys.map(({ algorithm, keyId }) => `${keyId}:${algorithm}`),
    ['a:ES256', 'b:EdDSA', 'c:PS256', 'c:RS256'],
  )
})

test('alg, use and key_ops of the key restrict it', () => {
  const set = imported([
    { ...rsa, kid: 'a', alg: 'PS256', use: 'sig', key_ops: ['verify'] },
    { ...ec, kid: 'b', alg: 'ES384' },
    { ...ec, kid: 'c', use: 'enc' },
    { ...ec, kid: 'd', key_ops: ['sign'] },
    { ...ed, kid: 'e', alg: 'Ed25519' },
  ])
  assert.deepEqual(
    set.keys.map(({ algorithm, keyId }) => `${keyId}:${algorithm}`),
    ['a:PS256', 'e:EdDSA'],
  )
  assert.deepEqual(set.refused, [
    { reason: 'jwk_kind_unknown', keyId: 'b' },
    { reason: 'jwk_not_for_signatures', keyId: 'c' },
    { reason: 'jwk_not_for_signatures', keyId: 'd' },
  ])
})

test('a key that cannot be used is left out, the others stay', () => {
  const set = imported([
    null,
    p384,
    { kty: 'oct', k: 'AAAA' },
    { ...ec, d: 'AAAA' },
    { ...ec, x: `${ec['x']}=` },
    { ...ec, y: otherEc['y'] },
    { ...rsa, n: Buffer.alloc(128, 0xab).toString('base64url') },
    { ...rsa, e: 'AQ' },
    { ...ed, kid: 'good' },
  ])
  assert.deepEqual(
    set.keys.map(({ keyId }) => keyId),
    ['good'],
  )
  assert.deepEqual(
    set.refused.map(({ reason }) => reason),
    [
      ...['jwk_not_an_object', 'jwk_kind_unknown', 'jwk_kind_unknown', 'jwk_private', 'jwk_malformed', 'jwk_malformed'],
      ...['jwk_weak', 'jwk_weak'],
    ],
  )
})

test('different keys under one kid are both left out; the same key twice is one', () => {
  const set = imported([
    { ...ec, kid: 'a' },
    { ...otherEc, kid: 'a' },
    { ...ed, kid: 'b' },
    { ...ed, kid: 'b' },
  ])
  assert.deepEqual(
    set.keys.map(({ keyId }) => keyId),
    ['b'],
  )
  assert.deepEqual(set.refused, [
    { reason: 'jwk_ambiguous', keyId: 'a' },
    { reason: 'jwk_ambiguous', keyId: 'a' },
  ])
})

test('the header chooses among what the keys and the list allow, and nothing else', () => {
  const set = imported([
    { ...ec, kid: 'a' },
    { ...otherEc, kid: 'b' },
    { ...rsa, kid: 'c' },
  ])
  const chosen = (algorithm: string, keyId?: string, allowed: readonly SigningAlgorithm[] = jwsAlgorithms): string => {
    const key = chooseKey(set, allowed, algorithm, keyId)
    return key.ok ? `${key.value.keyId}:${key.value.algorithm}` : key.failure.reason
  }
  assert.equal(chosen('ES256', 'a'), 'a:ES256')
  assert.equal(chosen('PS256'), 'c:PS256')
  assert.equal(chosen('ES256'), 'token_key_unknown')
  assert.equal(chosen('ES256', 'c'), 'token_key_unknown')
  assert.equal(chosen('ES256', 'A'), 'token_key_unknown')
  for (const algorithm of ['none', 'HS256', 'ES384', 'es256', ''])
    assert.equal(chosen(algorithm, 'a'), 'token_algorithm_not_allowed')
  assert.equal(chosen('RS256', 'c', ['ES256']), 'token_algorithm_not_allowed')
})

test('a key is held by a later set only when it is published unchanged', () => {
  const [key] = imported([{ ...ec, kid: 'a' }]).keys
  assert.ok(key)
  assert.equal(
    holdsKey(
      imported([
        { ...ed, kid: 'x' },
        { ...ec, kid: 'a' },
      ]),
      key,
    ),
    true,
  )
  assert.equal(holdsKey(imported([{ ...otherEc, kid: 'a' }]), key), false)
  assert.equal(holdsKey(imported([{ ...ec, kid: 'b' }]), key), false)
})

test('no document makes it throw', () => {
  const member = fc.dictionary(
    fc.constantFrom('kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use', 'key_ops', 'd'),
    fc.anything(),
  )
  fc.assert(
    fc.property(
      fc.oneof(fc.anything(), fc.record({ keys: fc.array(member) })),
      (jwks) => void keySet(jwks, jwsAlgorithms),
    ),
  )
  for (const jwks of [undefined, null, {}, { keys: {} }, { keys: Array(101).fill({}) }]) {
    assert.deepEqual(keySet(jwks, jwsAlgorithms), { ok: false, failure: { reason: 'jwks_malformed' } })
  }
})

function imported(keys: readonly unknown[]) {
  const set = keySet({ keys }, jwsAlgorithms)
  assert.ok(set.ok)
  return set.value
}

function exported(key: KeyObject): Record<string, string> {
  return key.export({ format: 'jwk' }) as Record<string, string>
}
