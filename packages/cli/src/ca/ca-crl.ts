import { join } from 'node:path'
import { instantText } from '../cert/instant.ts'
import type { Making } from '../cert/making.ts'
import { printLabelled } from '../cert/print-labelled.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import {
  type AuthorityFolder,
  openAuthorityFolder,
  readRevocations,
  type Revocations,
  writeRevocations,
} from './authority-folder.ts'

export interface CaCrlOptions {
  readonly dir?: string
  readonly days: number
}

/** Writes the CRL of the issuing CA anew. */
export function caCrl(options: CaCrlOptions, terminal: Terminal, making: Making): ExitCode {
  const authority = openAuthorityFolder(options.dir, terminal)
  return writeList(authority, readRevocations(authority), options, terminal, making)
}

/** Writes a CRL with these revocations, and says so. */
export function writeList(
  authority: AuthorityFolder,
  revocations: Revocations,
  options: CaCrlOptions,
  terminal: Terminal,
  making: Making,
): ExitCode {
  const thisUpdate = making.now()
  const nextUpdate = thisUpdate + options.days * secondsPerDay
  const { listNumber, revoked } = writeRevocations(authority, revocations, { thisUpdate, nextUpdate })
  const facts = {
    crl: join(authority.folder, authority.list),
    number: listNumber,
    revoked: revoked.length,
    nextUpdate: instantText(nextUpdate),
  }
  if (terminal.json) terminal.printJson(facts)
  else
    printLabelled(
      [
        ['crl', facts.crl],
        ['number', String(facts.number)],
        ['revoked', String(facts.revoked)],
        ['good until', facts.nextUpdate],
      ],
      terminal,
    )
  return 0
}

const secondsPerDay = 86_400
