import { readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { LimboCase, Verdict } from './limbo-case.ts'

/** What a suite gave: cases that went other than the suite expects, and that no exception foresees; and the reverse. */
export interface SuiteReport {
  readonly cases: number
  readonly passed: number
  readonly falseAccepts: readonly string[]
  readonly falseRejects: readonly string[]
  readonly hangs: readonly string[]
  /** Exceptions whose case went as the suite expects: the exception must go. */
  readonly unexpectedSuccesses: readonly string[]
  /** Of the cases made to be slow. */
  readonly slowest: { readonly id: string; readonly time: number }
}

interface Exception {
  readonly suite: string
  readonly id: string
  readonly expected: LimboCase['expected_result']
  readonly actual: LimboCase['expected_result']
  readonly reason: string
}

/** Runs every case in a worker thread of its own time limit; a case over it is a hang, and the next gets a new worker. */
export async function runSuite(
  suite: string,
  cases: readonly LimboCase[],
  profile: 'strict' | 'interop',
): Promise<SuiteReport> {
  const exceptions = exceptionsOf(suite)
  const report = {
    falseAccepts: [] as string[],
    falseRejects: [] as string[],
    hangs: [] as string[],
    unexpectedSuccesses: [] as string[],
  }
  let passed = 0
  let slowest = { id: '', time: 0 }
  const runner = caseRunner()
  for (const limbo of cases) {
    const verdict = await runner.run(limbo, profile)
    if (verdict === undefined) {
      report.hangs.push(limbo.id)
      continue
    }
    if (limbo.id.startsWith('pathological::') && verdict.time > slowest.time)
      slowest = { id: limbo.id, time: verdict.time }
    const expected = limbo.expected_result === 'SUCCESS'
    const exception = exceptions.find(({ id }) => covers(id, limbo.id))
    if (verdict.accepted === expected) {
      passed++
      if (exception !== undefined) report.unexpectedSuccesses.push(limbo.id)
    } else if (exception?.expected !== limbo.expected_result) {
      const list = verdict.accepted ? report.falseAccepts : report.falseRejects
      list.push(`${limbo.id}: ${verdict.reason}`)
    }
  }
  await runner.close()
  return { cases: cases.length, passed, ...report, slowest }
}

function caseRunner(): {
  run(limbo: LimboCase, profile: 'strict' | 'interop'): Promise<Verdict | undefined>
  close(): Promise<void>
} {
  const start = (): Worker =>
    new Worker(new URL('./case-worker.ts', import.meta.url), { execArgv: ['--conditions=holdfast-source'] })
  let worker = start()
  const run = async (limbo: LimboCase, profile: 'strict' | 'interop'): Promise<Verdict | undefined> => {
    const verdict = await new Promise<Verdict | undefined>((resolve, reject) => {
      const limit = setTimeout(() => {
        settle()
        resolve(undefined)
      }, CASE_LIMIT)
      const settle = (): void => {
        clearTimeout(limit)
        worker.removeAllListeners('message')
        worker.removeAllListeners('error')
      }
      worker.once('message', (answer: Verdict) => {
        settle()
        resolve(answer)
      })
      worker.once('error', (error) => {
        settle()
        reject(new Error(`${limbo.id} threw`, { cause: error }))
      })
      worker.postMessage({ limbo, profile })
    })
    if (verdict === undefined) {
      await worker.terminate()
      worker = start()
    }
    return verdict
  }
  return { run, close: async () => void (await worker.terminate()) }
}

function exceptionsOf(suite: string): readonly Exception[] {
  const all = JSON.parse(readFileSync(new URL('./exceptions.json', import.meta.url), 'utf8')) as readonly Exception[]
  return all.filter((exception) => exception.suite === suite)
}

function covers(pattern: string, id: string): boolean {
  return pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern
}

/** Milliseconds. The slowest case in the suites is to take less than sixty. */
const CASE_LIMIT = 5_000
