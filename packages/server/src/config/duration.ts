import type { DurationText } from './configuration-file.ts'

/** Seconds of a duration that the schema has checked: a number, or `15m`. */
export function durationSeconds(duration: DurationText): number {
  if (typeof duration === 'number') return duration
  return Number(duration.slice(0, -1)) * (secondsPer[duration.at(-1) ?? 's'] ?? 1)
}

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
