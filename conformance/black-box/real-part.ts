import type { TestContext } from 'node:test'
import { realParts } from '../../scripts/real-parts.ts'

/** Whether a real program is there. Without it the test is skipped in one line, or fails where continuous integration promised it. */
export function realPart(t: TestContext, name: string): boolean {
  const part = realParts.find((candidate) => candidate.name === name)
  if (part === undefined) throw new Error(`no real part is called ${name}`)
  if (part.present()) return true
  if (process.env['HOLDFAST_TEST_SETUP'] === '1')
    throw new Error(`${name} is missing, although the set-up should have installed it`)
  t.skip(`${name} is not installed (Debian: apt-get install ${part.packages.join(' ')})`)
  return false
}
