/**
 * Holds docs/attacks.md against the tests that it names.
 *
 * The page says of each known attack which test holds our answer. Tests are renamed and removed; a page that names one that is
 * no longer there promises what nobody checks. A test is named as `` `path/of/file.test.ts: its name` ``, the name as it stands
 * in the source, with the `${…}` of a template. A row without such a name must say `no test:` with a reason in its last cell.
 */
import { readFileSync } from 'node:fs'

export interface AttackProblem {
  readonly line: number
  readonly problem: string
}

/** Compares the page with the test files it names; `read` answers the text of a file, `undefined` when there is none. */
export function checkAttacks(page: string, read: (path: string) => string | undefined): readonly AttackProblem[] {
  const problems: AttackProblem[] = []
  const lines = page.split('\n')
  for (const [index, line] of lines.entries()) {
    const report = (problem: string): void => void problems.push({ line: index + 1, problem })
    const named = [...line.matchAll(/`([^`\s]+\.test\.ts): ([^`]+)`/g)]
    for (const [, path = '', name = ''] of named) {
      const source = read(path)
      if (source === undefined) report(`there is no file ${path}`)
      else if (!testNames(source).has(name.trim())) report(`${path} has no test called "${name.trim()}"`)
    }
    if (isRow(line, lines[index + 1]) && named.length === 0 && !/\bno test: \S[^|]*\|\s*$/.test(line))
      report('an attack without a test, and without a reason why there is none')
  }
  if (!lines.some((line) => line.startsWith('|'))) problems.push({ line: 1, problem: 'the page has no table' })
  return problems
}

/** A line of a table that is neither its head nor the rule below it. */
function isRow(line: string, next: string | undefined): boolean {
  return line.startsWith('|') && !isRule(line) && !isRule(next ?? '')
}

function isRule(line: string): boolean {
  return /^\|[\s|:-]+\|\s*$/.test(line)
}

/** The first argument of each `test(…)`, as written between its quotes. */
function testNames(source: string): ReadonlySet<string> {
  const calls = source.matchAll(
    /\b(?:test|it)\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g,
  )
  return new Set([...calls].map(([, single, double, template]) => (single ?? double ?? template ?? '').trim()))
}

if (import.meta.main) {
  const read = (path: string): string | undefined => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return undefined
    }
  }
  const page = 'docs/attacks.md'
  const problems = checkAttacks(read(page) ?? '', read)
  for (const { line, problem } of problems) process.stderr.write(`attacks: ${page}:${line}: ${problem}\n`)
  process.exit(problems.length === 0 ? 0 : 1)
}
