import { parentPort, workerData } from 'node:worker_threads'
import { type LimboCase, runLimboCase } from './limbo-case.ts'

/** Answers every case with its verdict, in order, so that whoever waits can stop a case that does not end. */
const { cases, profile } = workerData as {
  readonly cases: readonly LimboCase[]
  readonly profile: 'strict' | 'interop'
}
// The time of the first case begins here, not with the start of the thread.
parentPort!.postMessage('ready')
for (const limbo of cases) parentPort!.postMessage(runLimboCase(limbo, profile))
