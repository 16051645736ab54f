import { createAuthorizationEndpoint, createPushedAuthorizationRequestEndpoint } from '@holdfast/core/people'
import type {
  AuthorizationEndpoint,
  AuthorizationEndpointPorts,
  AuthorizationServerSettings,
  AuthorizationSettings,
  BackChannelEndpoint,
  Interaction,
  OneTimePurpose,
  PushedAuthorizationRequestPorts,
  PushedRequest,
} from '@holdfast/core'
import { fail, ok } from '@holdfast/x509'
import { platformHash } from '../adapter/hash.ts'
import { createPairwiseIdentifiers } from '../adapter/pairwise-identifiers.ts'
import type { Configuration } from '../config/configuration.ts'
import type { FetchText } from '../jwks-uri/fetch-text.ts'
import type { PeopleStores } from '../store/store.ts'

/** What is here whether or not people are served. */
export type AuthorizationBasis = Omit<
  AuthorizationEndpointPorts & PushedAuthorizationRequestPorts,
  keyof ReturnType<typeof peoplePorts>
>

/** The authorization endpoint and the one that takes pushed requests, for one version of the configuration. */
export function createAuthorization(
  configuration: Configuration,
  server: AuthorizationServerSettings,
  basis: AuthorizationBasis,
  people: PeopleStores,
  fetchText: FetchText,
): { readonly authorization: AuthorizationEndpoint; readonly pushed: BackChannelEndpoint } {
  const ports = { ...basis, ...peoplePorts(configuration, people, fetchText) }
  const settings = authorizationSettings(configuration)
  return {
    authorization: createAuthorizationEndpoint(ports, settings),
    pushed: createPushedAuthorizationRequestEndpoint(ports, server, settings),
  }
}

function peoplePorts(
  { authorization: { pairwiseSecret } }: Configuration,
  people: PeopleStores,
  fetchText: FetchText,
): Pick<
  AuthorizationEndpointPorts,
  'hash' | 'requestObjects' | 'pushedRequests' | 'interactions' | 'authorizations' | 'pairwise'
> {
  return {
    hash: platformHash,
    requestObjects: {
      fetch: async (uri) => {
        const fetched = await fetchText(uri)
        return fetched.ok ? ok(fetched.value.text) : fail(fetched.failure)
      },
    },
    pushedRequests: people.oneTime<PushedRequest>('pushed_request' satisfies OneTimePurpose),
    interactions: people.oneTime<Interaction>('interaction' satisfies OneTimePurpose),
    authorizations: people.authorizations,
    pairwise: pairwiseSecret === undefined ? undefined : createPairwiseIdentifiers(pairwiseSecret),
  }
}

function authorizationSettings({ issuer, profile, tokens, keys, authorization }: Configuration): AuthorizationSettings {
  return {
    issuer,
    profile,
    defaultAudience: [tokens.audience],
    authorizationDetails: authorization.detailsTypes,
    signingAlgorithm: keys.algorithm,
    lifetimes: {
      pushedRequest: authorization.pushedRequestLifetime,
      interaction: authorization.interactionTime,
      code: authorization.codeLifetime,
      idToken: authorization.idTokenLifetime,
      authorization: authorization.authorizationLifetime,
    },
  }
}
