import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type LoadPlan, type LoadReport } from '../load/load-plan.ts'
import { pinned } from './pinned.ts'

/** Runs the load process for one plan; throws when any answer was wrong or nothing was answered. */
export async function runLoad(name: string, plan: LoadPlan, folder: string, cores: string): Promise<LoadReport> {
  const planFile = join(folder, 'plan.json')
  writeFileSync(planFile, JSON.stringify(plan))
  const [program, ...args] = pinned([process.execPath, join(import.meta.dirname, '../load/load.ts'), planFile], cores)
  if (program === undefined) throw new Error('unreachable: a command was given')
  const { stdout } = await promisify(execFile)(program, args, {
    maxBuffer: largestReport,
    timeout: plan.warmMilliseconds + plan.measureMilliseconds + slack,
  })
  const report = JSON.parse(stdout) as LoadReport
  if (report.failures > 0)
    throw new Error(`${name}: ${report.failures} wrong answers, the first: ${report.firstFailure}`)
  if (report.requests === 0) throw new Error(`${name}: no answers`)
  return report
}

const largestReport = 64 * 1024 * 1024
const slack = 30_000
