import { type BenchRow, type Target } from './row/bench-row.ts'
import { type Measurement, disagreement, medianMeasurement } from './measure/measurement.ts'

/** A row after its rounds. */
export interface RowResult {
  readonly row: BenchRow
  readonly rounds: ReadonlyMap<string, readonly Measurement[]>
}

export interface TargetResult {
  readonly target: Target
  readonly value: number
  readonly verdict: 'aim' | 'reached' | 'missed' | 'told' | 'not measured'
}

export function targetResults({ row, rounds }: RowResult): readonly TargetResult[] {
  const medians = new Map([...rounds].map(([name, measured]) => [name, medianMeasurement(measured)]))
  return row.targets.map((target) => {
    const value = target.value(medians)
    return { target, value, verdict: verdictOf(target, value) }
  })
}

function verdictOf(target: Target, value: number): TargetResult['verdict'] {
  if (Number.isNaN(value)) return 'not measured'
  const { mustReach, aimAt } = target
  if (mustReach === undefined && aimAt === undefined) return 'told'
  const reaches = (bound: number): boolean => (target.better === 'higher' ? value >= bound : value <= bound)
  if (mustReach !== undefined && !reaches(mustReach)) return 'missed'
  return aimAt === undefined || reaches(aimAt) ? 'aim' : 'reached'
}

/** The row as a table for people, and its targets below. */
export function rowText(result: RowResult): string {
  const lines = [['', ...columns.map(({ head }) => head)]]
  for (const [name, rounds] of result.rounds) {
    const medians = medianMeasurement(rounds)
    lines.push([name, ...columns.map(({ cell }) => cell(medians, rounds))])
  }
  const used = lines[0]?.map((_, at) => at === 0 || lines.slice(1).some((line) => line[at] !== '')) ?? []
  const kept = lines.map((line) => line.filter((_, at) => used[at]))
  const widths = (kept[0] ?? []).map((_, at) => Math.max(...kept.map((line) => line[at]?.length ?? 0)))
  const table = kept.map((line) =>
    line.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('   '),
  )
  const targets = targetResults(result).map(targetText)
  return [result.row.title, ...table.map((line) => `  ${line}`.trimEnd()), ...targets, ...doubts(result), ''].join('\n')
}

/** A server that waits for its load gathers smaller bursts and wakes up more often: its CPU per request is not its own. */
export function doubts({ row, rounds }: RowResult): readonly string[] {
  if (row.mayWaitFor !== undefined) return []
  const idle = [...rounds].filter(([, measured]) => (medianMeasurement(measured).busyCores ?? 1) < leastBusy)
  if (idle.length === 0) return []
  const names = idle.map(([name]) => name).join(', ')
  return [`  ?  not to be trusted: the load could not keep busy: ${names} (is the machine at rest?)`]
}

function targetText({ target, value, verdict }: TargetResult): string {
  const sign = target.better === 'higher' ? '≥' : '≤'
  const said = (figure: number): string =>
    `${figure.toFixed(target.unit === '×' || (target.better === 'lower' && figure < 10) ? 2 : 0)} ${target.unit}`
  const { mustReach, aimAt } = target
  const bounds = [
    ...(mustReach === undefined ? [] : [`must be ${sign} ${said(mustReach)}`]),
    ...(aimAt === undefined || aimAt === mustReach ? [] : [`aim ${sign} ${said(aimAt)}`]),
  ].join(', ')
  const mark = { aim: '✓✓', reached: '✓ ', missed: '✗ ', told: '· ', 'not measured': '– ' }[verdict]
  const figure = verdict === 'not measured' ? 'not measured:' : said(value)
  return `  ${mark} ${figure} ${target.text}${bounds === '' ? '' : ` (${bounds})`}`
}

interface Column {
  readonly head: string
  readonly cell: (medians: Measurement, rounds: readonly Measurement[]) => string
}

const columns: readonly Column[] = [
  { head: 'CPU µs', cell: ({ cpuMicrosecondsPerRequest: cpu }) => number(cpu, (cpu ?? 0) < 100 ? 1 : 0) },
  { head: '±', cell: (_, rounds) => percent(disagreement(rounds, 'cpuMicrosecondsPerRequest')) },
  { head: 'per core/s', cell: ({ cpuMicrosecondsPerRequest: cpu }) => number(cpu && 1e6 / cpu, 0) },
  { head: 'wall/s', cell: ({ requestsPerSecond }) => number(requestsPerSecond, 0) },
  { head: 'busy', cell: ({ busyCores }) => (busyCores === undefined ? '' : percent(busyCores)) },
  { head: 'p50 ms', cell: ({ p50Milliseconds }) => number(p50Milliseconds, 2) },
  { head: 'p99 ms', cell: ({ p99Milliseconds }) => number(p99Milliseconds, 2) },
  { head: 'start ms', cell: ({ startMilliseconds }) => number(startMilliseconds, 0) },
  { head: 'start CPU ms', cell: ({ startCpuMilliseconds }) => number(startCpuMilliseconds, 0) },
  { head: 'µs a call', cell: ({ callMicroseconds: call }) => number(call, (call ?? 0) < 1000 ? 2 : 0) },
  { head: 'kept MB', cell: ({ keptBytes }) => number(keptBytes && keptBytes / 1e6, 2) },
  { head: 'idle MB', cell: ({ idleBytes }) => number(idleBytes && idleBytes / 1e6, 0) },
  { head: 'load MB', cell: ({ loadedBytes }) => number(loadedBytes && loadedBytes / 1e6, 0) },
]

function number(value: number | undefined, digits: number): string {
  if (value === undefined || Number.isNaN(value)) return ''
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

function percent(share: number): string {
  return Number.isNaN(share) ? '' : `${(share * 100).toFixed(0)} %`
}

/** The load's own pauses and the disk take a little; more is the neighbours. */
const leastBusy = 0.8
