import cluster from 'node:cluster'
import type { Worker } from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import { systemClock } from '../adapter/system-clock.ts'
import type { Configuration } from '../config/configuration.ts'
import type { ConfigurationProblem } from '../config/configuration-problem.ts'
import { placeProblems } from '../config/load-configuration.ts'
import { ConfigurationError } from '../configuration-error.ts'
import { startManagement } from '../http/management.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { noMetrics } from '../metrics/metrics.ts'
import { createLog } from '../log/create-log.ts'
import { loadMaterial } from '../material/load-material.ts'
import { openConfiguredKeys } from '../keys/open-configured-keys.ts'
import { openStore } from '../store/open-store.ts'
import type { RunningServer, StartOptions } from '../start-server.ts'
import type { WorkerAnswer, WorkerRequest } from './worker-messages.ts'

/**
 * Starts `limits.workers` processes that share the listeners, and looks after them: one that dies is started again.
 *
 * This process serves nothing but health and metrics. Store and keys are shared through the database; every process keeps
 * its own caches, so that nothing on the way of a request waits for another process.
 */
export async function startWorkers(configuration: Configuration, options: StartOptions): Promise<RunningServer> {
  if (options.clock !== undefined || (options.furtherHosts ?? []).length > 0) {
    throw new TypeError('start options: clock and furtherHosts work in one process only; set limits.workers to 1')
  }
  if (configuration.store.kind === 'sqlite' && configuration.store.path === ':memory:') {
    throw new ConfigurationError(
      placeProblems(configuration.source, [
        {
          at: ['limits', 'workers'],
          path: 'limits.workers',
          line: undefined,
          problem: 'several processes cannot share a store in memory',
          expected: undefined,
          hint: 'store: { url: sqlite:holdfast.db }',
        },
      ]),
    )
  }
  const material = loadMaterial(configuration)
  if (!material.ok) throw new ConfigurationError(placeProblems(configuration.source, material.failure))
  const log = createLog(configuration.log)
  // The first key is made here, before any worker asks for one.
  const store = await openStore(configuration, systemClock)
  const keyRing = await openConfiguredKeys(configuration, material.value.masterKeys, store, systemClock, {
    resealed: (count) => log.signingKeysResealed({ count }),
    problem: (cause) => log.keysRefreshFailed({ cause }),
  })
  const workers = new Set<Worker>()
  let closing = false
  let failures = 0

  cluster.setupPrimary({ exec: fileURLToPath(new URL(workerFile, import.meta.url)), args: [] })
  const request: WorkerRequest = { holdfast: 'start', source: configuration.source, jwksUriCa: options.jwksUriCa }

  async function startWorker(): Promise<readonly string[]> {
    const worker = cluster.fork()
    workers.add(worker)
    worker.once('exit', () => workers.delete(worker))
    worker.send(request)
    const answer = await answerOf(worker, ['started', 'failed'])
    if (answer.holdfast !== 'started') {
      worker.process.kill('SIGKILL')
      const facts: Readonly<Record<string, unknown>> = answer.holdfast === 'failed' ? answer.facts : {}
      if (Array.isArray(facts['problems'])) throw new ConfigurationError(facts['problems'] as ConfigurationProblem[])
      throw Object.assign(new Error(answer.holdfast === 'failed' ? answer.message : 'a worker did not start'), facts)
    }
    worker.once('exit', (code, signal) => {
      if (closing) return
      log.workerLost({ pid: worker.process.pid, code, signal })
      setTimeout(() => void again(), Math.min(maximumBackOff, firstBackOff * 2 ** failures++)).unref()
    })
    return answer.addresses
  }

  async function again(): Promise<void> {
    if (closing) return
    try {
      await startWorker()
      failures = 0
    } catch (cause) {
      log.unexpected({ correlationId: undefined, where: 'worker', cause })
      setTimeout(() => void again(), Math.min(maximumBackOff, firstBackOff * 2 ** failures++)).unref()
    }
  }

  async function close(): Promise<void> {
    closing = true
    await management?.close()
    await Promise.all(
      [...workers].map(async (worker) => {
        const exited = new Promise((resolve) => worker.once('exit', resolve))
        if (worker.isConnected()) worker.send({ holdfast: 'close' } satisfies WorkerRequest)
        const late = setTimeout(() => worker.process.kill('SIGKILL'), closeMilliseconds)
        await exited
        clearTimeout(late)
      }),
    )
    keyRing.close()
    await store.close()
    await log.close()
  }

  let management: Awaited<ReturnType<typeof startManagement>> | undefined
  let addresses: readonly string[] = []
  try {
    // One after the other: two at once would both clear away the socket file of a server that was killed.
    for (let count = 0; count < configuration.limits.workers; count++) addresses = await startWorker()
    const { address } = configuration.management
    if (address !== undefined) {
      const started = (): boolean => !closing
      const ready = async (): Promise<Readonly<Record<string, boolean>>> => ({
        workers: workers.size > 0,
        store: await store.isWritable(),
      })
      management = await startManagement(address, { started, ready }, await workerMetrics())
    }
  } catch (error) {
    await close()
    throw error
  }

  return {
    issuer: configuration.issuer,
    addresses,
    management: management?.address,
    keys: { list: () => keyRing.records(), rotate: (publishBefore) => keyRing.rotate(publishBefore) },
    reload: () => reloadWorkers([...workers]),
    close,
  }
}

/** All take it over or say why not; they read the same files, so they agree unless a file changed in between. */
async function reloadWorkers(workers: readonly Worker[]): Promise<Result<void, readonly ConfigurationProblem[]>> {
  const answers = await Promise.all(
    workers.map((worker) => {
      worker.send({ holdfast: 'reload' } satisfies WorkerRequest)
      return answerOf(worker, ['reloaded', 'failed'])
    }),
  )
  const problems = answers.find((answer) => answer.holdfast === 'reloaded' && answer.problems.length > 0)
  return problems?.holdfast === 'reloaded' ? fail(problems.problems) : ok(undefined)
}

function answerOf(worker: Worker, kinds: readonly WorkerAnswer['holdfast'][]): Promise<WorkerAnswer> {
  return new Promise((resolve) => {
    const end = (answer: WorkerAnswer): void => {
      worker.off('message', listen)
      worker.off('exit', lost)
      resolve(answer)
    }
    const lost = (): void => end({ holdfast: 'failed', message: 'a worker ended', facts: {} })
    const listen = (message: WorkerAnswer): void => {
      if (kinds.includes(message.holdfast)) end(message)
    }
    worker.on('message', listen)
    worker.on('exit', lost)
  })
}

/** The counts of all workers together, asked for at each scrape. */
async function workerMetrics(): Promise<Metrics> {
  const { AggregatorRegistry } = await import('prom-client')
  const registry = new AggregatorRegistry()
  return {
    ...noMetrics,
    exposition: async () => ({ contentType: registry.contentType, body: await registry.clusterMetrics() }),
  }
}

const workerFile = import.meta.url.endsWith('.ts') ? './worker-process.ts' : './worker-process.js'

/** Milliseconds. */
const firstBackOff = 100
const maximumBackOff = 10_000

/** The edge's own drain takes 10 s at most. */
const closeMilliseconds = 15_000
