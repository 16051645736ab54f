import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type LoadPlan, type LoadReport } from '../load/load-plan.ts'
import { pinned } from './pinned.ts'

/** Runs the load process for one plan; throws when any answer was wrong or nothing was answered. */
export async function runLoad(name: string, plan: LoadPlan, folder: string, cores: string): Promise<LoadReport> {
  const planFile = join(folder, 'plan.json')
  writeFileSync(planFile, JSON.stringify(plan))
  const [program, ...args] = pinned([process.execPath, join(import.meta.dirname, '../load/load.ts'), planFile], cores)
  if (program === undefined) throw new Error('unreachable: a command was given')
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const patience = setTimeout(() => child.kill('SIGKILL'), plan.warmMilliseconds + plan.measureMilliseconds + slack)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  clearTimeout(patience)
  if (stdout === '') throw new Error(`${name}: the load ended without a report: ${stderr.slice(0, errorShown)}`)
  const report = JSON.parse(stdout) as LoadReport
  if (report.failures > 0)
    throw new Error(`${name}: ${report.failures} wrong answers, the first: ${report.firstFailure}`)
  if (report.requests === 0) throw new Error(`${name}: no answers`)
  return report
}

const errorShown = 1000
const slack = 30_000
