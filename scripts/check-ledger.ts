/**
 * Holds the ledgers in conformance/ and the test names against each other.
 *
 * A requirement without a test is a promise nobody keeps; a test that names a requirement which no ledger has is a promise nobody
 * made. Every ledger row `| M5 | … |` in conformance/rfc8705.md stands for the id `RFC8705-M5`, in conformance/openid-core.md for
 * `OPENID-CORE-M5`; a row must be named by at least one test, or say `no test:` with a reason in its last cell.
 */
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

export interface LedgerProblem {
  readonly id: string
  readonly problem: string
}

/** Compares ledgers (name → text) with test sources (path → text). */
export function checkLedger(
  ledgers: ReadonlyMap<string, string>,
  tests: ReadonlyMap<string, string>,
): readonly LedgerProblem[] {
  const rows = new Map<string, boolean>()
  for (const [name, text] of ledgers)
    for (const line of text.split('\n')) {
      const id = /^\|\s*([A-Z]\d+[a-z]?)\s*\|/.exec(line)?.[1]
      if (id !== undefined) rows.set(`${prefixOf(name)}-${id}`, /\bno test: \S/.test(line))
    }
  const named = new Map<string, string>()
  for (const [path, text] of tests)
    for (const match of text.matchAll(/['"`\s]([A-Z][A-Z0-9-]*-[A-Z]\d+[a-z]?)\b/g)) named.set(match[1] ?? '', path)

  const problems: LedgerProblem[] = []
  for (const [id, excused] of rows) {
    if (!named.has(id) && !excused)
      problems.push({ id, problem: 'no test bears this id, and the ledger gives no reason' })
    if (named.has(id) && excused)
      problems.push({ id, problem: `the ledger says "no test", but ${named.get(id) ?? ''} bears the id` })
  }
  for (const [id, path] of named)
    if (!rows.has(id) && [...ledgers.keys()].some((name) => id.startsWith(`${prefixOf(name)}-`)))
      problems.push({ id, problem: `named in ${path}, but no ledger has it` })
  return problems
}

function prefixOf(ledger: string): string {
  return basename(ledger, '.md').toUpperCase()
}

function read(pattern: string): ReadonlyMap<string, string> {
  return new Map(globSync(pattern).map((path) => [path, readFileSync(path, 'utf8')]))
}

if (import.meta.main) {
  const tests = new Map([...read('packages/*/{src,conformance}/**/*.test.ts'), ...read('conformance/**/*.test.ts')])
  const problems = checkLedger(read('conformance/*.md'), tests)
  for (const { id, problem } of problems) process.stderr.write(`ledger: ${id}: ${problem}\n`)
  process.exit(problems.length === 0 ? 0 : 1)
}
