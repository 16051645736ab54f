import { parentPort } from 'node:worker_threads'
import { type LimboCase, runLimboCase } from './limbo-case.ts'

/** Answers each case with its verdict, so that whoever asked can stop a case that does not end. */
const port = parentPort!
port.on('message', ({ limbo, profile }: { limbo: LimboCase; profile: 'strict' | 'interop' }) => {
  port.postMessage(runLimboCase(limbo, profile))
})
