import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { createRandomIdentifiers } from './random-identifiers.ts'

test('identifiers have 144 bits, tokens 256, and none comes twice', () => {
  const random = createRandomIdentifiers()
  const identifiers = Array.from({ length: 5_000 }, () => random.identifier())
  assert.ok(identifiers.every((text) => Buffer.from(text, 'base64url').length === 18))
  const tokens = Array.from({ length: 5_000 }, () => random.create().token)
  assert.ok(tokens.every((token) => Buffer.from(token.slice(11), 'base64url').length === 32))
  assert.equal(new Set([...identifiers, ...tokens, ...tokens.map((token) => token.slice(11))]).size, 15_000)
})

test('the digest of a token holds nothing of its secret but the SHA-256, and sorts by the time of making', () => {
  let now = 1_767_225_600_000
  const random = createRandomIdentifiers(() => now)
  const made = Array.from({ length: 100 }, () => {
    now += 17
    return random.create()
  })
  for (const { token, digest } of made) {
    assert.equal(random.digest(token), digest)
    assert.equal(digest.slice(11), createHash('sha256').update(token).digest('base64url'))
    assert.ok(!digest.includes(token.slice(11)))
  }
  const digests = made.map(({ digest }) => digest)
  assert.deepEqual(digests.toSorted(), digests)
})

test('any text has a digest, and different texts have different ones', () => {
  const random = createRandomIdentifiers()
  const texts = ['', 'x', '\u0000', 'ü'.repeat(100), 'x'.repeat(10_000)]
  assert.equal(new Set(texts.map((text) => random.digest(text))).size, texts.length)
})
