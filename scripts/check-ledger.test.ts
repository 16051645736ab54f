import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkLedger } from './check-ledger.ts'

const ledger = (rows: string) => new Map([['conformance/rfc8705.md', `| id | § | how |\n|---|---|---|\n${rows}\n`]])
const tests = (text: string) => new Map([['a.test.ts', text]])

test('a ledger row that a test names is content', () => {
  assert.deepEqual(checkLedger(ledger('| M5 | 2.1 | held |'), tests(`test('RFC8705-M5 chain')`)), [])
})

test('a ledger row without a test is a problem', () => {
  assert.equal(checkLedger(ledger('| M5 | 2.1 | held |'), tests('')).length, 1)
})

test('a ledger row may say why it has no test', () => {
  assert.deepEqual(checkLedger(ledger('| M33 | 8 | no test: nothing to do |'), tests('')), [])
})

test('an excuse beside an existing test is a problem', () => {
  assert.equal(checkLedger(ledger('| M5 | 2.1 | no test: later |'), tests(`test('RFC8705-M5 chain')`)).length, 1)
})

test('a test that names an unknown requirement is a problem', () => {
  assert.equal(
    checkLedger(ledger('| M5 | 2.1 | held |'), tests(`test('RFC8705-M5 a'); test('RFC8705-M99 b')`)).length,
    1,
  )
})
