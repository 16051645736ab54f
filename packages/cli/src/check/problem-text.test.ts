import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConfigurationProblem } from '@holdfast/server'
import { problemCount, problemsText } from './problem-text.ts'

const problems = (count: number): readonly ConfigurationProblem[] =>
  Array.from({ length: count }, (_, at) => ({
    path: `clients[${at}].trust`,
    line: at + 1,
    problem: 'no such trust profile',
    expected: undefined,
    hint: 'one of partners',
  }))

test('a list of problems ends, and says how many more there are', () => {
  const told = problemsText(problems(100_000), 'holdfast.yaml')
  assert.equal(told.length, 51)
  assert.equal(told[0], 'holdfast.yaml:1: clients[0].trust: no such trust profile\n  hint: one of partners')
  assert.equal(told.at(-1), '… and 99950 more problems')
  assert.equal(problemCount(problems(100_000), 'holdfast.yaml'), 100_000)
})

test('what fits is told whole, each problem once', () => {
  const told = problemsText([...problems(50), ...problems(50)], 'holdfast.yaml')
  assert.equal(told.length, 50)
  assert.equal(problemCount([...problems(50), ...problems(50)], 'holdfast.yaml'), 50)
})
