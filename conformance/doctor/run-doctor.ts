import { run } from '../../packages/cli/src/run.ts'

export interface DoctorRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `holdfast doctor` in this process, as the program would: fifty starts of it would take longer than what they examine. */
export async function runDoctor(args: readonly string[]): Promise<DoctorRun> {
  let stdout = ''
  let stderr = ''
  const code = await run(['doctor', ...args], {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    environment: {},
    folder: process.cwd(),
  })
  return { code, stdout, stderr }
}
