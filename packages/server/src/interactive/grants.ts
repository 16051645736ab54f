import { authorizationCodeGrant, refreshTokenGrant } from '@holdfast/core'
import type {
  AuthorizationServerSettings,
  DelegatedGrantPorts,
  DelegatedGrantSettings,
  FurtherGrants,
  PersonClaims,
  TokenEndpointPorts,
  TokenManagementPorts,
} from '@holdfast/core'
import { platformHash } from '../adapter/hash.ts'
import { createPairwiseIdentifiers } from '../adapter/pairwise-identifiers.ts'
import type { Configuration } from '../config/configuration.ts'
import type { PeopleStores } from '../store/store.ts'

/** The grants by which clients act for people, for one version of the configuration. */
export function furtherGrants(
  configuration: Configuration,
  basis: TokenEndpointPorts & TokenManagementPorts,
  server: AuthorizationServerSettings,
  stores: PeopleStores,
  people: PersonClaims,
): FurtherGrants {
  const { pairwiseSecret, idTokenLifetime, authorizationLifetime } = configuration.authorization
  const ports: DelegatedGrantPorts = {
    ...basis,
    authorizations: stores.authorizations,
    authorizationCodes: stores.authorizationCodes,
    refreshTokens: stores.refreshTokens,
    decoupled: stores.decoupled,
    sessions: stores.sessions,
    people,
    hash: platformHash,
    pairwise: pairwiseSecret === undefined ? undefined : createPairwiseIdentifiers(pairwiseSecret),
  }
  const settings: DelegatedGrantSettings & AuthorizationServerSettings = {
    ...server,
    signingAlgorithm: configuration.keys.algorithm,
    idTokenLifetime,
    refreshTokenLifetime: authorizationLifetime,
    refreshTokenGrace: graceSeconds,
  }
  return {
    authorization_code: authorizationCodeGrant(ports, settings),
    refresh_token: refreshTokenGrant(ports, settings),
  }
}

/** A client that lost an answer asks again at once. */
const graceSeconds = 30
