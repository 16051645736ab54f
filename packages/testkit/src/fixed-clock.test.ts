import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '@holdfast/core'
import { fixedClock } from './index.ts'

test('a fixed clock stands still until it is moved', () => {
  const clock = fixedClock(1000)
  const port: Clock = clock
  assert.deepEqual([port.now(), port.now()], [1000, 1000])
  clock.advance(30)
  assert.equal(port.now(), 1030)
})
