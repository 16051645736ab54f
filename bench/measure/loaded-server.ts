import { setTimeout as sleep } from 'node:timers/promises'
import { type Address, type LoadPlan, type LoadReport, type ResponseSample } from '../load/load-plan.ts'
import { type CandidateCommand, type CandidateProcess, startCandidate } from './candidate-process.ts'
import { type Measurement } from './measurement.ts'
import { loadCore, serverCore } from './pinned.ts'
import { processTree, processUsage } from './process-usage.ts'
import { runLoad } from './run-load.ts'

export interface Launch extends Omit<CandidateCommand, 'name' | 'folder' | 'cores'> {
  /** Those of `addresses` that take the load; default all. */
  readonly loadAddresses?: readonly Address[]
}

/** A server, the load that it gets, and the proof that it did the work. */
export interface LoadedServer {
  readonly name: string
  readonly folder: string
  /** Called for every round: fresh sockets, fresh databases. Several commands are several processes of one candidate. */
  readonly launch: () => Promise<readonly Launch[]>
  readonly cores?: string
  readonly loadCores?: string
  readonly plan: Plan | ((command: CandidateCommand) => Promise<Plan>)
  /** Asked as soon as the first address takes connections; the time until it has answered is the time to start. */
  readonly firstAnswer?: (address: Address) => Promise<void>
  /** After the load, while the server still runs; throws when an answer was not what it should be. */
  readonly prove: (samples: readonly ResponseSample[], command: CandidateCommand) => Promise<void>
}

/** What does not depend on where the server runs. A plan that does is made when it does. */
type Plan = Omit<LoadPlan, 'addresses' | 'processes'>

/** Starts it, lets it come to rest, loads it, checks what it answered, stops it. */
export async function measureLoadedServer(server: LoadedServer): Promise<Measurement> {
  const { name, folder, cores = serverCore, loadCores = loadCore } = server
  const commands = (await server.launch()).map((launch) => ({ ...launch, name, folder, cores }))
  const processes = await Promise.all(commands.map((command) => startCandidate(command)))
  try {
    const start = await timeOfFirstAnswer(server, commands, processes)
    await sleep(restMilliseconds)
    const idleBytes = sum(processes.map((process) => process.residentBytes()))
    const [command] = commands
    if (command === undefined) throw new Error('unreachable: a server has a command')
    const plan = {
      ...(typeof server.plan === 'function' ? await server.plan(command) : server.plan),
      addresses: commands.flatMap(({ addresses, loadAddresses = addresses }) => loadAddresses),
      processes: processes.map(({ pid }) => pid),
    }
    const report = await runLoad(name, plan, folder, loadCores)
    for (const command of commands) await server.prove(report.samples, command)
    return { ...measurementOf(report), ...start, idleBytes }
  } catch (error) {
    const output = processes.map((process) => process.output().slice(-outputShown)).join('\n')
    throw new Error(`${name} failed; it wrote:\n${output}`, { cause: error })
  } finally {
    await Promise.all(processes.map((process) => process.stop()))
  }
}

async function timeOfFirstAnswer(
  { firstAnswer }: LoadedServer,
  [command]: readonly CandidateCommand[],
  [process]: readonly CandidateProcess[],
): Promise<Pick<Measurement, 'startMilliseconds' | 'startCpuMilliseconds'>> {
  const [address] = command?.addresses ?? []
  if (firstAnswer === undefined || address === undefined || process === undefined) return {}
  await firstAnswer(address)
  return {
    startMilliseconds: process.millisecondsSinceStart(),
    startCpuMilliseconds: processUsage(processTree([process.pid])).cpuSeconds * 1000,
  }
}

function measurementOf(report: LoadReport): Measurement {
  return {
    cpuMicrosecondsPerRequest: (report.cpuSeconds / report.requests) * 1e6,
    requestsPerSecond: report.requests / report.seconds,
    busyCores: report.cpuSeconds / report.seconds,
    p50Milliseconds: report.latencyMicroseconds.p50 / 1000,
    p99Milliseconds: report.latencyMicroseconds.p99 / 1000,
    loadedBytes: report.peakResidentBytes,
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** Long enough for the work of starting to end, and for the first collection. */
const restMilliseconds = 300
const outputShown = 2000
