import { LineCounter, isNode, isScalar, isMap, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import type { ConfigurationProblem } from './configuration-problem.ts'

/** A YAML (or JSON) document as plain data that knows the line of each path. */
export interface ConfigurationDocument {
  readonly data: unknown
  readonly problems: readonly ConfigurationProblem[]
  /** Line, from 1, of the value or key at the path, or of the nearest thing around it. */
  lineOf(path: readonly PropertyKey[]): number | undefined
}

/** Reads YAML 1.2, of which JSON is a part. Duplicate keys and more aliases than a person writes are problems. */
export function readDocument(text: string): ConfigurationDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true, prettyErrors: false })
  const problems: ConfigurationProblem[] = document.errors.map((error) => ({
    path: '',
    line: lines.linePos(error.pos[0]).line,
    problem: `not valid YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`,
    expected: undefined,
    hint: error.code === 'DUPLICATE_KEY' ? 'a key may stand only once in its place' : undefined,
  }))
  let data: unknown
  if (problems.length === 0) {
    try {
      data = document.toJS({ maxAliasCount: maximumAliases })
    } catch {
      problems.push({ path: '', line: 1, problem: 'too many YAML aliases', expected: undefined, hint: undefined })
    }
  }
  return { data: data ?? {}, problems, lineOf: (path) => lineOf(document, lines, path) }
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const key = path[length - 1]
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
      if (pair !== undefined && isNode(pair.key) && pair.key.range) return lines.linePos(pair.key.range[0]).line
    }
    const node = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return undefined
}

/** Templates of clients by anchors are fine; a bomb of aliases is not. */
const maximumAliases = 1_000
