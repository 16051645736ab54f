import type * as z from 'zod'
import { formatPath } from './configuration-problem.ts'
import type { Overlay } from './environment.ts'
import { nearestName } from './nearest-name.ts'
import type { UnplacedProblem } from './resolution.ts'

type JsonSchema = Readonly<Record<string, unknown>>

/** The schema's complaints in our words. A value is repeated only where it cannot be a secret. */
export function configurationIssues(
  issues: readonly z.core.$ZodIssue[],
  schema: JsonSchema,
  laid: Overlay,
): readonly UnplacedProblem[] {
  return issues.flatMap((issue) => problemsOf(issue, schema, laid))
}

function problemsOf(issue: z.core.$ZodIssue, schema: JsonSchema, laid: Overlay): readonly UnplacedProblem[] {
  const path = issue.path
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path)
    return issue.keys.map((key) => {
      const nearest = nearestName(key, known)
      const hint = nearest === undefined ? `known here: ${known.join(', ')}` : `did you mean ${nearest}?`
      return problem([...path, key], 'unknown key', undefined, hint, laid)
    })
  }
  const value = valueAt(laid.data, path)
  if (value === undefined) return [problem(path, 'missing', describe(issue), undefined, laid)]
  if (issue.code === 'invalid_key') {
    return [problem(path, 'not a usable name', issue.issues[0]?.message, undefined, laid)]
  }
  if (issue.code === 'invalid_value') {
    const options = issue.values.map(String)
    const nearest = typeof value === 'string' ? nearestName(value, options) : undefined
    return [
      problem(path, `not ${shown(path, value)}`, options.join(' | '), nearest && `did you mean ${nearest}?`, laid),
    ]
  }
  return [problem(path, `not ${shown(path, value)}`, describe(issue), undefined, laid)]
}

function problem(
  at: readonly PropertyKey[],
  text: string,
  expected: string | undefined,
  hint: string | undefined,
  laid: Overlay,
): UnplacedProblem {
  const overlaid = laid.values.find((value) => value.path.join('.') === at.join('.'))
  const from = overlaid === undefined ? '' : ` (from ${overlaid.source})`
  return { at, path: formatPath(at), line: undefined, problem: text + from, expected, hint }
}

function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'record' ? 'a mapping' : issue.expected === 'object' ? 'a mapping' : issue.expected
    case 'too_small':
      return issue.origin === 'array' ? `at least ${String(issue.minimum)} entry` : `at least ${String(issue.minimum)}`
    case 'too_big':
      return `at most ${String(issue.maximum)}`
    default:
      return issue.message
  }
}

function shown(path: readonly PropertyKey[], value: unknown): string {
  const key = path.findLast((part) => typeof part === 'string')
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a mapping'
  if (typeof key === 'string' && secretKeys.has(key)) return `this ${typeof value}`
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let at = data
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = (at as Record<PropertyKey, unknown>)[part]
  }
  return at
}

function keysAt(schema: JsonSchema, path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = schema
  for (const part of path) {
    if (!isRecord(at)) return []
    const properties = at['properties']
    at =
      typeof part === 'number'
        ? at['items']
        : (isRecord(properties) && properties[String(part)]) || at['additionalProperties']
  }
  return isRecord(at) && isRecord(at['properties']) ? Object.keys(at['properties']) : []
}

function isRecord(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const secretKeys = new Set(['client_secret', 'client_secret_hash', 'proxy-secret', 'url', 'jwks', 'd', 'k', 'p', 'q'])
