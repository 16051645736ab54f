import type { Clock } from '@holdfast/core'
import type { Configuration } from '../config/configuration.ts'
import type { Store } from '../store/store.ts'
import { resealSigningKey } from './generate-signing-key.ts'
import { openKeyRing } from './key-ring.ts'
import type { KeyRing } from './key-ring.ts'
import type { MasterKey } from './master-key.ts'

/** Told of what happens to keys beside their use. */
export interface KeyEvents {
  /** So many keys were sealed anew, under the first master key. */
  readonly resealed: (count: number) => void
  readonly problem: (cause: unknown) => void
}

/** The key ring that the configuration describes, on its store. */
export async function openConfiguredKeys(
  { keys, tokens, clients }: Configuration,
  masterKeys: readonly MasterKey[],
  store: Store,
  clock: Clock,
  events: KeyEvents,
): Promise<KeyRing> {
  const count =
    masterKeys.length > 1 ? await store.signingKeys.reseal((record) => resealSigningKey(record, masterKeys)) : 0
  if (count > 0) events.resealed(count)
  const longest = Math.max(tokens.accessTokenLifetime, ...clients.map((client) => client.accessTokenLifetime ?? 0))
  return openKeyRing({
    store: store.signingKeys,
    clock,
    masterKeys,
    algorithm: keys.algorithm,
    rotateEvery: keys.rotateEvery,
    publishBefore: keys.publishBefore,
    // A token must not outlive the key that proves it, whatever was configured.
    keepAfter: Math.max(keys.keepAfter, longest + clockSkew),
    onProblem: events.problem,
  })
}

/** Seconds by which clocks may differ and a token still be presented. */
const clockSkew = 120
