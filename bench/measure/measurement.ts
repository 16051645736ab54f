/** One candidate, one round. Times in the unit of the name, memory in bytes; what does not apply is absent. */
export interface Measurement {
  readonly cpuMicrosecondsPerRequest?: number
  readonly requestsPerSecond?: number
  /** CPU seconds per second: 1 is a core without a pause. Far below, the load could not keep the server busy. */
  readonly busyCores?: number
  readonly p50Milliseconds?: number
  readonly p99Milliseconds?: number
  readonly idleBytes?: number
  readonly loadedBytes?: number
  /** From spawn to the first answer: by the clock, and the CPU time of all threads until then. */
  readonly startMilliseconds?: number
  readonly startCpuMilliseconds?: number
  /** Of one call, the best of many within one process. */
  readonly callMicroseconds?: number
  readonly keptBytes?: number
}

/** The median of each figure by itself, over the rounds that have it. */
export function medianMeasurement(rounds: readonly Measurement[]): Measurement {
  const medians: Partial<Record<keyof Measurement, number>> = {}
  for (const figure of figures) {
    const values = rounds.map((round) => round[figure]).filter((value) => value !== undefined)
    if (values.length > 0) medians[figure] = median(values)
  }
  return medians
}

/** Half of the interquartile range over the median: how far the rounds disagree, as a share. */
export function disagreement(rounds: readonly Measurement[], figure: keyof Measurement): number {
  const values = rounds.map((round) => round[figure]).filter((value) => value !== undefined)
  if (values.length < 3) return Number.NaN
  return (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / median(values)
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** Between neighbours by straight line. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}

const figures = [
  'cpuMicrosecondsPerRequest',
  'requestsPerSecond',
  'busyCores',
  'p50Milliseconds',
  'p99Milliseconds',
  'idleBytes',
  'loadedBytes',
  'startMilliseconds',
  'startCpuMilliseconds',
  'callMicroseconds',
  'keptBytes',
] as const satisfies readonly (keyof Measurement)[]
