import { openKeyRing, readMasterKeyFile, systemClock } from '@holdfast/server'
import { CommandError } from '../command-error.ts'
import { readConfiguration } from '../config/read-configuration.ts'
import { instantText } from '../cert/instant.ts'
import { shortThumbprint } from '../explain/short-thumbprint.ts'
import type { KeysRotateOptions } from '../program/keys.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { keyJson, withStore } from './signing-keys.ts'

/** `holdfast keys rotate`: a successor, published now and signing when caches have run out. */
export async function keysRotate(options: KeysRotateOptions, terminal: Terminal): Promise<ExitCode> {
  const configuration = readConfiguration(options.config, terminal)
  const { keys } = configuration
  if (keys.masterKeyFile === undefined)
    throw new CommandError(
      'wrong_use',
      'the store of this configuration dies with the process: there is nothing to rotate',
    )
  const algorithm = options.algorithm ?? keys.algorithm
  if (![keys.algorithm, ...keys.alsoSignWith].includes(algorithm))
    throw new CommandError('wrong_use', `the configuration does not sign with ${algorithm}`, {
      hint: `it signs with ${[keys.algorithm, ...keys.alsoSignWith].join(', ')}`,
    })
  const masterKeys = [keys.masterKeyFile, ...keys.previousMasterKeyFiles].map(readMasterKeyFile)
  const clock = systemClock
  return withStore(configuration, async (store) => {
    const before = new Set((await store.signingKeys.list()).map((record) => record.kid))
    const ring = await openKeyRing({
      store: store.signingKeys,
      clock,
      masterKeys,
      algorithm,
      rotateEvery: 0,
      publishBefore: keys.publishBefore,
      keepAfter: keys.keepAfter,
      onProblem: () => undefined,
    })
    try {
      // The ring makes the first key of an algorithm by itself.
      const isFirst = ring.records().some((record) => !before.has(record.kid))
      if (!isFirst && (await ring.rotate()) === 'superseded')
        throw new CommandError('no', 'another process rotated the keys at the same time', {
          hint: 'holdfast keys list',
        })
      const added = ring.records().find((record) => !before.has(record.kid))
      if (added === undefined) throw new Error('the new key is not in the store')
      if (terminal.json) terminal.printJson(keyJson(added, clock.now()))
      else
        terminal.print(
          `${shortThumbprint(added.kid)}  ${added.algorithm}  published, signs from ${instantText(added.signsFrom)}`,
        )
      return 0
    } finally {
      ring.close()
    }
  })
}
