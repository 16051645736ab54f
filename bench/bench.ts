import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchFixture } from './fixture/bench-fixture.ts'
import { strippedScripts } from './fixture/stripped-scripts.ts'
import { stopAllCandidates } from './measure/candidate-process.ts'
import { type Measurement, medianMeasurement } from './measure/measurement.ts'
import { canPin, preferSession } from './measure/pinned.ts'
import { type RowResult, rowText, targetResults } from './report.ts'
import { type BenchOptions, type BenchRow } from './row/bench-row.ts'
import { benchRows } from './row/bench-rows.ts'

/** Runs the chosen rows, prints each as it ends; exit code 1 when a target that must be reached was missed, 3 when a row failed. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string' },
      only: { type: 'string' },
      with: { type: 'string' },
      source: { type: 'boolean', default: false },
      compiled: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5))
  if (!Number.isInteger(rounds) || rounds < 1) return wrongUse(`--rounds must be a whole number, got ${values.rounds}`)
  const say = (text: string): void => void (values.json ? process.stderr : process.stdout).write(text)

  if (!values.source && !values.compiled) compile()
  const fixture = benchFixture(clientCount)
  process.on('exit', () => {
    stopAllCandidates()
    fixture.remove()
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(3))

  const niceness = process.env['HOLDFAST_BENCH_NICE']
  if (niceness !== undefined) preferSession(niceness)
  const options: BenchOptions = {
    fixture,
    scripts: strippedScripts(),
    holdfast: values.source ? 'source' : 'built',
    warmMilliseconds: values.quick ? 1000 : 2500,
    measureMilliseconds: values.quick ? 1000 : 3000,
  }
  const rows = benchRows(options).map((row) => onlyWith(row, values.with?.split(',')))
  const wanted = values.only?.split(',')
  const unknown = wanted?.filter((id) => !rows.some((row) => row.id === id)) ?? []
  if (unknown.length > 0)
    return wrongUse(`no such row: ${unknown.join(', ')}; rows are ${rows.map(({ id }) => id).join(', ')}`)

  say(
    `${machine()}\n${rounds} round${rounds === 1 ? '' : 's'}, ${options.warmMilliseconds} ms warm-up, ${options.measureMilliseconds} ms measured; medians\n\n`,
  )
  const results: RowResult[] = []
  const failed: string[] = []
  for (const row of rows.filter(({ id }) => wanted?.includes(id) ?? true)) {
    try {
      const result = await runRow(row, rounds)
      results.push(result)
      say(`${rowText(result)}\n`)
    } catch (error) {
      failed.push(row.id)
      say(`${row.title}\n  not measured: ${messages(error)}\n\n`)
    }
  }
  if (values.json) process.stdout.write(`${JSON.stringify(asJson(results, rounds), undefined, 2)}\n`)
  const missed = results.flatMap(targetResults).filter(({ verdict }) => verdict === 'missed')
  if (failed.length > 0) say(`Could not be measured: ${failed.join(', ')}.\n`)
  if (missed.length > 0) say(`${missed.length} target(s) missed.\n`)
  else if (failed.length === 0) say('Nothing that must be reached was missed.\n')
  return missed.length > 0 ? 1 : failed.length > 0 ? 3 : 0
}

/** What users run is compiled; `tsc -b` does nothing when it is up to date. */
function compile(): void {
  for (const command of ['tsc -b packages/guard', 'node scripts/bundle.ts']) {
    const { status, stdout, stderr } = spawnSync('npx', command.split(' '), {
      cwd: join(import.meta.dirname, '..'),
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`${command} failed:\n${stdout}${stderr}`)
  }
}

function onlyWith(row: BenchRow, names: readonly string[] | undefined): BenchRow {
  if (names === undefined) return row
  return { ...row, contestants: row.contestants.filter(({ name }) => names.includes(name)) }
}

function messages(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}\n${messages(error.cause)}`
}

/** Every contestant once in each round, so that whatever disturbs the machine disturbs them all. */
async function runRow(row: BenchRow, rounds: number): Promise<RowResult> {
  const measured = new Map<string, Measurement[]>(row.contestants.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const contestant of row.contestants) measured.get(contestant.name)?.push(await contestant.run())
  }
  return { row, rounds: measured }
}

function asJson(results: readonly RowResult[], rounds: number): unknown {
  return {
    machine: machine(),
    rounds,
    rows: results.map((result) => ({
      id: result.row.id,
      title: result.row.title,
      medians: Object.fromEntries([...result.rounds].map(([name, of]) => [name, medianMeasurement(of)])),
      targets: targetResults(result).map(({ target, value, verdict }) => {
        const { text, unit, better, mustReach, aimAt } = target
        return { text, unit, better, mustReach, aimAt, value, verdict }
      }),
    })),
  }
}

function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU'
  const kernel = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()
  const cores = canPin() ? 'server on core 0, load on core 1' : 'not pinned (no taskset, or one core)'
  const load = loadavg()[0]?.toFixed(2)
  return `Node ${process.version}, OpenSSL ${process.versions.openssl}, ${model}, Linux ${kernel}; ${cores}; load average ${load} before`
}

function wrongUse(problem: string): number {
  process.stderr.write(`${problem}\n\n${usage}`)
  return 2
}

const clientCount = 100
const usage = `npm run bench -- [--rounds N] [--only ROW,ROW] [--with NAME,NAME] [--source | --compiled] [--quick] [--json]

  --rounds N   rounds per row, every candidate once in each (default 5)
  --only       which rows to run
  --with       only these candidates, by the names in the tables
  --source     run holdfast from its sources instead of compiling it first
  --compiled   run what was compiled last
  --quick      one short round: does it work, roughly how fast
  --json       one JSON object on stdout, the tables on stderr

What the rows are and how they are measured: docs/performance.md
`

process.exit(await main())
