import type { Clock, RevocationPolicy } from '@holdfast/core'
import { fail, ok } from '@holdfast/x509'
import type { AnchorSet, Result } from '@holdfast/x509'
import type { Configuration, CrlLocation, RevocationConfiguration } from '../config/configuration.ts'
import type { UnplacedProblem } from '../config/resolution.ts'
import { publicAddress } from '../jwks-uri/public-address.ts'
import type { MaterialWarning } from '../material/load-material.ts'
import type { ExpiryGauge } from '../metrics/metrics.ts'
import { boundedWait } from './bounded-wait.ts'
import { createCrlParser } from './create-crl-parser.ts'
import { crlFile } from './crl-file.ts'
import { crlFileProblem, crlFileWarnings } from './crl-file-findings.ts'
import type { CrlSource, LoadedFacts, RevocationEvents } from './crl-source.ts'
import { crlUrl } from './crl-url.ts'
import { fetchOctets } from './fetch-octets.ts'
import { hostBackOff } from './host-back-off.ts'
import { noRevocationCache, revocationCache } from './revocation-cache.ts'
import type { CacheFolder } from './revocation-cache.ts'
import { signerList } from './signer-list.ts'
import type { SignerList } from './signer-list.ts'
import { trustRevocation } from './trust-revocation.ts'

/** Everything that knows about revoked certificates, for as long as the server lives. */
export interface Revocation {
  /**
   * Takes over the revocation settings of a configuration and answers the policy of each trust that has one. Every CRL file is
   * read: one that cannot be used is a problem, and then nothing has changed. What is behind a URL may come later; the second
   * time it is asked for at once, and waited for as long as a request would.
   */
  configure(
    configuration: Configuration,
    anchors: ReadonlyMap<string, AnchorSet>,
  ): Promise<Result<ReadonlyMap<string, RevocationPolicy>, readonly UnplacedProblem[]>>
  /** When the CRLs at hand end. */
  expiries(): readonly ExpiryGauge[]
  /** Files of CRLs that have ended: no reason not to start, but certificates are unknown from now on. */
  warnings(): readonly MaterialWarning[]
  close(): void
}

export interface RevocationOptions {
  readonly clock: Clock
  readonly events: RevocationEvents
  /** Folder for what was fetched; `undefined`: nothing is kept. */
  readonly cache: CacheFolder | undefined
  /** `by_itself` for a server, `when_asked` for one explanation. */
  readonly looks: 'by_itself' | 'when_asked'
}

export function openRevocation({ clock, events, cache, looks }: RevocationOptions): Revocation {
  const parser = createCrlParser()
  const disk = cache === undefined ? noRevocationCache : revocationCache(cache)
  const now = (): number => clock.now()
  const closing = new AbortController()
  const hosts = hostBackOff()
  let trusts = new Map<string, Trust>()

  function trustOf(name: string, configuration: RevocationConfiguration, anchors: AnchorSet): Trust {
    const before = trusts.get(name)
    const reusable = before?.settings === settingsOf(configuration) ? before.sources : new Map<string, CrlSource>()
    // Sources that stay know this list.
    const signers = before?.signers ?? signerList()
    signers.addAll(anchors)
    const changes = before?.changes ?? { forget: () => undefined }
    const sources = new Map([...reusable].filter(([key]) => key.startsWith('found ')))
    const mayConnect = { configured: () => true, found: publicAddress(configuration.privateAddresses) }
    const loaded = (facts: LoadedFacts): void => {
      changes.forget()
      events.loaded(facts)
    }
    const crlParts = {
      trust: name,
      parser,
      candidates: () => signers.all(),
      maximumOctets: configuration.maximumCrlOctets,
      events: { ...events, loaded },
    }
    const { refresh, grace } = configuration
    const urlParts = { ...crlParts, fetch: fetchOctets, cache: disk, now, refresh, grace, looks, hosts }

    function source(key: string, make: () => CrlSource): CrlSource {
      const known = sources.get(key) ?? reusable.get(key) ?? make()
      sources.set(key, known)
      return known
    }
    const configured = configuration.crls.map((location) =>
      source(keyOf(location), () =>
        location.kind === 'file'
          ? crlFile(location.path, crlParts)
          : crlUrl(location.url, { ...urlParts, mayConnect: mayConnect.configured }),
      ),
    )
    const { policy, forget } = trustRevocation({
      configuration,
      anchors,
      sources: configured,
      sourceFor: (url) => {
        const key = `found ${url}`
        if (!sources.has(key) && sources.size >= maximumSources) return undefined
        return source(key, () => crlUrl(url, { ...urlParts, mayConnect: mayConnect.found }))
      },
      met: (authority) => signers.add(authority),
      ocsp: {
        trust: name,
        fetch: fetchOctets,
        // A responder that the configuration names may be anywhere; with URLs out of certificates that cannot be told apart.
        mayConnect: configuration.respondersFromCertificate === 'follow' ? mayConnect.found : mayConnect.configured,
        cache: disk,
        now,
        refresh,
        events,
        signal: closing.signal,
        hosts,
      },
    })
    return { settings: settingsOf(configuration), configured, sources, signers, changes, policy, forget }
  }

  return {
    configure: async (configuration, anchors) => {
      const next = new Map<string, Trust>()
      hosts.forget()
      for (const [name, { revocation }] of configuration.trust) {
        const set = anchors.get(name)
        if (revocation !== undefined && set !== undefined) next.set(name, trustOf(name, revocation, set))
      }
      const problems: UnplacedProblem[] = []
      for (const [name, { configured }] of next) {
        await Promise.all(configured.flatMap((source) => (isFile(source) ? (source.load() ?? []) : [])))
        for (const [index, source] of configured.entries()) {
          if (!isFile(source) || source.problem === undefined) continue
          problems.push(crlFileProblem(name, index, source))
        }
      }
      const [kept, dropped] = problems.length > 0 ? [trusts, next] : [next, trusts]
      closeUnused(dropped, kept)
      trusts = kept
      if (problems.length > 0) return fail(problems)
      for (const trust of trusts.values()) trust.changes.forget = trust.forget
      if (looks === 'by_itself') {
        const asked = [...trusts.values()].flatMap(({ sources }) => [...sources.values()].filter((one) => !isFile(one)))
        const looking = asked.flatMap((source) => (source.crls.length > 0 ? source.load() : source.look(now())) ?? [])
        // Whoever reloads wants to know now; at start nobody waits for the network.
        if (dropped.size > 0) await boundedWait(looking)
      }
      return ok(new Map([...trusts].map(([name, { policy }]) => [name, policy])))
    },
    expiries: () => [...trusts.values()].flatMap(({ sources }) => [...sources.values()].flatMap(expiryOf)),
    warnings: () =>
      [...trusts].flatMap(([name, { configured, policy }]) =>
        configured.flatMap((source, index) =>
          isFile(source) ? crlFileWarnings(name, index, source, now() - policy.grace) : [],
        ),
      ),
    close: () => {
      closing.abort()
      closeUnused(trusts, new Map())
      trusts = new Map()
      parser.close()
    },
  }
}

interface Trust {
  /** What the sources were made with. */
  readonly settings: string
  readonly configured: readonly CrlSource[]
  /** Configured and found ones. */
  readonly sources: ReadonlyMap<string, CrlSource>
  readonly signers: SignerList
  /** What sources that stay call, whichever policy is in force. */
  readonly changes: { forget: () => void }
  readonly policy: RevocationPolicy
  readonly forget: () => void
}

function closeUnused(trusts: ReadonlyMap<string, Trust>, kept: ReadonlyMap<string, Trust>): void {
  const inUse = new Set([...kept.values()].flatMap(({ sources }) => [...sources.values()]))
  for (const { sources } of trusts.values()) {
    for (const source of sources.values()) if (!inUse.has(source)) source.close()
  }
}

/** What sources depend on, besides where they are. */
function settingsOf(configuration: RevocationConfiguration): string {
  const { refresh, grace, maximumCrlOctets, privateAddresses, distributionPoints, allowedHosts } = configuration
  return JSON.stringify([refresh, grace, maximumCrlOctets, privateAddresses, distributionPoints, allowedHosts])
}

function keyOf(location: CrlLocation): string {
  return location.kind === 'file' ? `file ${location.path}` : `configured ${location.url}`
}

function isFile({ origin }: CrlSource): boolean {
  return !/^https?:/.test(origin)
}

function expiryOf({ origin, crls }: CrlSource): readonly ExpiryGauge[] {
  const ends = crls.flatMap(({ nextUpdate }) => (nextUpdate === undefined ? [] : [nextUpdate]))
  return ends.length === 0 ? [] : [{ kind: 'crl', name: origin, expiresAt: Math.min(...ends) }]
}

/** CRLs of one trust, those that certificates name included: a hundred issuing CAs with a base and a delta each. */
const maximumSources = 256
