/** One thing that is wrong with the configuration. Never holds a secret. */
export interface ConfigurationProblem {
  /** Where, as it would be written: `clients[0].tls_client_auth_san_dns`; empty for the whole file. */
  readonly path: string
  /** Line in the file, from 1, where the file has one. */
  readonly line: number | undefined
  /** What is wrong: lower case, no full stop. */
  readonly problem: string
  readonly expected: string | undefined
  readonly hint: string | undefined
}

/** `listeners[0].tls.key` from `['listeners', 0, 'tls', 'key']`; keys with dots are quoted. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else if (/^[A-Za-z0-9_-]+$/.test(String(part))) text += (text === '' ? '' : '.') + String(part)
    else text += `[${JSON.stringify(String(part))}]`
  }
  return text
}

/** `holdfast.yaml:12: issuer: must be https` and the hint on a line of its own. */
export function formatProblem(problem: ConfigurationProblem, file: string): string {
  const place = problem.line === undefined ? file : `${file}:${problem.line}`
  const subject = problem.path === '' ? '' : ` ${problem.path}:`
  const expected = problem.expected === undefined ? '' : `, expected ${problem.expected}`
  const hint = problem.hint === undefined ? '' : `\n  hint: ${problem.hint}`
  return `${place}:${subject} ${problem.problem}${expected}${hint}`
}
