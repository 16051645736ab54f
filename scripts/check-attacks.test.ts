import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkAttacks } from './check-attacks.ts'

const files: Readonly<Record<string, string>> = {
  'a.test.ts': `test('plain', () => {})\n  test(\n    "it's quoted",\n  )\nfor (;;) test(\`a \${kind} one\`, () => {})\n// test: 'commented'\n`,
}
const check = (...rows: readonly string[]): number =>
  checkAttacks(['| attack | answer | test |', '| --- | --- | --- |', ...rows].join('\n'), (path) => files[path]).length

test('a row that names tests which are there is content', () => {
  assert.equal(check('| x | y | `a.test.ts: plain` |', "| x | y | `a.test.ts: plain`, `a.test.ts: it's quoted` |"), 0)
})

test('the name of a test made of a template stands as in the source', () => {
  assert.equal(check('| x | y | `a.test.ts: a ${kind} one` |'), 0)
  assert.equal(check('| x | y | `a.test.ts: a bad one` |'), 1)
})

test('a test that is not there, or only mentioned, is a problem, and so is a file', () => {
  assert.equal(check('| x | y | `a.test.ts: other` |'), 1)
  assert.equal(check('| x | y | `a.test.ts: commented` |'), 1)
  assert.equal(check('| x | y | `a.test.ts: plai` |'), 1)
  assert.equal(check('| x | y | `b.test.ts: plain` |'), 1)
})

test('each missing test of a row is a problem of its own, named with its line', () => {
  const page = '| a | b |\n| - | - |\n| x | `a.test.ts: plain`, `a.test.ts: one`, `a.test.ts: two` |'
  assert.deepEqual(
    checkAttacks(page, (path) => files[path]).map(({ line }) => line),
    [3, 3],
  )
})

test('a row without a test must say why', () => {
  assert.equal(check('| x | y | z |'), 1)
  assert.equal(check('| x | y | no test: |'), 1)
  assert.equal(check('| x | y | no test: it is not there yet |'), 0)
})

test('a page without a table is a problem', () => {
  assert.equal(checkAttacks('', () => undefined).length, 1)
})
