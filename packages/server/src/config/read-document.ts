import { constructFromEvents, EVENT_ID, getScalarValue, parseEvents, YAMLException } from 'js-yaml'
import type { Event } from 'js-yaml'
import type { ConfigurationProblem } from './configuration-problem.ts'

/** A YAML (or JSON) document as plain data that knows the line of each path. */
export interface ConfigurationDocument {
  readonly data: unknown
  readonly problems: readonly ConfigurationProblem[]
  /** Line, from 1, of the value or key at the path, or of the nearest thing around it. */
  lineOf(path: readonly PropertyKey[]): number | undefined
}

/**
 * Reads YAML 1.2, of which JSON is a part. Duplicate keys and aliases that stand for more than a person writes are problems.
 * Of the faults of the syntax the first is answered, and every duplicate key before it.
 */
export function readDocument(text: string): ConfigurationDocument {
  let events: Event[]
  try {
    events = parseEvents(text, { maxDepth: maximumDepth })
  } catch (error) {
    return broken([...duplicatesBefore(error, text), syntaxProblem(error)])
  }
  const flaw = aliasFlaw(events, text)
  if (flaw !== undefined) return broken([problemAt(1, flaw)])
  try {
    const [data, second] = constructFromEvents(events, { source: text })
    if (second !== undefined) return broken([problemAt(1, 'more than one YAML document')])
    return { data: data ?? {}, problems: [], lineOf: lineFinder(events, text) }
  } catch (error) {
    const duplicates = duplicateKeys(events, text)
    return broken(duplicates.length > 0 ? duplicates : [syntaxProblem(error)])
  }
}

function broken(problems: readonly ConfigurationProblem[]): ConfigurationDocument {
  return { data: {}, problems, lineOf: () => undefined }
}

function problemAt(line: number, problem: string, hint?: string): ConfigurationProblem {
  return { path: '', line, problem, expected: undefined, hint }
}

function syntaxProblem(error: unknown): ConfigurationProblem {
  if (!(error instanceof YAMLException)) throw error
  return problemAt((error.mark?.line ?? 0) + 1, `not valid YAML (${error.reason})`)
}

/** Looks at the entries of the outermost mapping that end before the one with the fault. */
function duplicatesBefore(error: unknown, text: string): readonly ConfigurationProblem[] {
  const position = error instanceof YAMLException ? (error.mark?.position ?? 0) : 0
  const entries = [...text.slice(0, position).matchAll(/^[A-Za-z"']/gm)]
  const before = text.slice(0, entries.at(-1)?.index ?? 0)
  try {
    return duplicateKeys(parseEvents(before, { maxDepth: maximumDepth }), before)
  } catch {
    return []
  }
}

function duplicateKeys(events: readonly Event[], text: string): readonly ConfigurationProblem[] {
  const { duplicates } = documentPlace(events, text)
  if (duplicates.length === 0) return []
  const lineStarts = lineStartsOf(text)
  return duplicates.map((offset) =>
    problemAt(lineAt(lineStarts, offset), 'not valid YAML (duplicate key)', 'a key may stand only once in its place'),
  )
}

/** Templates of clients by anchors are fine; a bomb of aliases, or one inside what it names, is not. */
function aliasFlaw(events: readonly Event[], text: string): string | undefined {
  if (!events.some(({ type }) => type === EVENT_ID.ALIAS)) return undefined
  const sizes = new Map<string, number | 'open'>()
  const open: { readonly anchor: string | undefined; size: number }[] = [{ anchor: undefined, size: 0 }]
  for (const event of events) {
    const around = open.at(-1)
    if (around === undefined) return undefined
    switch (event.type) {
      case EVENT_ID.ALIAS: {
        const size = sizes.get(text.slice(event.anchorStart, event.anchorEnd)) ?? 1
        if (size === 'open') return 'a YAML alias inside what it names'
        around.size += size
        break
      }
      case EVENT_ID.SCALAR:
        around.size += 1
        if (event.anchorStart >= 0) sizes.set(text.slice(event.anchorStart, event.anchorEnd), 1)
        break
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING: {
        const anchor = event.anchorStart < 0 ? undefined : text.slice(event.anchorStart, event.anchorEnd)
        if (anchor !== undefined) sizes.set(anchor, 'open')
        open.push({ anchor, size: 1 })
        break
      }
      case EVENT_ID.DOCUMENT:
        open.push({ anchor: undefined, size: 0 })
        break
      case EVENT_ID.POP:
        open.pop()
        if (around.anchor !== undefined) sizes.set(around.anchor, around.size)
        for (const outer of open.slice(-1)) outer.size += around.size
        if (around.size > maximumExpansion) return 'too many YAML aliases'
        break
    }
  }
  return undefined
}

/** Most configurations have no problem: what is where is looked up when the first line is asked for. */
function lineFinder(events: readonly Event[], text: string): ConfigurationDocument['lineOf'] {
  let known: { readonly document: Place; readonly lineStarts: readonly number[] } | undefined
  return (path) => {
    known ??= { document: documentPlace(events, text).document, lineStarts: lineStartsOf(text) }
    const offset = offsetOf(known.document, path)
    return offset < 0 ? undefined : lineAt(known.lineStarts, offset)
  }
}

/** Where a node begins, as an offset, and what is in it. */
interface Place {
  readonly start: number
  readonly entries: ReadonlyMap<string, { readonly key: number; readonly value: Place }>
  readonly items: readonly Place[]
}

function documentPlace(
  events: readonly Event[],
  text: string,
): { readonly document: Place; readonly duplicates: readonly number[] } {
  const duplicates: number[] = []
  let at = 1
  const ended = (): boolean => (events[at]?.type ?? EVENT_ID.POP) === EVENT_ID.POP
  const next = (): Place => {
    const event = events[at++]
    const entries = new Map<string, { key: number; value: Place }>()
    const items: Place[] = []
    switch (event?.type) {
      case EVENT_ID.MAPPING:
        while (!ended()) {
          const key = events[at]
          const { start } = next()
          const value = next()
          if (key?.type !== EVENT_ID.SCALAR) continue
          const name = getScalarValue(text, key)
          if (entries.has(name)) duplicates.push(start)
          entries.set(name, { key: start, value })
        }
        at++
        return { start: event.start, entries, items }
      case EVENT_ID.SEQUENCE:
        while (!ended()) items.push(next())
        at++
        return { start: event.start, entries, items }
      case EVENT_ID.SCALAR:
        return { start: event.valueStart, entries, items }
      case EVENT_ID.ALIAS:
        return { start: event.anchorStart, entries, items }
      default:
        return { start: -1, entries, items }
    }
  }
  return { document: next(), duplicates }
}

/** Of the key or item at the path, or of the nearest around it; -1 when there is none. */
function offsetOf(document: Place, path: readonly PropertyKey[]): number {
  let place = document
  let offset = -1
  for (const part of path) {
    const entry = place.entries.get(String(part))
    const item = typeof part === 'number' ? place.items[part] : undefined
    const within = entry?.value ?? item
    if (within === undefined) break
    const start = entry?.key ?? within.start
    if (start >= 0) offset = start
    place = within
  }
  return offset
}

function lineStartsOf(text: string): readonly number[] {
  return [0, ...Array.from(text.matchAll(/\r\n|\n|\r/g), (lineBreak) => lineBreak.index + lineBreak[0].length)]
}

function lineAt(lineStarts: readonly number[], offset: number): number {
  let from = 0
  let to = lineStarts.length
  while (to - from > 1) {
    const middle = (from + to) >>> 1
    if ((lineStarts[middle] ?? 0) <= offset) from = middle
    else to = middle
  }
  return from + 1
}

/** A configuration is six deep, a JWK set in it nine. */
const maximumDepth = 64

/** Nodes after every alias has been followed: a hundred thousand clients written out have fewer than three million. */
const maximumExpansion = 5_000_000
