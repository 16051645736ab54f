import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A server in a process of its own. */
export interface ServerProcess {
  readonly child: ChildProcess
  readonly port: number
  /** Milliseconds from the start of the process until it served. */
  readonly startedIn: number
}

/** Starts the configuration in a child process; resolves when it serves, rejects with what it said when it does not. */
export async function spawnServer(
  file: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const began = performance.now()
  const child = spawn(process.execPath, ['--conditions=holdfast-source', serve, file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  const errors: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  const exited = once(child, 'exit').then(() => {
    throw new Error(`the server did not start: ${Buffer.concat(errors).toString()}`)
  })
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), exited])) as [string]
  exited.catch(() => undefined)
  return { child, port: Number(/:([0-9]+)$/.exec(line)?.[1]), startedIn: performance.now() - began }
}

/** Ends the process at once, as a power cut of its own. */
export async function killServer({ child }: ServerProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

const serve = fileURLToPath(new URL('serve.ts', import.meta.url))
