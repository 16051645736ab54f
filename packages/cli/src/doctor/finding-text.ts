import type { Terminal } from '../terminal.ts'
import type { Cause } from './cause.ts'
import type { Mend } from './mend-text.ts'
import type { Found } from './verdict.ts'

/** A finding as it is told. */
export interface ToldFinding {
  readonly cause: Cause
  readonly severity: Found['severity']
  /** The check, or the line of a file. */
  readonly where: string
  readonly what: string
  readonly why: string
  readonly mend: Mend
  /** The terminator that the advice is for. */
  readonly on: string | undefined
}

/** Prints a finding: what was seen, why it matters, how to mend it, and the lines to write. */
export function printFinding(finding: ToldFinding, terminal: Terminal): void {
  const { paint, width } = terminal
  const { severity, cause, where, mend, on } = finding
  terminal.print(`${paint(colours[severity], severity)}  ${paint('bold', cause)}  ${paint('dim', where)}`)
  const say = (label: string, text: string): void => {
    for (const [at, part] of wrap(text, width - indent).entries())
      terminal.print(`  ${paint('dim', (at === 0 ? label : '').padEnd(indent - 2))}${part}`)
  }
  say('what', finding.what)
  say('why', finding.why)
  if (mend.kind === 'unavoidable') say('mend', `nothing to be done: ${mend.text}`)
  else {
    say('mend', on === undefined ? mend.text : `${on}: ${mend.text}`)
    // To be copied: never broken.
    for (const line of mend.lines) terminal.print(`${' '.repeat(indent)}${paint('cyan', line)}`)
  }
}

/** Words into lines; one that is longer than a line stays whole. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

const colours = { fault: 'red', warning: 'yellow', note: 'cyan' } as const
/** Two blanks, the label, two blanks. */
const indent = 8
