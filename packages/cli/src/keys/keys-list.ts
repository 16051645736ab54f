import { existsSync } from 'node:fs'
import { readConfiguration } from '../config/read-configuration.ts'
import { shortThumbprint } from '../explain/short-thumbprint.ts'
import type { KeysOptions } from '../program/keys.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { keyJson, keyState, withSigningKeys } from './signing-keys.ts'

/** `holdfast keys list`: the signing keys in the store, oldest first. */
export async function keysList(options: KeysOptions, terminal: Terminal): Promise<ExitCode> {
  const configuration = readConfiguration(options.config, terminal)
  const { store } = configuration
  const records =
    store.kind === 'postgres' || existsSync(store.path)
      ? await withSigningKeys(configuration, options.config, (keys) => keys.list())
      : []
  const now = Math.floor(Date.now() / 1000)
  if (terminal.json) terminal.printJson(records.map((record) => keyJson(record, now)))
  else if (records.length === 0) terminal.note('no signing key yet: the server makes the first one when it starts')
  else
    for (const record of records)
      terminal.print(`${shortThumbprint(record.kid)}  ${record.algorithm}  ${keyState(record, now)}`)
  return 0
}
