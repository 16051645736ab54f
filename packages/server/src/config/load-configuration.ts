import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import type { Configuration } from './configuration.ts'
import { configSchema } from './config-schema.ts'
import { configurationFileShape } from './configuration-file.ts'
import { formatPath } from './configuration-problem.ts'
import type { ConfigurationProblem } from './configuration-problem.ts'
import { overlay } from './environment.ts'
import type { Overlay } from './environment.ts'
import { loadApart } from './load-apart.ts'
import { packedClients } from './packed-clients.ts'
import { readDocument } from './read-document.ts'
import { readShape } from './read-shape.ts'
import type { ShapeProblem } from './read-shape.ts'
import type { UnplacedProblem } from './resolution.ts'
import { resolveConfiguration } from './resolve-configuration.ts'
import type { TakeClients } from './resolve-configuration.ts'

/** Where a configuration comes from: flag over environment over file over default. */
export interface ConfigurationSource {
  /** Path of `holdfast.yaml` or a JSON file. Relative paths inside it start at its directory. */
  readonly file: string
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Dotted path of a scalar key to its value: `{ 'store.url': 'sqlite:./x.db' }`. */
  readonly flags?: Readonly<Record<string, string>>
}

export interface ConfigurationFailure {
  readonly reason: 'configuration_invalid'
  /** All of them, in the order of the file. */
  readonly problems: readonly ConfigurationProblem[]
}

/**
 * Reads and checks the configuration, without opening what it names: certificates and keys are read when the server starts,
 * or by `checkConfiguration`.
 */
export function loadConfiguration(source: ConfigurationSource): Result<Configuration, ConfigurationFailure> {
  const loaded = sizeOf(source.file) > longestReadHere ? loadApart(source) : undefined
  if (loaded === undefined) return loadHere(source)
  if ('problems' in loaded) return failure(loaded.problems)
  const { data, clients, dangers, advice } = loaded
  const read = readShape(configurationFileShape(), data)
  if (read.value === undefined)
    throw new Error(`a file that was right is not any more: ${JSON.stringify(read.problems)}`)
  const file = resolve(source.file)
  const take: TakeClients = (_, rules) => packedClients(clients, rules)
  const resolved = resolveConfiguration(read.value, { ...source, file }, dirname(file), readText, take)
  if (!resolved.ok) return failure(resolved.failure.problems)
  return ok({ ...resolved.value, dangers, advice })
}

/** The same in this process, whatever the length; `take` gets the clients, `read` what was read. */
export function loadHere(
  source: ConfigurationSource,
  { take, read }: { readonly take?: TakeClients; readonly read?: (data: object) => void } = {},
): Result<Configuration, ConfigurationFailure> {
  const file = resolve(source.file)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const code = codeOf(error)
    return failure([bare(`cannot read ${file} (${code})`, code === 'ENOENT' ? 'holdfast init writes one' : undefined)])
  }
  if (text.length > maximumFileLength) return failure([bare('the file is longer than 64 MB')])

  const document = readDocument(text)
  if (document.problems.length > 0) return failure(document.problems)
  const directory = dirname(file)
  const laid = overlay(document.data, source.environment ?? {}, source.flags ?? {}, configSchema, (path) =>
    readSecret(resolve(directory, path)),
  )
  const { value, problems: misfits } = readShape(configurationFileShape(), laid.data)
  const issues = misfits.map((misfit) => named(misfit, laid))
  if (value === undefined) return failure(withLines([...laid.problems, ...issues], document.lineOf))
  read?.(laid.data as object)
  const resolved = resolveConfiguration(value, { ...source, file }, directory, readText, take)
  const problems = [...laid.problems, ...issues, ...(resolved.ok ? [] : resolved.failure.problems)]
  if (problems.length > 0 || !resolved.ok) return failure(withLines(problems, document.lineOf))
  return ok(resolved.value)
}

/** Looks up the lines of problems that were found after the file was read. */
export function placeProblems(
  source: ConfigurationSource,
  problems: readonly UnplacedProblem[],
): readonly ConfigurationProblem[] {
  return withLines(problems, readDocument(readText(source.file) ?? '').lineOf)
}

/** A value that did not come from the file is named by where it came from. */
function named({ at, problem, ...rest }: ShapeProblem, laid: Overlay): UnplacedProblem {
  const overlaid = laid.values.find((value) => value.path.join('.') === at.join('.'))
  const from = overlaid === undefined ? '' : ` (from ${overlaid.source})`
  return { at, path: formatPath(at), line: undefined, problem: problem + from, ...rest }
}

function withLines(
  problems: readonly UnplacedProblem[],
  lineOf: (path: readonly PropertyKey[]) => number | undefined,
): readonly ConfigurationProblem[] {
  return problems
    .map(({ at, ...problem }) => ({ ...problem, line: at === undefined ? problem.line : lineOf(at) }))
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
}

function failure(problems: readonly ConfigurationProblem[]): Result<never, ConfigurationFailure> {
  return fail({ reason: 'configuration_invalid', problems })
}

function bare(problem: string, hint?: string): ConfigurationProblem {
  return { path: '', line: undefined, problem, expected: undefined, hint }
}

/** 0 when there is no such file: who reads it says what is wrong. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function readSecret(path: string): Result<string, { readonly path: string; readonly code: string }> {
  try {
    return ok(readFileSync(path, 'utf8'))
  } catch (error) {
    return fail({ path, code: codeOf(error) })
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
}

/** Ten thousand clients. */
const longestReadHere = 4 * 1024 * 1024

/** A hundred thousand clients take about 40 MB. */
const maximumFileLength = 64 * 1024 * 1024
