import { CommandError } from '../command-error.ts'
import { readConfiguration } from '../config/read-configuration.ts'
import { shortThumbprint } from '../explain/short-thumbprint.ts'
import type { KeysOptions } from '../program/keys.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { keyJson, keyState, withSigningKeys } from './signing-keys.ts'

/** `holdfast keys rotate`: a successor, published now and signing when caches have run out. */
export async function keysRotate(options: KeysOptions, terminal: Terminal): Promise<ExitCode> {
  const configuration = readConfiguration(options.config, terminal)
  if (configuration.keys.masterKeyFile === undefined)
    throw new CommandError(
      'wrong_use',
      'the store of this configuration dies with the process: there is nothing to rotate',
    )
  const added = await withSigningKeys(configuration, options.config, (keys) => keys.rotate())
  if (added === 'superseded')
    throw new CommandError('no', 'another process rotated the keys at the same time', { hint: 'holdfast keys list' })
  const now = Math.floor(Date.now() / 1000)
  if (terminal.json) terminal.printJson(keyJson(added, now))
  else terminal.print(`${shortThumbprint(added.kid)}  ${added.algorithm}  ${keyState(added, now)}`)
  return 0
}
