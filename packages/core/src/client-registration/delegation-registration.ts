import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { KeySource } from './registered-client.ts'

/** What a client registered that acts for others without the authorization endpoint: parsed once by delegation-metadata.ts. */
export interface DelegationRegistration {
  /** OpenID CIBA §4; `undefined`: it may not ask. */
  readonly ciba: CibaRegistration | undefined
  /** Whose assertions it may bring (RFC 7523 §2.1). */
  readonly assertionIssuers: readonly AssertionIssuer[]
  /** OpenID Connect Registration §2, `userinfo_signed_response_alg`; `undefined`: plain JSON. */
  readonly userinfoAlgorithm: JwsAlgorithm | undefined
  /** RFC 9701 §6, `introspection_signed_response_alg`; `undefined`: the server's. */
  readonly introspectionAlgorithm: JwsAlgorithm | undefined
}

export interface CibaRegistration {
  /** Ping: where the client is told that it may fetch its tokens. */
  readonly delivery: { readonly mode: 'poll' } | { readonly mode: 'ping'; readonly endpoint: string }
  /** What its requests are signed with; `undefined`: they need not be. */
  readonly requestAlgorithm: JwsAlgorithm | undefined
  /** Of signed requests; `undefined`: it can sign none. */
  readonly keys: KeySource | undefined
}

export interface AssertionIssuer {
  /** `iss` of its assertions, exactly. */
  readonly issuer: string
  readonly keys: KeySource
}
