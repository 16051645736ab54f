import type { Terminal } from '../terminal.ts'

/** Labels and what they say, one a line. */
export function printRows(rows: readonly (readonly [label: string, text: string])[], terminal: Terminal): void {
  for (const [label, text] of rows) terminal.print(`${terminal.paint('dim', label.padEnd(12))}  ${text}`)
}
