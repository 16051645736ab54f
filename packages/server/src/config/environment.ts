import type { Result } from '@holdfast/x509'
import { formatPath } from './configuration-problem.ts'
import type { ConfigurationProblem } from './configuration-problem.ts'
import { nearestName } from './nearest-name.ts'

/** A value laid over the file: from where it came, for messages. */
export interface OverlaidValue {
  readonly path: readonly string[]
  readonly source: string
}

export interface Overlay {
  readonly data: unknown
  readonly values: readonly OverlaidValue[]
  readonly problems: readonly ConfigurationProblem[]
}

type JsonSchema = Readonly<Record<string, unknown>>

/**
 * Lays environment variables and flags over the data of the file: flag over environment over file.
 *
 * Every scalar key of the schema has a variable: `store.url` is `HOLDFAST_STORE_URL`, or `HOLDFAST_STORE_URL_FILE` with the
 * path of a file that holds the value; both at once contradict each other. A variable that begins like one of ours and is
 * none is a problem.
 * `schema` is asked only when there is something to lay over; `readFile` answers the text of a mounted secret, or what it tried.
 */
export function overlay(
  file: unknown,
  environment: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Record<string, string>>,
  schema: () => JsonSchema,
  readFile: (path: string) => Result<string, { readonly path: string; readonly code: string }>,
): Overlay {
  const ours = Object.keys(environment).some((variable) => variable.startsWith(prefix))
  if (!ours && Object.keys(flags).length === 0) return { data: file, values: [], problems: [] }
  const data = isRecord(file) ? (structuredClone(file) as Record<string, unknown>) : {}
  const scalars = new Map<string, ScalarKey>()
  collectScalars(schema(), [], scalars)
  const sections = new Set([...scalars.values()].map((scalar) => variableName(scalar.path.slice(0, 1))))
  const values: OverlaidValue[] = []
  const problems: ConfigurationProblem[] = []

  for (const [variable, raw] of Object.entries(environment)) {
    if (raw === undefined || !variable.startsWith(prefix)) continue
    const direct = scalars.get(variable)
    const byFile = variable.endsWith('_FILE') ? scalars.get(variable.slice(0, -'_FILE'.length)) : undefined
    if (direct !== undefined) {
      setScalar(data, direct, raw)
      values.push({ path: direct.path, source: variable })
    } else if (byFile !== undefined) {
      const text = readFile(raw)
      const beside = variable.slice(0, -'_FILE'.length)
      if (environment[beside] !== undefined)
        problems.push(problemOf(formatPath(byFile.path), `${beside} and ${variable} are both set`, 'unset one of them'))
      else if (!text.ok)
        problems.push(
          problemOf(
            formatPath(byFile.path),
            `cannot read ${text.failure.path}, named by ${variable} (${text.failure.code})`,
            'a relative path starts at the directory of the configuration file',
          ),
        )
      else setScalar(data, byFile, text.value.replace(/\r?\n$/, ''))
      values.push({ path: byFile.path, source: variable })
    } else {
      const nearest = nearestName(variable, scalars.keys())
      const like = [...sections].some((section) => variable === section || variable.startsWith(`${section}_`))
      if (!like && nearest === undefined) continue
      problems.push(problemOf('', `no setting has the variable ${variable}`, nearest && `did you mean ${nearest}?`))
    }
  }
  for (const [flag, raw] of Object.entries(flags)) {
    const scalar = [...scalars.values()].find((candidate) => candidate.path.join('.') === flag)
    if (scalar === undefined) {
      problems.push(problemOf(flag, 'no such setting'))
      continue
    }
    setScalar(data, scalar, raw)
    values.push({ path: scalar.path, source: 'flag' })
  }
  return { data, values, problems }
}

interface ScalarKey {
  readonly path: readonly string[]
  readonly types: readonly string[]
}

function collectScalars(schema: JsonSchema, path: readonly string[], into: Map<string, ScalarKey>): void {
  const properties = schema['properties']
  if (!isRecord(properties)) return
  for (const [key, value] of Object.entries(properties)) {
    if (!isRecord(value)) continue
    const here = [...path, key]
    const types = scalarTypes(value)
    if (types.length > 0) into.set(variableName(here), { path: here, types })
    else collectScalars(value, here, into)
  }
}

function scalarTypes(schema: JsonSchema): readonly string[] {
  const type = schema['type']
  const own = Array.isArray(type)
    ? type.filter((item) => typeof item === 'string')
    : typeof type === 'string'
      ? [type]
      : []
  const branches = Array.isArray(schema['anyOf']) ? schema['anyOf'].filter(isRecord).flatMap(scalarTypes) : []
  return [...own, ...branches].filter((item) => ['string', 'number', 'integer', 'boolean'].includes(item))
}

function setScalar(data: Record<string, unknown>, scalar: ScalarKey, raw: string): void {
  let at = data
  for (const key of scalar.path.slice(0, -1)) {
    const next = at[key]
    if (isRecord(next)) at = next
    else {
      const made: Record<string, unknown> = {}
      at[key] = made
      at = made
    }
  }
  at[scalar.path.at(-1) ?? ''] = scalarValue(scalar.types, raw)
}

/** The value in the type the schema asks for; what does not fit stays text, and the schema says so. */
function scalarValue(types: readonly string[], raw: string): string | number | boolean {
  if ((types.includes('integer') || types.includes('number')) && /^[0-9]{1,15}$/.test(raw)) return Number(raw)
  if (types.includes('boolean') && (raw === 'true' || raw === 'false')) return raw === 'true'
  return raw
}

function variableName(path: readonly string[]): string {
  return prefix + path.join('_').replaceAll('-', '_').toUpperCase()
}

function problemOf(path: string, problem: string, hint?: string): ConfigurationProblem {
  return { path, line: undefined, problem, expected: undefined, hint }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const prefix = 'HOLDFAST_'
