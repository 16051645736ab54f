import { readFileSync } from 'node:fs'
import type { Clock, KnownPath, TrustProfile } from '@holdfast/core'
import { createAnchorSet, createPathCache, fail, ok } from '@holdfast/x509'
import type { AnchorSet, Result } from '@holdfast/x509'
import { twoGenerationMap } from '../cache/two-generation-map.ts'
import type { Configuration, SpiffeConfiguration, TrustConfiguration } from '../config/configuration.ts'
import type { UnplacedProblem } from '../config/resolution.ts'
import type { ExpiryGauge } from '../metrics/metrics.ts'
import { boundedWait } from '../revocation/bounded-wait.ts'
import { fetchOctets } from '../revocation/fetch-octets.ts'
import { noRevocationCache, revocationCache } from '../revocation/revocation-cache.ts'
import type { CacheFolder } from '../revocation/revocation-cache.ts'
import { bundleFile } from './bundle-file.ts'
import { bundleProblem } from './bundle-problem.ts'
import type { BundleEvents, BundleSource, LoadedBundle } from './bundle-source.ts'
import { bundleUrl } from './bundle-url.ts'

/** The bundles of all SPIFFE trust domains, for as long as the server lives. */
export interface SpiffeBundles {
  /**
   * Makes the trust domains of a configuration ready. `intermediates` are DER by the name of a trust. A bundle file that cannot
   * be used is a problem; what is behind a URL is waited for a short while when nothing is on disk.
   */
  prepare(
    configuration: Configuration,
    intermediates: ReadonlyMap<string, readonly Uint8Array[]>,
  ): Promise<Result<PreparedBundles, readonly UnplacedProblem[]>>
  /** The trust profile made of the bundle as it is now; `undefined` for a trust that is no trust domain. */
  find(trust: string): TrustProfile | undefined
  /** When the bundles at hand go stale. */
  expiries(): readonly ExpiryGauge[]
  close(): void
}

/** Trust domains that are ready to take the place of those before; one of the two must be called. */
export interface PreparedBundles {
  take(): Promise<void>
  drop(): void
}

export interface SpiffeBundlesOptions {
  readonly clock: Clock
  readonly events: BundleEvents
  /** Folder for what was fetched; `undefined`: nothing is kept. */
  readonly cache: CacheFolder | undefined
  /** `by_itself` for a server, `when_asked` for one explanation. */
  readonly looks: 'by_itself' | 'when_asked'
  readonly cachedCertificates: number
}

export function openSpiffeBundles(options: SpiffeBundlesOptions): SpiffeBundles {
  const { clock, events, looks, cachedCertificates } = options
  const disk = options.cache === undefined ? noRevocationCache : revocationCache(options.cache)
  const now = (): number => clock.now()
  let domains = new Map<string, Domain>()

  function sourceOf(trust: string, spiffe: SpiffeConfiguration): Result<BundleSource, { readonly problem: string }> {
    const { trustDomain, bundle } = spiffe
    const parts = { trust, trustDomain, now, events }
    if (bundle.kind === 'file') return ok(bundleFile(bundle.path, parts))
    const maximumAge = spiffe.maximumAge ?? Number.MAX_SAFE_INTEGER
    try {
      const ca = spiffe.ca === undefined ? undefined : readFileSync(spiffe.ca, 'utf8')
      return ok(bundleUrl(bundle.url, { ...parts, fetch: fetchOctets, ca, maximumAge, cache: disk, looks }))
    } catch (error) {
      return fail({
        problem: `${spiffe.ca}: ${error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'}`,
      })
    }
  }

  async function begun(domain: Domain): Promise<void> {
    const { source } = domain
    const beginning = source.look(now())
    if (beginning !== undefined) await boundedWait([beginning])
  }

  return {
    prepare: async (configuration, intermediates) => {
      const next = new Map<string, Domain>()
      const problems: UnplacedProblem[] = []
      for (const [name, trust] of configuration.trust) {
        const { spiffe } = trust
        if (spiffe === undefined) continue
        const settings = settingsOf(trust, intermediates.get(name) ?? [])
        const before = domains.get(name)
        if (before?.settings === settings) {
          next.set(name, before)
          continue
        }
        const source = sourceOf(name, spiffe)
        if (source.ok)
          next.set(name, {
            name,
            settings,
            spiffe,
            trust,
            intermediates: intermediates.get(name) ?? [],
            source: source.value,
            made: undefined,
          })
        else problems.push(bundleProblem(name, 'ca', source.failure.problem))
      }
      await Promise.all([...next.values()].map(begun))
      for (const { name, spiffe, source } of next.values()) {
        const unusable = spiffe.bundle.kind === 'file' && source.loaded === undefined
        if (unusable)
          problems.push(bundleProblem(name, 'bundle', `${source.origin}: ${source.problem ?? 'cannot be used'}`))
      }
      const drop = (): void => closeUnused(next, domains)
      if (problems.length > 0) {
        drop()
        return fail(problems)
      }
      const take = async (): Promise<void> => {
        const before = domains
        domains = next
        closeUnused(before, next)
        // Whoever reloads wants to know now.
        const stay = [...next.values()].filter((domain) => before.get(domain.name) === domain)
        await boundedWait(stay.flatMap(({ source }) => source.load() ?? []))
      }
      return ok({ take, drop })
    },
    find: (trust) => {
      const domain = domains.get(trust)
      if (domain === undefined) return undefined
      void domain.source.look(now())
      return profileOf(domain, cachedCertificates)
    },
    expiries: () =>
      [...domains.values()].flatMap(({ spiffe, source }) => {
        const expiresAt = untilOf(source.loaded, spiffe)
        const ends = expiresAt !== undefined && expiresAt < Number.MAX_SAFE_INTEGER
        return ends ? [{ kind: 'spiffe_bundle' as const, name: spiffe.trustDomain, expiresAt }] : []
      }),
    close: () => {
      for (const { source } of domains.values()) source.close()
      domains = new Map()
    },
  }
}

interface Domain {
  /** The name of the trust. */
  readonly name: string
  /** What everything here was made with. */
  readonly settings: string
  readonly spiffe: SpiffeConfiguration
  readonly trust: TrustConfiguration
  readonly intermediates: readonly Uint8Array[]
  readonly source: BundleSource
  made: { readonly of: LoadedBundle | undefined; readonly profile: TrustProfile } | undefined
}

function closeUnused(domains: ReadonlyMap<string, Domain>, kept: ReadonlyMap<string, Domain>): void {
  for (const [name, domain] of domains) if (kept.get(name) !== domain) domain.source.close()
}

/** The profile of the bundle at hand. What was proven by its anchors stays proven when only its age has changed. */
function profileOf(domain: Domain, cachedCertificates: number): TrustProfile {
  const { spiffe, source, made } = domain
  const { loaded } = source
  if (made !== undefined && made.of === loaded) return made.profile
  const state = { name: spiffe.trustDomain, bundleUntil: untilOf(loaded, spiffe) }
  if (made !== undefined && made.of?.bundle === loaded?.bundle) {
    domain.made = { of: loaded, profile: { ...made.profile, spiffe: state } }
    return domain.made.profile
  }
  const anchors = anchorsOf(domain, loaded?.bundle.anchors ?? [])
  const profile: TrustProfile = {
    anchors,
    issuers: createPathCache(anchors),
    paths: twoGenerationMap<KnownPath>(cachedCertificates),
    elapsed: () => performance.now(),
    spiffe: state,
  }
  domain.made = { of: loaded, profile }
  return profile
}

/** A certificate of the bundle that cannot be an anchor is passed over: others must not suffer for it. */
function anchorsOf({ name, trust, intermediates }: Domain, bundle: readonly Uint8Array[]): AnchorSet {
  let anchors = bundle
  for (;;) {
    const { extendedKeyUsage, profile } = trust
    const set = createAnchorSet({ name, anchors, emptiness: 'allowed', intermediates, extendedKeyUsage, profile })
    if (set.ok) return set.value
    const { failure } = set
    if (!('list' in failure) || failure.list !== 'anchors') throw new Error(`trust ${name}: ${failure.reason}`)
    anchors = anchors.filter((_, index) => index !== failure.index)
  }
}

function untilOf(loaded: LoadedBundle | undefined, { maximumAge }: SpiffeConfiguration): number | undefined {
  if (loaded === undefined) return undefined
  return maximumAge === undefined ? Number.MAX_SAFE_INTEGER : loaded.fetchedAt + maximumAge
}

function settingsOf(trust: TrustConfiguration, intermediates: readonly Uint8Array[]): string {
  return JSON.stringify([trust, intermediates.map((der) => Buffer.from(der).toString('base64'))])
}
