import type { ConfigurationProblem } from '@holdfast/server'

/**
 * The first problems, each once: one fault in YAML can make the same complaint many times, and one fault in a generated file as
 * many as it has clients. The last line says how many there are besides.
 */
export function problemsText(problems: readonly ConfigurationProblem[], file: string): readonly string[] {
  const told = differentProblems(problems, file)
  return told.length <= maximumTold ? told : [...told.slice(0, maximumTold), `… and ${more(told.length - maximumTold)}`]
}

function more(count: number): string {
  return count === 1 ? '1 more problem' : `${count} more problems`
}

/** How many different ones there are. */
export function problemCount(problems: readonly ConfigurationProblem[], file: string): number {
  return differentProblems(problems, file).length
}

function differentProblems(problems: readonly ConfigurationProblem[], file: string): readonly string[] {
  return [...new Set(problems.map((problem) => problemText(problem, file)))]
}

/** One problem, as `file:line  path: problem, expected …`, and its hint on a line of its own. */
function problemText(problem: ConfigurationProblem, file: string): string {
  const place = problem.line === undefined ? file : `${file}:${problem.line}`
  const path = problem.path === '' ? '' : `${problem.path}: `
  const expected = problem.expected === undefined ? '' : `, expected ${problem.expected}`
  const hint = problem.hint === undefined ? '' : `\n  hint: ${problem.hint}`
  return `${place}: ${path}${problem.problem}${expected}${hint}`
}

/** More than one mends before looking again; a terminal still shows the first. */
export const maximumTold = 50
