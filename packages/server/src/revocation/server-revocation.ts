import type { Clock } from '@holdfast/core'
import type { Configuration } from '../config/configuration.ts'
import type { Log } from '../log/create-log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { openRevocation } from './open-revocation.ts'
import type { Revocation } from './open-revocation.ts'
import { cacheFolder } from './revocation-cache.ts'

/** The revocation of a running server: looks by itself, keeps what it fetched beside the store, and tells log and metrics. */
export function serverRevocation(configuration: Configuration, clock: Clock, log: Log, metrics: Metrics): Revocation {
  return openRevocation({
    clock,
    looks: 'by_itself',
    cache: cacheFolder(configuration, 'read_and_write'),
    events: {
      loaded: (facts) => {
        metrics.revocation(facts.trust, facts.kind, 'loaded')
        log.revocationLoaded(facts)
      },
      failed: (facts) => {
        metrics.revocation(facts.trust, facts.kind, 'failed')
        log.revocationFailed(facts)
      },
    },
  })
}
