import type { Terminal } from '../terminal.ts'

/** A line of a view: what it is, and what it says. A line without a label goes on with the one above. */
export type LabelledLine = readonly [label: string, text: string]

/** Prints lines with their labels in one column, on standard output. */
export function printLabelled(lines: readonly LabelledLine[], terminal: Pick<Terminal, 'print' | 'paint'>): void {
  const width = Math.max(...lines.map(([label]) => label.length))
  for (const [label, text] of lines) terminal.print(`${terminal.paint('dim', label.padEnd(width))}  ${text}`.trimEnd())
}
