import { randomInt } from 'node:crypto'

/**
 * When to ask again for something that holds until `end`: at half its remaining life, but no later than `refresh` and no later
 * than HTTP allows to keep it, give or take a tenth. HTTP can only shorten. All in epoch seconds and seconds.
 */
export function nextLook(now: number, end: number | undefined, refresh: number, maxAge: number | undefined): number {
  const half = end === undefined ? refresh : Math.max(0, (end - now) / 2)
  const seconds = Math.max(shortest, Math.min(half, refresh, maxAge ?? refresh))
  return now + jittered(seconds)
}

/** Seconds to wait after so many failures in a row: each time twice as long. */
export function retryDelay(failures: number, refresh: number): number {
  return jittered(Math.min(firstRetry * 2 ** Math.min(failures, 10), longestRetry, Math.max(firstRetry, refresh)))
}

function jittered(seconds: number): number {
  return Math.max(1, Math.round((seconds * (900 + randomInt(201))) / 1000))
}

/** However short-lived an answer is: nobody is asked more often. */
const shortest = 30
const firstRetry = 10
const longestRetry = 600
