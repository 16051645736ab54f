import { styleText } from 'node:util'

/**
 * The rules of the terminal interface:
 *
 * - what was asked for goes to standard output, everything else to standard error
 * - a message starts in lower case, has no full stop, and carries the name of the tool; a hint stands on a line of its own
 * - colour and progress only on a terminal; never with NO_COLOR or TERM=dumb
 * - `--json` puts one JSON value on standard output instead of the text for people
 * - `--quiet` leaves only errors on standard error
 * - exit codes: 0 done, 1 the answer is no, 2 wrong use, 3 could not find out
 */
export interface Terminal {
  readonly environment: Environment
  /** Where the user stands: relative paths start here. */
  readonly folder: string
  readonly json: boolean
  readonly quiet: boolean
  /** Columns of standard output, between 60 and 100. */
  readonly width: number
  /** Colours for standard output. */
  readonly paint: Paint
  /** One line, or several, of what was asked for. */
  print(text?: string): void
  /** One JSON value of what was asked for, on one line. */
  printJson(value: unknown): void
  /** What is good to know; standard error, silent when quiet. */
  note(text: string): void
  /** What went wrong: `holdfast: fact`, and `hint: …` below it. */
  complain(fact: string, hint?: string): void
  /** Shows that something is going on when it takes longer than a second. */
  progress<T>(label: string, work: Promise<T>): Promise<T>
}

export type ExitCode = 0 | 1 | 2 | 3

export type Environment = Readonly<Record<string, string | undefined>>

/** The parts of `process` that a run of the program touches; tests bring their own. */
export interface TerminalHost {
  readonly stdout: TerminalStream
  readonly stderr: TerminalStream
  readonly environment: Environment
  readonly folder: string
}

export interface TerminalStream {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Colours a text, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string

export function createTerminal(
  host: TerminalHost,
  mode: { readonly json: boolean; readonly quiet: boolean },
): Terminal {
  const errorPaint = createPaint(host.stderr, host.environment)
  const note = (text: string): void => {
    if (!mode.quiet) host.stderr.write(`${text}\n`)
  }
  return {
    environment: host.environment,
    folder: host.folder,
    json: mode.json,
    quiet: mode.quiet,
    width: textWidth(host.stdout),
    paint: createPaint(host.stdout, host.environment),
    print: (text = '') => void host.stdout.write(`${text}\n`),
    printJson: (value) => void host.stdout.write(`${JSON.stringify(value)}\n`),
    note,
    complain: (fact, hint) => {
      host.stderr.write(`${errorPaint('red', 'holdfast:')} ${fact}\n`)
      if (hint !== undefined) host.stderr.write(`${errorPaint('cyan', 'hint:')} ${hint}\n`)
    },
    progress: (label, work) =>
      mode.quiet || !isTerminal(host.stderr, host.environment) ? work : spin(host.stderr, label, work),
  }
}

export function createPaint(stream: TerminalStream, environment: Environment): Paint {
  const colours = isTerminal(stream, environment) && (environment['NO_COLOR'] ?? '') === ''
  return (colour, text) => (colours ? styleText(colour, text, { validateStream: false }) : text)
}

export function textWidth(stream: TerminalStream): number {
  return Math.max(60, Math.min(stream.columns === undefined || stream.columns === 0 ? 100 : stream.columns, 100))
}

function isTerminal(stream: TerminalStream, environment: Environment): boolean {
  return stream.isTTY === true && environment['TERM'] !== 'dumb'
}

async function spin<T>(stream: TerminalStream, label: string, work: Promise<T>): Promise<T> {
  let turn = 0
  let interval: NodeJS.Timeout | undefined
  const patience = setTimeout(() => {
    interval = setInterval(() => {
      stream.write(`\r${frames[turn++ % frames.length] ?? ''} ${label} …`)
    }, 100)
  }, patienceMilliseconds)
  try {
    return await work
  } finally {
    clearTimeout(patience)
    clearInterval(interval)
    if (turn > 0) stream.write('\r\u001b[K')
  }
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** What is done within a second needs no excuse. */
const patienceMilliseconds = 1000
