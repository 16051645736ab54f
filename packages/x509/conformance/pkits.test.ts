import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LimboCase } from './limbo-case.ts'
import { runSuite } from './run-suite.ts'
import { readVectors } from './vectors.ts'

const pkits = readVectors('x509/pkits.json.gz') as { readonly testcases: readonly LimboCase[] } | undefined

test('NIST PKITS: every case passes but those that need DSA', { skip: pkits === undefined }, async () => {
  const report = await runSuite('pkits', pkits?.testcases ?? [], 'interop')
  assert.deepEqual(report, { ...report, falseAccepts: [], falseRejects: [], hangs: [], unexpectedSuccesses: [] })
})
