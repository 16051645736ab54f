import type { Worker } from 'node:worker_threads'
import { fail } from '@holdfast/x509'
import type { CrlThreadAnswer, CrlThreadRequest } from './crl-thread-messages.ts'
import { parseCrls } from './parse-crls.ts'
import type { ParsedCrls } from './parse-crls.ts'

export interface CrlParser {
  /** Up to how many octets are parsed at once. */
  readonly atOnce: number
  /** Reads CRLs at once when they are small, and in a thread of its own when they are not. Takes the octets over. */
  parse(octets: Uint8Array<ArrayBuffer>, candidates: readonly Uint8Array[]): CrlAnswer | Promise<CrlAnswer>
  close(): void
}

export interface CrlAnswer {
  readonly parsed: ParsedCrls
  /** What was parsed, given back. */
  readonly octets: Uint8Array
}

/** A parser whose thread is started for the first large CRL and ended when none has come for a while. */
export function createCrlParser(atOnce: number = defaultAtOnce): CrlParser {
  const waiting = new Map<number, { readonly resolve: (answer: CrlAnswer) => void }>()
  let thread: Worker | undefined
  let idle: NodeJS.Timeout | undefined
  let last = 0

  function end(problem: string): void {
    clearTimeout(idle)
    void thread?.terminate()
    thread = undefined
    for (const { resolve } of waiting.values()) resolve({ parsed: fail({ problem }), octets: new Uint8Array() })
    waiting.clear()
  }

  function started(): Worker {
    if (thread !== undefined) return thread
    const { Worker } = process.getBuiltinModule('node:worker_threads')
    const worker = new Worker(new URL(threadFile, import.meta.url), { name: 'crl' })
    worker.on('message', ({ id, parsed, octets }: CrlThreadAnswer) => {
      waiting.get(id)?.resolve({ parsed, octets })
      waiting.delete(id)
      if (waiting.size > 0) return
      worker.unref()
      idle = setTimeout(() => end('the parser was closed'), idleMilliseconds).unref()
    })
    worker.on('error', (error) => {
      if (thread === worker) end(`the parser failed: ${error instanceof Error ? error.message : String(error)}`)
    })
    thread = worker
    return worker
  }

  return {
    atOnce,
    parse: (octets, candidates) => {
      if (octets.length <= atOnce) return { parsed: parseCrls(octets, candidates), octets }
      clearTimeout(idle)
      const worker = started()
      worker.ref()
      const id = ++last
      return new Promise((resolve) => {
        waiting.set(id, { resolve })
        const request: CrlThreadRequest = { id, octets, candidates }
        worker.postMessage(request, [octets.buffer])
      })
    },
    close: () => end('the parser was closed'),
  }
}

const threadFile = import.meta.url.endsWith('.ts') ? './crl-thread.ts' : './crl-thread.js'

/** A thousand entries take a millisecond; 25,000 fit in this, and take a few. */
const defaultAtOnce = 1_048_576

/** A thread keeps some 10 MB. */
const idleMilliseconds = 10_000
