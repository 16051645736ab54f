import { InvalidArgumentError } from 'commander'

/** Reads a time on the command line: `2026-01-31`, or `2026-01-31T12:00:00Z`. Answers epoch seconds. */
export function instant(text: string): number {
  const milliseconds = form.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(milliseconds)) {
    throw new InvalidArgumentError('a time is a date such as 2026-01-31, or ISO 8601 such as 2026-01-31T12:00:00Z')
  }
  return Math.floor(milliseconds / 1000)
}

/** Writes epoch seconds as ISO 8601, to the second, UTC. */
export function instantText(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().replace('.000Z', 'Z')
}

const form = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2}))?$/
