import type { ConfigurationProblem } from '@holdfast/server'

/** All problems, each once: one fault in YAML can make the same complaint many times. */
export function problemsText(problems: readonly ConfigurationProblem[], file: string): readonly string[] {
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
