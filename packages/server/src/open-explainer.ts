import { explainTokenRequest } from '@holdfast/core'
import type {
  AnchorSets,
  BackChannelRequest,
  CertificateReader,
  ClientAuthenticationPorts,
  Clock,
  ReplayStore,
  RevocationPolicy,
  TokenRequestExplanation,
} from '@holdfast/core'
import { createAssertionVerifier } from './adapter/assertion-verifier.ts'
import { createCertificateReader } from './adapter/certificate-reader.ts'
import { createRandomIdentifiers } from './adapter/random-identifiers.ts'
import { createSecretVerifier } from './client-secret/create-secret-verifier.ts'
import type { Configuration } from './config/configuration.ts'
import { placeProblems } from './config/load-configuration.ts'
import { ConfigurationError } from './configuration-error.ts'
import { createRegisteredKeys } from './jwks-uri/create-registered-keys.ts'
import { createFetchJson } from './jwks-uri/fetch-json.ts'
import { publicAddress } from './jwks-uri/public-address.ts'
import { authorizationServerSettings } from './live-settings.ts'
import { openRevocation } from './revocation/open-revocation.ts'
import { cacheFolder } from './revocation/revocation-cache.ts'
import { loadMaterial } from './material/load-material.ts'
import type { Material } from './material/load-material.ts'
import type { SpiffeBundles } from './spiffe/open-spiffe-bundles.ts'

/** The decisions of a server with this configuration, without the server: nothing listens, no store is opened. */
export interface Explainer {
  explain(request: BackChannelRequest): Promise<TokenRequestExplanation>
  readonly anchors: AnchorSets
  readonly certificates: CertificateReader
}

/** Throws {@link ConfigurationError} when a named file is not what it should be. */
export function openExplainer(configuration: Configuration, clock: Clock): Explainer {
  const material = loadMaterial(configuration)
  if (!material.ok) throw new ConfigurationError(placeProblems(configuration.source, material.failure))
  let policies: ReadonlyMap<string, RevocationPolicy> = new Map()
  let bundles: SpiffeBundles | undefined
  const mayConnect = publicAddress(configuration.limits.jwksUriPrivateAddresses)
  const ports: ClientAuthenticationPorts = {
    clock,
    random: createRandomIdentifiers(),
    audit: { record: () => undefined },
    clients: configuration.clients,
    certificates: createCertificateReader(configuration.limits.cachedCertificates),
    anchors: {
      find: (name) => {
        const anchors = material.value.anchors.get(name)
        return anchors === undefined ? bundles?.find(name) : { anchors, revocation: policies.get(name) }
      },
    },
    registeredKeys: createRegisteredKeys(createFetchJson({ mayConnect }), clock),
    assertions: createAssertionVerifier(),
    replays: untouched,
    secrets: createSecretVerifier(),
  }
  const settings = authorizationServerSettings(configuration)
  return {
    explain: async (request) => {
      const revocation = openRevocation({
        clock,
        looks: 'when_asked',
        cache: cacheFolder(configuration, 'read_only'),
        events: { loaded: () => undefined, failed: () => undefined },
      })
      try {
        const configured = await revocation.configure(configuration, material.value.anchors)
        if (!configured.ok) throw new ConfigurationError(placeProblems(configuration.source, configured.failure))
        policies = configured.value
        bundles = await explainedBundles(configuration, material.value, clock)
        return await explainTokenRequest(request, ports, settings)
      } finally {
        // Nobody waits for what is still under way.
        revocation.close()
        bundles?.close()
      }
    },
    anchors: ports.anchors,
    certificates: ports.certificates,
  }
}

/** The bundles of the trust domains, where there are any; asked for once, nothing is written. */
async function explainedBundles(
  configuration: Configuration,
  { spiffeIntermediates }: Material,
  clock: Clock,
): Promise<SpiffeBundles | undefined> {
  if (spiffeIntermediates.size === 0) return undefined
  const { openSpiffeBundles } = await import('./spiffe/open-spiffe-bundles.ts')
  const opened = openSpiffeBundles({
    clock,
    looks: 'when_asked',
    cache: cacheFolder(configuration, 'read_only'),
    cachedCertificates: configuration.limits.cachedCertificates,
    events: { loaded: () => undefined, failed: () => undefined },
  })
  const prepared = await opened.prepare(configuration, spiffeIntermediates)
  if (!prepared.ok) throw new ConfigurationError(placeProblems(configuration.source, prepared.failure))
  await prepared.value.take()
  return opened
}

/** An explanation uses nothing up. */
const untouched: ReplayStore = { take: () => Promise.resolve('first') }
