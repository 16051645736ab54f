import { createIntrospectionEndpoint, createRevocationEndpoint, createTokenEndpoint } from '@holdfast/core'
import {
  authorizationCodeGrant,
  createBackchannelAuthenticationEndpoint,
  createDeviceAuthorizationEndpoint,
  createUserinfoEndpoint,
  decoupledGrant,
  jwtBearerGrant,
  refreshTokenGrant,
  tokenExchangeGrant,
} from '@holdfast/core/people'
import type {
  AuthorizationServerSettings,
  DelegatedGrantPorts,
  DelegatedGrantSettings,
  FurtherGrants,
  PersonClaims,
  PersonHints,
  TokenEndpointPorts,
  TokenManagementPorts,
  UserinfoEndpoint,
} from '@holdfast/core'
import { platformHash } from '../adapter/hash.ts'
import { createPairwiseIdentifiers } from '../adapter/pairwise-identifiers.ts'
import type { Configuration } from '../config/configuration.ts'
import type { Endpoints } from '../http/endpoints.ts'
import type { PeopleStores } from '../store/store.ts'

/** The endpoints behind which clients act for people, for one version of the configuration. */
export function createGrants(
  configuration: Configuration,
  basis: TokenEndpointPorts & TokenManagementPorts,
  server: AuthorizationServerSettings,
  stores: PeopleStores,
  people: PersonClaims & PersonHints,
): { readonly endpoints: Omit<Endpoints, 'pushed_authorization_request'>; readonly userinfo: UserinfoEndpoint } {
  const ports = delegatedPorts(configuration, basis, stores, people)
  const settings = delegatedSettings(configuration, server)
  return {
    userinfo: createUserinfoEndpoint(ports, settings),
    endpoints: {
      token: createTokenEndpoint(ports, settings, furtherGrants(ports, settings)),
      introspection: createIntrospectionEndpoint(ports, settings),
      revocation: createRevocationEndpoint(ports, settings),
      device_authorization: createDeviceAuthorizationEndpoint(ports, settings),
      backchannel_authentication: createBackchannelAuthenticationEndpoint({ ...ports, hints: people }, settings),
    },
  }
}

function delegatedPorts(
  { authorization: { pairwiseSecret } }: Configuration,
  basis: TokenEndpointPorts & TokenManagementPorts,
  stores: PeopleStores,
  people: PersonClaims,
): DelegatedGrantPorts {
  const pairwise = pairwiseSecret === undefined ? undefined : createPairwiseIdentifiers(pairwiseSecret)
  const { authorizations, authorizationCodes, refreshTokens, decoupled } = stores
  return {
    ...basis,
    authorizations,
    authorizationCodes,
    refreshTokens,
    decoupled,
    people,
    hash: platformHash,
    pairwise,
    delegations: { authorizations, refreshTokens, people, pairwise },
  }
}

function delegatedSettings(
  { issuer, keys, authorization, profile }: Configuration,
  server: AuthorizationServerSettings,
) {
  const { idTokenLifetime, refreshTokenLifetime, refreshTokenGrace, deviceCodeLifetime, pollInterval } = authorization
  return {
    ...server,
    signingAlgorithm: keys.algorithm,
    idTokenLifetime,
    refreshTokenLifetime,
    refreshTokenGrace,
    deviceCodeLifetime,
    pollInterval,
    verificationUri: `${issuer}/device`,
    authenticationRequestLifetime: authorization.authenticationRequestLifetime,
    profile,
  } as const
}

function furtherGrants(
  ports: DelegatedGrantPorts,
  settings: DelegatedGrantSettings & AuthorizationServerSettings,
): FurtherGrants {
  return {
    authorization_code: authorizationCodeGrant(ports, settings),
    refresh_token: refreshTokenGrant(ports, settings),
    'urn:ietf:params:oauth:grant-type:device_code': decoupledGrant('device_code', ports, settings),
    'urn:openid:params:grant-type:ciba': decoupledGrant('ciba', ports, settings),
    'urn:ietf:params:oauth:grant-type:token-exchange': tokenExchangeGrant(ports, settings),
    'urn:ietf:params:oauth:grant-type:jwt-bearer': jwtBearerGrant(ports, settings),
  }
}
