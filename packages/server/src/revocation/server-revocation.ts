import type { Clock } from '@holdfast/core'
import { ok } from '@holdfast/x509'
import type { Configuration } from '../config/configuration.ts'
import type { Log } from '../log/create-log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Revocation } from './open-revocation.ts'

/**
 * The revocation of a running server: looks by itself, keeps what it fetched beside the store, and tells log and metrics. Nothing
 * of it is loaded until a configuration asks whether certificates are revoked.
 */
export function serverRevocation(running: Configuration, clock: Clock, log: Log, metrics: Metrics): Revocation {
  let opened: Revocation | undefined
  const open = async (): Promise<Revocation> => {
    const [{ openRevocation }, { cacheFolder }] = await Promise.all([
      import('./open-revocation.ts'),
      import('./revocation-cache.ts'),
    ])
    return openRevocation({
      clock,
      looks: 'by_itself',
      cache: cacheFolder(running, 'read_and_write'),
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
  return {
    configure: async (configuration, anchors) => {
      const wanted = [...configuration.trust.values()].some(({ revocation }) => revocation !== undefined)
      if (opened === undefined && !wanted) return ok(new Map())
      opened ??= await open()
      return opened.configure(configuration, anchors)
    },
    expiries: () => opened?.expiries() ?? [],
    warnings: () => opened?.warnings() ?? [],
    close: () => opened?.close(),
  }
}
