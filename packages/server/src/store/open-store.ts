import type { Clock } from '@holdfast/core'
import type { Configuration } from '../config/configuration.ts'
import { openSqliteStore } from './sqlite/open-sqlite-store.ts'
import type { Store } from './store.ts'

/** The store that the configuration names. */
export function openStore(configuration: Configuration, clock: Clock): Store {
  return openSqliteStore({
    path: configuration.store.path,
    clock,
    busyTimeoutSeconds: configuration.store.busyTimeoutSeconds,
    replayEntries: configuration.limits.replayEntries,
  })
}
