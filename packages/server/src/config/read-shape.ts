import { nearestName } from './nearest-name.ts'
import type { Members, Shape } from './shape.ts'

/** Something that does not fit, in words that repeat a value only where it cannot be a secret. */
export interface ShapeProblem {
  readonly at: readonly PropertyKey[]
  /** Lower case, no full stop. */
  readonly problem: string
  readonly expected: string | undefined
  readonly hint: string | undefined
}

export interface ReadShape<Value> {
  /** With defaults and without unknown keys; `undefined` when something known does not fit. */
  readonly value: Value | undefined
  /** All of them; an unknown key does not hide what is wrong with the known ones. */
  readonly problems: readonly ShapeProblem[]
}

/** Reads plain data by its shape. `data` is left as it is. */
export function readShape<Value>(shape: Shape<Value>, data: unknown): ReadShape<Value> {
  const reading: Reading = { problems: [], unfit: 0 }
  const value = read(shape, data, [], reading)
  return { value: reading.unfit === 0 ? (value as Value) : undefined, problems: reading.problems }
}

interface Reading {
  readonly problems: ShapeProblem[]
  /** How many of the problems are more than an unknown key. */
  unfit: number
}

type Path = readonly PropertyKey[]

function read(shape: Shape, data: unknown, at: Path, reading: Reading): unknown {
  switch (shape.kind) {
    case 'anything':
      return data
    case 'text':
      if (typeof data !== 'string') return unfit(data, at, 'string', reading)
      if (data.length < shape.atLeast) return unfit(data, at, `at least ${shape.atLeast}`, reading)
      if (data.length > shape.atMost) return unfit(data, at, `at most ${shape.atMost}`, reading)
      if (shape.pattern?.test(data) === false)
        return unfit(data, at, shape.expected ?? `text like ${shape.pattern.source}`, reading)
      return data
    case 'whole-number':
      if (!Number.isSafeInteger(data)) return unfit(data, at, 'a whole number', reading)
      if (Number(data) < shape.atLeast) return unfit(data, at, `at least ${shape.atLeast}`, reading)
      if (Number(data) > shape.atMost) return unfit(data, at, `at most ${shape.atMost}`, reading)
      return data
    case 'boolean':
      return typeof data === 'boolean' ? data : unfit(data, at, 'true or false', reading)
    case 'one-of': {
      if (typeof data === 'string' && shape.values.includes(data)) return data
      const nearest = typeof data === 'string' ? nearestName(data, shape.values) : undefined
      return unfit(data, at, shape.values.join(' | '), reading, nearest && `did you mean ${nearest}?`)
    }
    case 'list':
      if (!Array.isArray(data)) return unfit(data, at, 'a list', reading)
      if (data.length < shape.atLeast)
        return report({ at, problem: 'empty', expected: `at least ${shape.atLeast} entry` }, reading)
      return data.map((item: unknown, index) => read(shape.of, item, [...at, index], reading))
    case 'record':
      if (!isRecord(data)) return unfit(data, at, 'a mapping', reading)
      return Object.fromEntries(
        Object.entries(data).map(([name, value]) => {
          const named = readShape(shape.name, name).problems[0]
          if (named !== undefined)
            report({ at: [...at, name], problem: 'not a usable name', expected: named.expected }, reading)
          return [name, read(shape.of, value, [...at, name], reading)]
        }),
      )
    case 'mapping':
      if (!isRecord(data)) return unfit(data, at, 'a mapping', reading)
      return readMembers(shape.members, shape.open, data, at, reading)
    case 'either': {
      for (const alternative of shape.of) {
        const { value, problems } = readShape(alternative, data)
        if (problems.length === 0) return value
      }
      const [mapping, ...further] = shape.of.filter(({ kind }) => kind === 'mapping')
      // What can only be meant as the one mapping is told what is wrong in it.
      if (mapping !== undefined && further.length === 0 && isRecord(data)) return read(mapping, data, at, reading)
      return unfit(data, at, shape.expected, reading)
    }
  }
}

function readMembers(
  members: Members,
  open: 'yes' | 'no',
  data: Readonly<Record<string, unknown>>,
  at: Path,
  reading: Reading,
): unknown {
  const entries: [string, unknown][] = []
  for (const [name, { shape, presence, default: standing }] of Object.entries(members)) {
    const value = Object.hasOwn(data, name) ? data[name] : standing
    if (value !== undefined) entries.push([name, read(shape, value, [...at, name], reading)])
    else if (presence === 'required')
      report({ at: [...at, name], problem: 'missing', expected: nameOf(shape) }, reading)
  }
  for (const name of Object.keys(data)) {
    if (Object.hasOwn(members, name)) continue
    if (open === 'yes') entries.push([name, data[name]])
    else reading.problems.push(unknownKey(name, Object.keys(members), at))
  }
  return Object.fromEntries(entries)
}

function unknownKey(name: string, known: readonly string[], at: Path): ShapeProblem {
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? `known here: ${known.join(', ')}` : `did you mean ${nearest}?`
  return { at: [...at, name], problem: 'unknown key', expected: undefined, hint }
}

function unfit(data: unknown, at: Path, expected: string, reading: Reading, hint?: string): undefined {
  report({ at, problem: `not ${shown(at, data)}`, expected, hint }, reading)
}

function report(problem: Omit<ShapeProblem, 'hint'> & { readonly hint?: string | undefined }, reading: Reading): void {
  reading.unfit++
  reading.problems.push({ hint: undefined, ...problem })
}

function nameOf(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return 'string'
    case 'whole-number':
      return 'a whole number'
    case 'boolean':
      return 'true or false'
    case 'one-of':
      return shape.values.join(' | ')
    case 'list':
      return 'a list'
    case 'either':
      return shape.expected
    case 'record':
    case 'mapping':
      return 'a mapping'
    case 'anything':
      return 'a value'
  }
}

function shown(at: Path, data: unknown): string {
  const key = at.findLast((part) => typeof part === 'string')
  if (typeof data === 'object' && data !== null) return Array.isArray(data) ? 'a list' : 'a mapping'
  if (key !== undefined && secretKeys.has(key)) return `this ${typeof data}`
  const written = JSON.stringify(data) ?? typeof data
  return written.length > 60 ? `${written.slice(0, 57)}…` : written
}

function isRecord(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}

const secretKeys: ReadonlySet<string> = new Set([
  'client_secret',
  'client_secret_hash',
  'proxy-secret',
  'previous-proxy-secret',
  'url',
  'jwks',
  'd',
  'k',
  'p',
  'q',
])
