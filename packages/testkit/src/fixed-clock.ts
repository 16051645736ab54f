/** A clock that stands still until it is moved; satisfies the `Clock` port. */
export interface FixedClock {
  /** Epoch seconds. */
  now(): number
  /** Moves the clock, forwards or back. */
  advance(seconds: number): void
}

/** Makes a clock that shows `start` (epoch seconds; default 2026-01-01T00:00:00Z). */
export function fixedClock(start: number = newYear2026): FixedClock {
  let now = start
  return {
    now: () => now,
    advance(seconds) {
      now += seconds
    },
  }
}

const newYear2026 = 1_767_225_600
