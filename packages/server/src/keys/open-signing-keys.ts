import type { Clock, SigningKeyRecord } from '@holdfast/core'
import { systemClock } from '../adapter/system-clock.ts'
import type { Configuration } from '../config/configuration.ts'
import { ConfigurationError } from '../configuration-error.ts'
import { placeProblems } from '../config/load-configuration.ts'
import { loadMaterial } from '../material/load-material.ts'
import { openStore } from '../store/open-store.ts'
import { openConfiguredKeys } from './open-configured-keys.ts'

/** The signing keys in the store of a configuration, for one who operates them beside the running servers. */
export interface SigningKeys {
  /** Oldest first. Makes none. */
  list(): Promise<readonly SigningKeyRecord[]>
  /**
   * Publishes a successor; servers learn of it by themselves. Answers the new key, or `superseded` when somebody else was
   * first.
   */
  rotate(): Promise<SigningKeyRecord | 'superseded'>
  close(): Promise<void>
}

/** Rejects with {@link ConfigurationError} when a named file is not what it should be, and what opening the store throws. */
export async function openSigningKeys(configuration: Configuration, clock: Clock = systemClock): Promise<SigningKeys> {
  const material = loadMaterial(configuration)
  if (!material.ok) throw new ConfigurationError(placeProblems(configuration.source, material.failure))
  const { masterKeys } = material.value
  const store = await openStore(configuration, clock)
  return {
    list: () => store.signingKeys.list(),
    rotate: async () => {
      const before = new Set((await store.signingKeys.list()).map(({ kid }) => kid))
      const isNew = ({ kid, publicJwk }: SigningKeyRecord): boolean => !before.has(kid) && publicJwk['use'] === 'sig'
      const quiet = { resealed: () => undefined, problem: () => undefined }
      const ring = await openConfiguredKeys(configuration, masterKeys, store, clock, quiet)
      try {
        // Where there was none, the ring has made the first one by itself.
        const first = ring.records().find(isNew)
        if (first !== undefined) return first
        const outcome = await ring.rotate()
        return (outcome === 'rotated' ? ring.records().find(isNew) : undefined) ?? 'superseded'
      } finally {
        ring.close()
      }
    },
    close: () => store.close(),
  }
}
