import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Says why the tests that need these programs are skipped, or nothing when all are there.
 *
 * With HOLDFAST_TEST_SETUP=1 nothing is skipped, so that a missing program fails.
 */
export function skipWithout(...programs: readonly string[]): string | false {
  if (process.env['HOLDFAST_TEST_SETUP'] === '1') return false
  const missing = programs.filter((program) => pathOf(program) === undefined)
  return missing.length === 0 ? false : `${missing.join(' and ')} not installed`
}

export function pathOf(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/** Starts a program that runs until `stop`. */
export function start(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): { readonly child: ChildProcess; readonly stop: (signal?: NodeJS.Signals) => Promise<void> } {
  const child = spawn(pathOf(program) ?? program, args, { stdio: 'ignore', env })
  let failed: Error | undefined
  child.on('error', (error) => (failed = error))
  return {
    child,
    async stop(signal = 'SIGTERM') {
      if (failed !== undefined || child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill(signal)
      const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await exited
      clearTimeout(late)
    },
  }
}
