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

/** Runs every case in a worker thread with a time limit of its own; a case over it is a hang, and the next gets a new worker. */
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
  for (const [index, verdict] of (await verdictsOf(cases, profile)).entries()) {
    const limbo = cases[index]!
    if (verdict === 'hang') {
      report.hangs.push(limbo.id)
      continue
    }
    if (limbo.id.startsWith('pathological::') && verdict.time > slowest.time)
      slowest = { id: limbo.id, time: verdict.time }
    const exception = exceptions.find(({ id }) => covers(id, limbo.id))
    if (verdict.accepted === (limbo.expected_result === 'SUCCESS')) {
      passed++
      if (exception !== undefined) report.unexpectedSuccesses.push(limbo.id)
    } else if (exception?.expected !== limbo.expected_result) {
      const list = verdict.accepted ? report.falseAccepts : report.falseRejects
      list.push(`${limbo.id}: ${verdict.reason}`)
    }
  }
  return { cases: cases.length, passed, ...report, slowest }
}

async function verdictsOf(
  cases: readonly LimboCase[],
  profile: 'strict' | 'interop',
): Promise<readonly (Verdict | 'hang')[]> {
  const verdicts: (Verdict | 'hang')[] = []
  while (verdicts.length < cases.length) {
    const answered = await runInWorker(cases.slice(verdicts.length), profile)
    verdicts.push(...answered)
    if (verdicts.length < cases.length) verdicts.push('hang')
  }
  return verdicts
}

/** The verdicts up to the first case that takes too long. */
async function runInWorker(cases: readonly LimboCase[], profile: 'strict' | 'interop'): Promise<readonly Verdict[]> {
  const worker = new Worker(new URL('./case-worker.ts', import.meta.url), {
    execArgv: ['--conditions=holdfast-source'],
    workerData: { cases, profile },
  })
  try {
    return await new Promise((resolve, reject) => {
      const verdicts: Verdict[] = []
      let limit: NodeJS.Timeout | undefined
      worker.on('message', (verdict: Verdict | 'ready') => {
        clearTimeout(limit)
        limit = setTimeout(() => resolve(verdicts), CASE_LIMIT)
        if (verdict === 'ready') return
        verdicts.push(verdict)
        if (verdicts.length < cases.length) return
        clearTimeout(limit)
        resolve(verdicts)
      })
      worker.on('error', (error) => {
        clearTimeout(limit)
        reject(new Error(`${cases[verdicts.length]?.id} threw`, { cause: error }))
      })
    })
  } finally {
    await worker.terminate()
  }
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
