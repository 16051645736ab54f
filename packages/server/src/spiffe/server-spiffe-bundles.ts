import type { Clock } from '@holdfast/core'
import { ok } from '@holdfast/x509'
import type { Configuration } from '../config/configuration.ts'
import type { Log } from '../log/create-log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { SpiffeBundles } from './open-spiffe-bundles.ts'

/**
 * The bundles of a running server: renewed by themselves, kept beside the store, told to log and metrics. Nothing of it is loaded
 * until a configuration names a trust domain.
 */
export function serverSpiffeBundles(running: Configuration, clock: Clock, log: Log, metrics: Metrics): SpiffeBundles {
  let opened: SpiffeBundles | undefined
  const open = async (): Promise<SpiffeBundles> => {
    const [{ openSpiffeBundles }, { cacheFolder }] = await Promise.all([
      import('./open-spiffe-bundles.ts'),
      import('../revocation/revocation-cache.ts'),
    ])
    return openSpiffeBundles({
      clock,
      looks: 'by_itself',
      cache: cacheFolder(running, 'read_and_write'),
      cachedCertificates: running.limits.cachedCertificates,
      events: {
        loaded: (facts) => {
          metrics.spiffeBundle(facts.trust, 'loaded')
          log.spiffeBundleLoaded(facts)
        },
        failed: (facts) => {
          metrics.spiffeBundle(facts.trust, 'failed')
          log.spiffeBundleFailed(facts)
        },
      },
    })
  }
  return {
    prepare: async (configuration, intermediates) => {
      const wanted = [...configuration.trust.values()].some(({ spiffe }) => spiffe !== undefined)
      if (opened === undefined && !wanted) return ok({ take: () => Promise.resolve(), drop: () => undefined })
      opened ??= await open()
      return opened.prepare(configuration, intermediates)
    },
    find: (trust) => opened?.find(trust),
    expiries: () => opened?.expiries() ?? [],
    close: () => opened?.close(),
  }
}
