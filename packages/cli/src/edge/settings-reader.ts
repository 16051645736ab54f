import { nearestName } from '@holdfast/server'
import type { ConfigurationDocument, ConfigurationProblem } from '@holdfast/server'

export type Path = readonly (string | number)[]

/** Reads plain data that a person wrote and keeps what is wrong with it; `undefined` where a value is missing or wrong. */
export interface SettingsReader {
  readonly problems: readonly ConfigurationProblem[]
  report(at: Path, problem: string, hint?: string): undefined
  /** An object with these keys only; empty where it is none. */
  object(at: Path, value: unknown, known: readonly string[] | undefined): Readonly<Record<string, unknown>>
  /** The elements of a list, or the one value. */
  list(at: Path, value: unknown): readonly unknown[]
  text(at: Path, value: unknown): string | undefined
  choice<Choice extends string>(at: Path, value: unknown, choices: readonly Choice[]): Choice | undefined
  /** A whole number; of seconds as such or as `15m`, in milliseconds. */
  number(at: Path, value: unknown, unit: 'seconds' | 'count'): number | undefined
}

export function settingsReader(lineOf: ConfigurationDocument['lineOf']): SettingsReader {
  const problems: ConfigurationProblem[] = []

  function report(at: Path, problem: string, hint?: string): undefined {
    problems.push({ path: pathText(at), line: lineOf(at), problem, expected: undefined, hint })
  }

  return {
    problems,
    report,
    object(at, value, known) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        report(at, 'not a mapping')
        return {}
      }
      for (const key of known === undefined ? [] : Object.keys(value)) {
        if (known?.includes(key) === true) continue
        const near = nearestName(key, known ?? [])
        report(
          [...at, key],
          'unknown key',
          near === undefined ? `known here: ${known?.join(', ')}` : `did you mean ${near}?`,
        )
      }
      return value as Readonly<Record<string, unknown>>
    },
    list: (_, value) => (value === undefined ? [] : Array.isArray(value) ? (value as readonly unknown[]) : [value]),
    text(at, value) {
      if (value === undefined || (typeof value === 'string' && value !== '' && !/[\0-\x1f\x7f]/.test(value)))
        return value
      return report(at, 'not a text')
    },
    choice(at, value, choices) {
      const found = choices.find((choice) => choice === value)
      if (found === undefined && value !== undefined) report(at, `not one of ${choices.join(', ')}`)
      return found
    },
    number(at, value, unit) {
      if (value === undefined) return undefined
      const parts = /^([0-9]{1,12})(s|m|h)?$/.exec(
        typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '',
      )
      if (parts === null || (unit === 'count' && parts[2] !== undefined) || Number(parts[1]) === 0) {
        return report(
          at,
          unit === 'count' ? 'not a number above 0' : 'not a duration',
          unit === 'count' ? undefined : '30s, 5m',
        )
      }
      return Number(parts[1]) * (unit === 'count' ? 1 : 1000 * (secondsPer[parts[2] ?? 's'] ?? 1))
    },
  }
}

function pathText(at: Path): string {
  return at.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('')
}

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }
