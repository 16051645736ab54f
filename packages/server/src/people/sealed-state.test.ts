import assert from 'node:assert/strict'
import { createSecretKey, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { fixedClock } from '@holdfast/testkit'
import fc from 'fast-check'
import { createSealedState } from './sealed-state.ts'

const clock = fixedClock()
const old = createSecretKey(randomBytes(32))
const sealed = createSealedState([createSecretKey(randomBytes(32)), old], clock)

test('what was sealed comes out for the same purpose until its end, and for nothing else', () => {
  const text = sealed.seal('ticket a', { interaction: 'x' }, 60)
  assert.equal(sealed.open('ticket a', text)?.['interaction'], 'x')
  assert.equal(sealed.open('ticket b', text), undefined)
  clock.advance(60)
  assert.equal(sealed.open('ticket a', text), undefined)
})

test('a master key of before opens and proves what it sealed, another one nothing', () => {
  const before = createSealedState([old], clock)
  assert.notEqual(sealed.open('p', before.seal('p', {}, 60)), undefined)
  assert.ok(sealed.isProof('p', 'text', before.proof('p', 'text')))
  const other = createSealedState([createSecretKey(randomBytes(32))], clock)
  assert.equal(sealed.open('p', other.seal('p', {}, 60)), undefined)
  assert.ok(!sealed.isProof('p', 'text', other.proof('p', 'text')))
})

test('a proof is for one purpose and one text: where the one ends and the other begins cannot be moved', () => {
  assert.ok(!sealed.isProof('pt', 'ext', sealed.proof('p', 'text')))
  assert.ok(!sealed.isProof('p', 'text', undefined))
})

test('whatever a stranger sends is nothing', () => {
  fc.assert(fc.property(fc.string(), (text) => sealed.open('p', text) === undefined && !sealed.isProof('p', 't', text)))
  const text = sealed.seal('p', {}, 60)
  const changed = (text.startsWith('A') ? 'B' : 'A') + text.slice(1)
  assert.equal(sealed.open('p', changed), undefined)
})
