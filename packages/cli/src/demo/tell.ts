import type { Colour, Terminal } from '../terminal.ts'

/** One step of the story, as it went. */
export interface Step {
  /** Who does what, in words that need no RFC. */
  readonly title: string
  /** The RFC's word for it. */
  readonly term?: string | undefined
  /** The certificate of the connection. */
  readonly certificate: string
  readonly request: string
  readonly status: number
  /** What the answer says. */
  readonly answer: string
  /** What the operator finds in the log, and the one who was refused is not told. */
  readonly reason?: string | undefined
  /** Under which `holdfast explain` finds the refusal in the audit. */
  readonly reference?: string | undefined
  /** What should have happened, when it did not. */
  readonly fault: string | undefined
}

export function tellStep(step: Step, number: number, terminal: Terminal): void {
  const { paint, width } = terminal
  const head = `${String(number).padStart(2)}  ${step.title}`
  const term = step.term ?? ''
  const gap = width - head.length - term.length
  terminal.print(paint('bold', head) + (term !== '' && gap > 1 ? ' '.repeat(gap) + paint('dim', term) : ''))
  const told = (label: string, text: string, colour?: Colour): void => {
    const [first = '', ...more] = wrap(text, width - textColumn).split('\n')
    const painted = (line: string): string => (colour === undefined ? line : paint(colour, line))
    terminal.print(`    ${paint('dim', label.padEnd(textColumn - 4))}${painted(first)}`)
    for (const line of more) terminal.print(' '.repeat(textColumn) + painted(line))
  }
  if (term !== '' && gap <= 1) told('as', term, 'dim')
  told('with', step.certificate)
  told('→', step.request)
  told('←', `${step.status} ${step.answer}`, step.status < 400 ? 'green' : 'red')
  if (step.reason !== undefined) told('why', step.reason, 'yellow')
  if (step.fault !== undefined) terminal.print(paint('red', `    NOT AS TOLD: ${step.fault}`))
  terminal.print()
}

export function tellHeading(text: string, terminal: Terminal): void {
  terminal.print(terminal.paint('cyan', text))
  terminal.print()
}

/** Text broken into lines of the terminal's width. */
export function wrap(text: string, width: number, indentation = ''): string {
  const lines: string[] = []
  let line = indentation
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > width && line !== indentation) {
      lines.push(line)
      line = indentation
    }
    line += line === indentation ? word : ` ${word}`
  }
  return [...lines, line].join('\n')
}

/** Columns, each but the last as wide as it must be. */
export function columns(rows: readonly (readonly string[])[], indentation: string): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows
    .map(
      (row) =>
        indentation + row.map((cell, at) => (at < row.length - 1 ? cell.padEnd(widths[at] ?? 0) : cell)).join('   '),
    )
    .map((line) => line.trimEnd())
    .join('\n')
}

/** Where what is told begins, behind its label. */
const textColumn = 9
