import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type Address } from '../load/load-plan.ts'
import { pinned } from './pinned.ts'
import { processTree, processUsage } from './process-usage.ts'

/** A candidate's process, started afresh for one measurement. */
export interface CandidateProcess {
  readonly pid: number
  millisecondsSinceStart(): number
  /** Resident bytes of the whole process tree, now. */
  residentBytes(): number
  /** What it wrote on stdout and stderr. */
  output(): string
  stop(): Promise<void>
}

export interface CandidateCommand {
  readonly name: string
  readonly command: readonly string[]
  readonly addresses: readonly Address[]
  /** A `taskset` list, or undefined for no pinning. */
  readonly cores?: string
  readonly folder: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Starts the command and waits until it listens everywhere; throws with its output when it ends or takes too long. */
export async function startCandidate(options: CandidateCommand): Promise<CandidateProcess> {
  const logFile = join(options.folder, `${options.name.replace(/\W+/g, '-')}-${++started}.log`)
  const log = openSync(logFile, 'a')
  const [program, ...args] = pinned(options.command, options.cores)
  if (program === undefined) throw new Error('a candidate needs a command')
  const startedAt = performance.now()
  const child = spawn(program, args, {
    cwd: options.folder,
    stdio: ['ignore', log, log],
    env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1', ...profiling(), ...options.environment },
  })
  closeSync(log)
  running.add(child)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const output = (): string => readFileSync(logFile, 'utf8')
  const pid = child.pid
  if (pid === undefined) throw new Error(`${options.name} could not be started: ${program}`)
  for (const address of options.addresses) {
    while (!(await accepts(address))) {
      if (child.exitCode !== null) throw new Error(`${options.name} ended before it listened:\n${output()}`)
      if (performance.now() - startedAt > longestStart) {
        child.kill('SIGKILL')
        throw new Error(`${options.name} does not listen after ${longestStart} ms:\n${output()}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  return {
    pid,
    millisecondsSinceStart: () => performance.now() - startedAt,
    residentBytes: () => processUsage(processTree([pid])).residentBytes,
    output,
    stop: async () => {
      child.kill('SIGTERM')
      const impatience = setTimeout(() => child.kill('SIGKILL'), longestStop)
      await ended
      clearTimeout(impatience)
      running.delete(child)
    },
  }
}

/** Ends what is still running; for the end of the benchmark's own process. */
export function stopAllCandidates(): void {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
}

/** With HOLDFAST_BENCH_CPU_PROF=DIR every candidate leaves a V8 CPU profile in that folder. */
function profiling(): Readonly<Record<string, string>> {
  const folder = process.env['HOLDFAST_BENCH_CPU_PROF']
  return folder === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` }
}

function accepts(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const place = address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port }
    const socket = connect(place, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

const running = new Set<ChildProcess>()
let started = 0
/** A hundred thousand clients in a file take a busy machine half a minute to read. */
const longestStart = 90_000
const longestStop = 5_000
