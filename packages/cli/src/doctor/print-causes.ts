import type { DoctorOptions } from '../program/doctor.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { type Cause, whyItMatters } from './cause.ts'
import { wrap } from './finding-text.ts'
import { mendOf } from './mend.ts'

/** `holdfast doctor --causes`: everything that can be found, why it matters, and how to mend it on a terminator. */
export function printCauses(options: DoctorOptions, terminal: Terminal): ExitCode {
  const terminator = options.terminator ?? 'unknown'
  const causes = (Object.keys(whyItMatters) as Cause[]).map((cause) => ({
    cause,
    why: whyItMatters[cause],
    mend: mendOf(cause, terminator),
  }))
  if (terminal.json) {
    terminal.printJson({ terminator, causes })
    return 0
  }
  for (const { cause, why, mend } of causes) {
    terminal.print(terminal.paint('bold', cause))
    const advice = mend.kind === 'do' ? mend.text : `nothing to be done: ${mend.text}`
    for (const part of [...wrap(why, terminal.width - 2), ...wrap(advice, terminal.width - 2)])
      terminal.print(`  ${part}`)
    if (mend.kind === 'do') for (const line of mend.lines) terminal.print(`    ${terminal.paint('cyan', line)}`)
  }
  return 0
}
