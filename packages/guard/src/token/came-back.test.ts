import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'

import { createCameBack } from './came-back.ts'

test('a token comes back when it comes a second time, not when it comes first', () => {
  const cameBack = createCameBack()
  const tokens = Array.from({ length: 100 }, () => randomBytes(64).toString('base64url'))
  const early = tokens.filter((token) => cameBack(token))
  const again = tokens.filter((token) => cameBack(token))
  assert.deepEqual(early, [])
  // Two of a hundred may meet in one slot and push each other out; they are let in when they come once more.
  assert.ok(again.length >= 95, String(again.length))
})

test('short and strange texts are no trouble', () => {
  const cameBack = createCameBack()
  for (const token of ['', 'a', '\u{1f600}', 'x'.repeat(16_384)]) {
    assert.equal(cameBack(token), false)
    assert.equal(cameBack(token), true)
  }
})
