import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'

import { createCameBack } from './came-back.ts'

const fresh = (count: number): string[] => Array.from({ length: count }, () => randomBytes(64).toString('base64url'))

test('ten thousand tokens in turn: none has been here at its first coming, all at their second', () => {
  const cameBack = createCameBack()
  const tokens = fresh(10_000)
  // Two of ten thousand may have the same mark.
  assert.ok(tokens.filter((token) => cameBack(token)).length <= 2)
  assert.equal(tokens.filter((token) => cameBack(token)).length, 10_000)
})

test('what does not come back is forgotten', () => {
  const cameBack = createCameBack()
  const [first = ''] = fresh(1)
  cameBack(first)
  for (const token of fresh(40_000)) cameBack(token)
  assert.equal(cameBack(first), false)
})

test('short and strange texts are no trouble', () => {
  const cameBack = createCameBack()
  for (const token of ['', 'a', '\u{1f600}', 'x'.repeat(16_384)]) {
    assert.equal(cameBack(token), false)
    assert.equal(cameBack(token), true)
  }
})
