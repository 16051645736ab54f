import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LimboCase } from './limbo-case.ts'
import { runSuite } from './run-suite.ts'
import { readVectors } from './vectors.ts'

const limbo = readVectors('x509/limbo.json.gz') as { readonly testcases: readonly LimboCase[] } | undefined
const cases = limbo?.testcases ?? []
const skip = limbo === undefined
const isPublicWeb = ({ id }: LimboCase): boolean => id.startsWith('webpki::')

test('x509-limbo, strict profile: every case outside webpki passes, none hangs', { skip }, async () => {
  const report = await runSuite(
    'limbo-strict',
    cases.filter((limboCase) => !isPublicWeb(limboCase)),
    'strict',
  )
  assert.deepEqual(report, { ...report, passed: report.cases, ...NOTHING_WRONG })
  const slow = `${report.slowest.id} took ${report.slowest.time.toFixed(1)} ms`
  assert.ok(report.slowest.time <= SLOWEST_CASE, slow)
})

test(
  'x509-limbo, interop profile: no false reject, and false accepts only where an exception says why',
  { skip },
  async () => {
    const report = await runSuite(
      'limbo-interop',
      cases.filter((limboCase) => !isPublicWeb(limboCase)),
      'interop',
    )
    assert.deepEqual(report, { ...report, ...NOTHING_WRONG })
  },
)

test('x509-limbo, rules for the public web: false accepts only where an exception says why', { skip }, async () => {
  const report = await runSuite('limbo-webpki', cases.filter(isPublicWeb), 'interop')
  assert.deepEqual(report, { ...report, ...NOTHING_WRONG })
})

const NOTHING_WRONG = { falseAccepts: [], falseRejects: [], hangs: [], unexpectedSuccesses: [] }

/** Milliseconds of the thread's own time. */
const SLOWEST_CASE = 60
