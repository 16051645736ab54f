import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { CommandError } from '../command-error.ts'

/** A password, and whether it was made here. */
export interface ReadPassword {
  readonly password: string
  readonly made: 'yes' | 'no'
}

/** The first line of standard input; on a terminal, where it would be seen, a new one. */
export async function readPassword(): Promise<ReadPassword> {
  if (process.stdin.isTTY) return { password: randomBytes(15).toString('base64url'), made: 'yes' }
  let first = ''
  for await (const line of createInterface({ input: process.stdin })) {
    first = line
    break
  }
  if ([...first].length < shortest)
    throw new CommandError('wrong_use', `the password on standard input has less than ${shortest} characters`)
  return { password: first, made: 'no' }
}

/** As on the account page. */
const shortest = 12
