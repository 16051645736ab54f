import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { KeySource } from './registered-client.ts'

/** What a client registered that sends people to the authorization endpoint: parsed once by authorization-metadata.ts. */
export interface AuthorizationRegistration {
  readonly applicationType: 'web' | 'native'
  /** Compared as they are; of native clients, the port of a loopback address is free (RFC 8252 §7.3). */
  readonly redirectUris: readonly string[]
  readonly responseTypes: readonly ResponseType[]
  /** `required`: only by reference to a request that was pushed before (RFC 9126 §6). */
  readonly pushedRequests: 'required' | 'optional'
  /** `required`: only by a signed request object (RFC 9101 §10.5). */
  readonly signedRequests: 'required' | 'optional'
  /** `optional`: of a confidential client, a code is given without a challenge and without a `nonce`, too. */
  readonly codeChallenges?: 'optional' | undefined
  /** What request objects of this client may be signed with; `undefined`: all that the server accepts. */
  readonly requestAlgorithm: JwsAlgorithm | undefined
  /** Of request objects, and of whatever else the client signs; `undefined`: it can sign none. */
  readonly keys: KeySource | undefined
  /** Where request objects may be fetched (OpenID Connect Core §6.2), exactly. */
  readonly requestUris: readonly string[]
  /** JARM §3: what responses to this client are signed with when they are. */
  readonly responseAlgorithm: JwsAlgorithm | undefined
  readonly idTokenAlgorithm: JwsAlgorithm | undefined
  /** Seconds. */
  readonly defaultMaxAge: number | undefined
  readonly defaultAcrValues: readonly string[]
  /** Whose identifiers of people it shares; `undefined`: it gets the public ones (OpenID Connect Core §8). */
  readonly sector: string | undefined
  readonly authorizationDetailsTypes: readonly string[]
  /** When the person is asked: each time, unless the same was allowed before, or never (the operator's own clients). */
  readonly consent: 'always' | 'remembered' | 'never'
  readonly postLogoutRedirectUris: readonly string[]
  readonly backchannelLogout: { readonly uri: string; readonly session: 'required' | 'optional' } | undefined
  readonly pages: {
    readonly client: string | undefined
    readonly logo: string | undefined
    readonly policy: string | undefined
    readonly terms: string | undefined
  }
}

/** `response_type` as registered and as asked, its words in this order (OAuth 2.0 Multiple Response Types §5). */
export type ResponseType = 'code' | 'code id_token'
