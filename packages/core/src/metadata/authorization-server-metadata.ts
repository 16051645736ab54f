import type { ClientAuthenticationMethod, GrantType } from '../client-registration/registered-client.ts'
import { type JwsAlgorithm, jwsAlgorithms } from '../jose/jws-algorithm.ts'
import {
  type AuthorizationMetadataSettings,
  authorizationEndpointMetadata,
  openidMetadata,
} from './authorization-endpoint-metadata.ts'
import { endpointUrls, type FurtherEndpoint, furtherEndpointUrls } from './endpoint-urls.ts'
import { mtlsEndpointAliases } from './mtls-endpoint-aliases.ts'

/** What is switched on, and so published. */
export interface MetadataSettings {
  readonly issuer: string
  /** What replaces the issuer's origin at the host that asks for certificates; `undefined` when there is none. */
  readonly mtlsBase: string | undefined
  readonly authenticationMethods: readonly ClientAuthenticationMethod[]
  readonly grantTypes: readonly GrantType[]
  /** Scope values worth naming in public, often none. */
  readonly scopes: readonly string[]
  /** The algorithms of the signing keys. */
  readonly signingAlgorithms: readonly JwsAlgorithm[]
  /** What clients may sign with; `undefined`: everything that is known. */
  readonly clientAlgorithms?: readonly JwsAlgorithm[]
  /** The endpoints that are there besides those for tokens. */
  readonly furtherEndpoints?: readonly FurtherEndpoint[]
  /** `undefined`: nobody is sent here. */
  readonly authorization?: AuthorizationMetadataSettings
  /** Members of what else is switched on, each by the one who knows it. */
  readonly furtherMembers?: Readonly<Record<string, unknown>>
}

export type MetadataDocument = Readonly<Record<string, unknown>>

/**
 * The metadata document of RFC 8414 §2, with the members of RFC 8705 §3.3 and §5. Lists without elements are left out
 * (RFC 8414 §3.2).
 */
export function authorizationServerMetadata(settings: MetadataSettings): MetadataDocument {
  const urls = endpointUrls(settings.issuer)
  const { jwks_uri, ...standing } = urls
  const endpoints = { ...standing, ...furtherEndpointUrls(settings.issuer, settings.furtherEndpoints ?? []) }
  const methods = settings.authenticationMethods
  const confidential = methods.filter((method) => method !== 'none')
  const assertionAlgorithms = methods.includes('private_key_jwt') ? (settings.clientAlgorithms ?? jwsAlgorithms) : []
  return withoutEmpty({
    issuer: settings.issuer,
    ...endpoints,
    jwks_uri,
    scopes_supported: settings.scopes,
    ...(settings.authorization === undefined
      ? {}
      : authorizationEndpointMetadata(settings.authorization, settings.signingAlgorithms)),
    grant_types_supported: settings.grantTypes,
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    introspection_endpoint_auth_methods_supported: confidential,
    introspection_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    tls_client_certificate_bound_access_tokens: settings.mtlsBase !== undefined,
    mtls_endpoint_aliases:
      settings.mtlsBase === undefined ? undefined : mtlsEndpointAliases(endpoints, settings.mtlsBase),
    ...settings.furtherMembers,
  })
}

/** The same facts in the document of OpenID Connect Discovery §3, for clients that look only there. */
export function openidConfiguration(settings: MetadataSettings): MetadataDocument {
  return withoutEmpty({
    ...authorizationServerMetadata(settings),
    ...(settings.authorization === undefined
      ? { subject_types_supported: ['public'] }
      : openidMetadata(settings.authorization)),
    ...(settings.furtherEndpoints?.includes('end_session_endpoint') === true ? logoutMetadata : {}),
    id_token_signing_alg_values_supported: settings.signingAlgorithms,
  })
}

/** OpenID Connect Back-Channel Logout §2.1: logout tokens have the `sid` of the ID token. */
const logoutMetadata: MetadataDocument = {
  backchannel_logout_supported: true,
  backchannel_logout_session_supported: true,
}

function withoutEmpty(document: MetadataDocument): MetadataDocument {
  return Object.fromEntries(
    Object.entries(document).filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  )
}
