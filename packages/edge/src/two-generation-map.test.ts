import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { twoGenerationMap } from './two-generation-map.ts'

test('what is asked for stays, what nobody asks for goes', () => {
  const map = twoGenerationMap<number>({ entries: 20, bytes: 1000 })
  map.set('kept', 1, 1)
  for (let index = 0; index < 100; index++) {
    map.set(`other ${index}`, index, 1)
    assert.equal(map.get('kept'), 1)
  }
  assert.equal(map.get('other 0'), undefined)
  assert.equal(map.get('other 99'), 99)
})

test('bytes bound it as well as entries, and one entry cannot take more than half', () => {
  const map = twoGenerationMap<string>({ entries: 1000, bytes: 100 })
  map.set('large', 'x', 51)
  assert.equal(map.get('large'), undefined)
  for (let index = 0; index < 10; index++) map.set(`${index}`, 'x', 25)
  const left = Array.from({ length: 10 }, (_, index) => map.get(`${index}`)).filter((value) => value !== undefined)
  assert.ok(left.length >= 2 && left.length <= 4, `${left.length} of 4 that fit`)
  assert.equal(map.get('9'), 'x')
})

test('whatever is set and asked for, an answer is the last value of its key, and the bounds hold', () => {
  const step = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 40 }), fc.boolean())
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const map = twoGenerationMap<number>({ entries: 10, bytes: 120 })
      const last = new Map<number, number>()
      for (const [key, bytes, write] of steps) {
        if (write) {
          map.set(`${key}`, bytes, bytes)
          last.set(key, bytes)
        }
        const value = map.get(`${key}`)
        if (value !== undefined) assert.equal(value, last.get(key))
      }
      let kept = 0
      for (const key of last.keys()) if (map.get(`${key}`) !== undefined) kept++
      assert.ok(kept <= 10)
    }),
  )
})
