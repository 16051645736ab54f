import { InvalidArgumentError } from 'commander'

/** Reads a number of days on the command line. */
export function days(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('days are a whole number from 1 to 99999')
  return Number(text)
}
