import {
  createIntrospectionEndpoint,
  createRevocationEndpoint,
  createTokenEndpoint,
  endpointUrls,
  furtherEndpointUrls,
  signatureAlgorithms,
} from '@holdfast/core'
import type {
  AuthorizationServerSettings,
  Decrypter,
  KnownPath,
  RevocationPolicy,
  TokenEndpointPorts,
  TokenManagementPorts,
  TrustProfile,
} from '@holdfast/core'
import { createPathCache } from '@holdfast/x509'
import type { AnchorSet } from '@holdfast/x509'
import { createDpopNonces } from './adapter/dpop-nonces.ts'
import { platformHash } from './adapter/hash.ts'
import { twoGenerationMap } from './cache/two-generation-map.ts'
import type { Configuration } from './config/configuration.ts'
import { isFapi2 } from './config/resolve-authorization.ts'
import { authenticationMethods, grantsInUse } from './config/resolve-clients.ts'
import type { Endpoints } from './http/endpoints.ts'
import type { Interactive, InteractiveVersion } from './interactive/open-interactive.ts'
import type { Material } from './material/load-material.ts'
import { mtlsBase } from './metadata-settings.ts'
import type { SpiffeBundles } from './spiffe/open-spiffe-bundles.ts'

/** Ports that live as long as the server: everything but clients and trust. */
export type StandingPorts = Omit<TokenEndpointPorts & TokenManagementPorts, 'clients' | 'anchors'> & {
  readonly decrypter?: Decrypter
}

/** All ports, with the clients and the trust of one version of the configuration. */
export type ConfiguredPorts = StandingPorts & Pick<TokenEndpointPorts, 'clients' | 'anchors'>

/** What a reload replaces as a whole, so that no request sees half of it. */
export interface LiveSettings {
  readonly configuration: Configuration
  readonly material: Material
  /** How each trust finds out about revocation. */
  readonly policies: ReadonlyMap<string, RevocationPolicy>
  /** Each trust with what was proven by its anchors, learned intermediates among it. */
  readonly profiles: ReadonlyMap<string, TrustProfile>
  readonly endpoints: Endpoints
  /** `undefined` on a server of machines. */
  readonly interactive: InteractiveVersion | undefined
}

/** Puts the endpoints together for one version of the configuration; `before` is the one whose place it takes. */
export function liveSettings(
  configuration: Configuration,
  material: Material,
  policies: ReadonlyMap<string, RevocationPolicy>,
  bundles: Pick<SpiffeBundles, 'find'>,
  standing: StandingPorts,
  interactive: Interactive | undefined,
  before?: LiveSettings,
): LiveSettings {
  const profiles = new Map<string, TrustProfile>(
    [...material.anchors].map(([name, set]) => {
      const revocation = policies.get(name)
      const known = before?.profiles.get(name)
      const same = known !== undefined && isSameSet(known.anchors, set)
      return [name, same ? { ...known, revocation } : trustProfile(set, revocation, configuration)]
    }),
  )
  const ports = {
    ...standing,
    ...dpopPorts(configuration, material),
    clients: configuration.clients,
    anchors: { find: (name: string) => profiles.get(name) ?? bundles.find(name) },
  }
  const settings = authorizationServerSettings(configuration)
  const version = interactive?.version(configuration, ports, settings)
  return {
    configuration,
    material,
    policies,
    profiles,
    interactive: version,
    endpoints: version?.endpoints ?? {
      token: createTokenEndpoint(ports, settings),
      introspection: createIntrospectionEndpoint(ports, settings),
      revocation: createRevocationEndpoint(ports, settings),
    },
  }
}

/** What proofs are checked by, where DPoP is offered. A certificate host without base is none that anybody can ask. */
function dpopPorts(configuration: Configuration, { masterKeys }: Material): Pick<TokenEndpointPorts, 'dpop'> {
  const { issuer, tokens } = configuration
  if (tokens.dpop === 'off') return {}
  const nonces = tokens.dpop === 'offered' || masterKeys.length === 0 ? undefined : createDpopNonces(masterKeys)
  const algorithms = signatureAlgorithms(configuration.profile)
  return {
    dpop: { hash: platformHash, algorithms, nonces, bases: { main: issuer, mtls: mtlsBase(configuration) ?? issuer } },
  }
}

/** Whether two sets say the same: then what was proven by the one is proven by the other. */
function isSameSet(one: AnchorSet, other: AnchorSet): boolean {
  const said = ({ anchors, intermediates, settings }: AnchorSet): string =>
    JSON.stringify([
      settings,
      ...[anchors, intermediates].map((list) =>
        list.map(({ certificate }) => Buffer.from(certificate.der).toString('base64')),
      ),
    ])
  return said(one) === said(other)
}

/** Anchors with an empty memory: what was proven under other anchors counts for nothing. */
function trustProfile(
  anchors: AnchorSet,
  revocation: RevocationPolicy | undefined,
  { limits }: Configuration,
): TrustProfile {
  return {
    anchors,
    issuers: createPathCache(anchors),
    paths: twoGenerationMap<KnownPath>(limits.cachedCertificates),
    elapsed: () => performance.now(),
    revocation,
  }
}

/** What the core decides by. */
export function authorizationServerSettings(configuration: Configuration): AuthorizationServerSettings {
  const { issuer, profile, tokens } = configuration
  return {
    issuer,
    // FAPI 2.0 §5.3.2.1: only the issuer itself. Others also name the URL they send to (RFC 7523 §3).
    assertionAudiences: isFapi2(profile) ? [] : assertionAudiences(configuration),
    assertionAudienceForm: isFapi2(profile) ? 'one_text' : 'any',
    authenticationMethods: authenticationMethods[profile],
    grantTypes: grantsInUse(configuration),
    accessToken: {
      format: tokens.accessTokenFormat,
      lifetime: tokens.accessTokenLifetime,
      audience: [tokens.audience],
    },
  }
}

function assertionAudiences(configuration: Configuration): readonly string[] {
  const bases = [configuration.issuer, mtlsBase(configuration)].filter((base) => base !== undefined)
  return bases.flatMap((base) => {
    const { token_endpoint, introspection_endpoint, revocation_endpoint } = endpointUrls(base)
    const further = furtherEndpointUrls(base, [
      'pushed_authorization_request_endpoint',
      'backchannel_authentication_endpoint',
    ])
    return [token_endpoint, introspection_endpoint, revocation_endpoint, ...Object.values(further)]
  })
}
