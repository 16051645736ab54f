import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { createVerifiedTokenCache } from './verified-token-cache.ts'

test('an entry is found under the whole token, until it is dropped', () => {
  const cache = createVerifiedTokenCache<number>({ entries: 10, bytes: 1e6 })
  cache.keep('token', 1)
  assert.equal(cache.find('token'), 1)
  assert.equal(cache.find('token2'), undefined)
  cache.drop('token')
  assert.equal(cache.find('token'), undefined)
})

test('whatever is kept and looked for, neither bound is passed', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('keep', 'find'), fc.nat(60)), { maxLength: 300 })
  fc.assert(
    fc.property(
      steps,
      fc.integer({ min: 1, max: 2000 }),
      fc.nat(40),
      fc.nat(60_000),
      (list, length, entries, bytes) => {
        const cache = createVerifiedTokenCache<number>({ entries, bytes })
        for (const [step, number] of list) {
          const token = String(number).padStart(length, 'x')
          if (step === 'keep') cache.keep(token, number)
          else assert.ok([undefined, number].includes(cache.find(token)))
          assert.ok(cache.size <= entries, `${cache.size} entries of ${entries}`)
          assert.ok(cache.size * length * 3 <= bytes, `${cache.size} tokens of ${length} in ${bytes}`)
        }
      },
    ),
  )
})

test('what is used stays, what is not used goes', () => {
  const cache = createVerifiedTokenCache<number>({ entries: 10, bytes: 1e6 })
  cache.keep('used', 0)
  cache.keep('unused', 0)
  for (let index = 0; index < 30; index += 1) {
    cache.keep(String(index), index)
    cache.find('used')
  }
  assert.equal(cache.find('used'), 0)
  assert.equal(cache.find('unused'), undefined)
})

test('a token that is longer than the half of all room is not kept', () => {
  const cache = createVerifiedTokenCache<number>({ entries: 10, bytes: 2000 })
  cache.keep('x'.repeat(1000), 1)
  assert.equal(cache.size, 0)
})
