/** Whole seconds since 1970-01-01T00:00:00Z. */
export type EpochSeconds = number

export interface Clock {
  /** The current time, floored to the second. */
  now(): EpochSeconds
}
