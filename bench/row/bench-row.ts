import { type BenchFixture } from '../fixture/bench-fixture.ts'
import { type Measurement } from '../measure/measurement.ts'

/** One comparison: who takes part, and what the project promised about the outcome. */
export interface BenchRow {
  readonly id: string
  readonly title: string
  readonly contestants: readonly Contestant[]
  /** What a server may wait for without its figures being doubted. */
  readonly mayWaitFor?: 'disk'
  readonly targets: readonly Target[]
}

export interface Contestant {
  readonly name: string
  /** One fresh start, one measurement. */
  readonly run: () => Promise<Measurement>
}

/** A ratio of two medians, or a figure of one, against what must be reached and what is aimed at. */
export interface Target {
  readonly text: string
  readonly unit: '×' | '%' | 'µs' | 'ms' | 'MB'
  readonly better: 'higher' | 'lower'
  /** Without bounds the figure is only told. */
  readonly mustReach?: number
  readonly aimAt?: number
  /** NaN when a contestant that it needs was not measured. */
  readonly value: (medians: ReadonlyMap<string, Measurement>) => number
}

/** What a row is made from. Milliseconds. */
export interface BenchOptions {
  /** Compiled packages, as users have them, or the sources. */
  readonly holdfast: 'built' | 'source'
  readonly fixture: BenchFixture
  /** Folder of this folder's own scripts, as JavaScript. */
  readonly scripts: string
  readonly warmMilliseconds: number
  readonly measureMilliseconds: number
}

/** How many times less CPU per request `faster` needs than `slower`: as a factor, or times 100 as a share of the limit. */
export function cpuRatio(slower: string, faster: string): Target['value'] {
  return (medians) =>
    figure(medians, slower, 'cpuMicrosecondsPerRequest') / figure(medians, faster, 'cpuMicrosecondsPerRequest')
}

/** How near `candidate` comes to `limit` in CPU per request, in per cent. */
export function shareOfLimit(limit: string, candidate: string): Target['value'] {
  const ratio = cpuRatio(limit, candidate)
  return (medians) => ratio(medians) * 100
}

export function rateRatio(more: string, fewer: string): Target['value'] {
  return (medians) => figure(medians, more, 'requestsPerSecond') / figure(medians, fewer, 'requestsPerSecond')
}

/** How near `candidate` comes to `limit` in requests a second, in per cent: where waiting for a disk is part of the work. */
export function shareOfRate(limit: string, candidate: string): Target['value'] {
  const ratio = rateRatio(candidate, limit)
  return (medians) => ratio(medians) * 100
}

export function figure(medians: ReadonlyMap<string, Measurement>, name: string, of: keyof Measurement): number {
  return medians.get(name)?.[of] ?? Number.NaN
}
