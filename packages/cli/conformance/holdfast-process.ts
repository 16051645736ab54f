import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { run } from '../src/run.ts'

/** How a process ended, and all that it said. */
export interface Ended {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A `holdfast` that runs until it is told to stop. */
export interface RunningProcess {
  readonly pid: number
  /** Everything on standard output until `pattern` is there. Rejects when the process ends before. */
  stdoutUntil(pattern: RegExp): Promise<string>
  stderrUntil(pattern: RegExp): Promise<string>
  signal(name: NodeJS.Signals): void
  readonly ended: Promise<Ended>
}

const bin = resolve(import.meta.dirname, '../bin/holdfast.js')

/** Starts the real program. It is killed with the test, when it has not ended by itself. */
export function startHoldfast(
  t: TestContext,
  words: readonly string[],
  options: { readonly folder?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): RunningProcess {
  const child = spawn(process.execPath, [bin, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], TMPDIR: tmpdir(), ...options.environment },
    ...(options.folder === undefined ? {} : { cwd: options.folder }),
  })
  const said = { stdout: '', stderr: '' }
  const watchers = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
      for (const watcher of watchers) watcher()
    })
  const ended = new Promise<Ended>((done) => {
    child.once('close', (exitCode) => {
      done({ exitCode, ...said })
      for (const watcher of watchers) watcher()
    })
  })
  t.after(() => end(child, ended))
  const until = (name: 'stdout' | 'stderr', pattern: RegExp): Promise<string> =>
    new Promise((found, failed) => {
      const look = (): void => {
        if (pattern.test(said[name])) found(said[name])
        else if (child.exitCode !== null || child.signalCode !== null)
          failed(new Error(`holdfast ${words.join(' ')} ended with ${child.exitCode}:\n${said.stdout}\n${said.stderr}`))
        else return
        watchers.delete(look)
      }
      watchers.add(look)
      look()
    })
  return {
    pid: child.pid!,
    stdoutUntil: (pattern) => until('stdout', pattern),
    stderrUntil: (pattern) => until('stderr', pattern),
    signal: (name) => void child.kill(name),
    ended,
  }
}

/** Runs the real program to its end. */
export function runHoldfast(
  t: TestContext,
  words: readonly string[],
  options?: Parameters<typeof startHoldfast>[2],
): Promise<Ended> {
  return startHoldfast(t, words, options).ended
}

/** Runs the program to its end within this process: for commands that start nothing, and in tests that type many. */
export async function playHoldfast(words: readonly string[], folder: string): Promise<Ended> {
  let stdout = ''
  let stderr = ''
  const exitCode = await run(words, {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    environment: {},
    folder,
  })
  return { exitCode, stdout, stderr }
}

export function temporaryFolder(t: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-cli-')))
  t.after(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** A port that somebody else has until the test ends. */
export async function takenPort(t: TestContext): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.after(() => new Promise((closed) => server.close(closed)))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Whether a program of the machine is there; without it the test is skipped, or fails where it was promised. */
export function hasProgram(t: TestContext, name: string): boolean {
  if (spawnSync(name, ['--version']).error === undefined) return true
  if (process.env['HOLDFAST_TEST_SETUP'] === '1') throw new Error(`${name} is missing`)
  t.skip(`${name} is not installed`)
  return false
}

async function end(child: ChildProcess, ended: Promise<Ended>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  await ended
}
