import type { AuthorizationDetailsType } from '../authorization/authorization-details.ts'
import type { AuthorizationRequest } from '../authorization/authorization-request.ts'
import type { SecurityProfile } from '../client-registration/security-profile.ts'
import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { TokenDigest } from '../port/access-token-store.ts'
import type { AccessTokenVerifier } from '../port/access-token-verifier.ts'
import type { AssertionVerifier } from '../port/assertion-verifier.ts'
import type { Audit } from '../port/audit.ts'
import type { AuthorizationStore } from '../port/authorization-store.ts'
import type { ClientStore } from '../port/client-store.ts'
import type { Clock, EpochSeconds } from '../port/clock.ts'
import type { Decrypter, Encrypter } from '../port/encrypter.ts'
import type { Hash, PairwiseIdentifiers } from '../port/hash.ts'
import type { OneTimeStore } from '../port/one-time-store.ts'
import type { OpaqueTokens, Random } from '../port/random.ts'
import type { RegisteredKeys } from '../port/registered-keys.ts'
import type { RequestObjects } from '../port/request-objects.ts'
import type { Signer } from '../port/signer.ts'

/** What reading a request for an authorization takes. */
export interface RequestedAuthorizationPorts {
  readonly clients: ClientStore
  readonly registeredKeys: RegisteredKeys
  readonly assertions: AssertionVerifier
  readonly requestObjects: RequestObjects
  readonly pushedRequests: OneTimeStore<PushedRequest>
  readonly opaqueTokens: OpaqueTokens
  /** Absent where request objects are not encrypted. */
  readonly decrypter?: Decrypter
}

export interface AuthorizationEndpointPorts extends RequestedAuthorizationPorts {
  readonly clock: Clock
  readonly random: Random
  readonly audit: Audit
  readonly hash: Hash
  readonly signer: Signer
  /** Absent where answers are not encrypted. */
  readonly encrypter?: Encrypter
  readonly verifier: AccessTokenVerifier
  readonly interactions: OneTimeStore<Interaction>
  readonly authorizations: AuthorizationStore
  /** `undefined`: no client may be registered for pairwise subjects. */
  readonly pairwise: PairwiseIdentifiers | undefined
}

/** What a client pushed (RFC 9126 §2.2), already judged. Plain JSON. */
export interface PushedRequest {
  readonly request: AuthorizationRequest
  /** Until when a person may begin with it. */
  readonly expiresAt: EpochSeconds
}

/** An authorization on its way through pages. Plain JSON. */
export interface Interaction {
  readonly request: AuthorizationRequest
  /** The pushed request behind it: used up with it. */
  readonly pushed?: TokenDigest
  readonly startedAt: EpochSeconds
  /** Who was logged in when the request came: that login is no answer to a demand for a new one, however young it is. */
  readonly before?: { readonly session: string; readonly time: EpochSeconds }
  /** Who saw the page that asks for consent: nobody else can answer it. */
  readonly asked?: string
}

/** What the authorization endpoint and the pushing of requests decide by. */
export interface AuthorizationSettings {
  /** The issuer identifier, exactly as published. */
  readonly issuer: string
  /** Of clients without one of their own. */
  readonly profile: SecurityProfile
  /** `aud` of access tokens for clients that registered no `resource`. */
  readonly defaultAudience: readonly string[]
  readonly authorizationDetails: ReadonlyMap<string, AuthorizationDetailsType>
  /** What the signer signs with now. */
  readonly signingAlgorithm: JwsAlgorithm
  /** In seconds. */
  readonly lifetimes: {
    readonly pushedRequest: number
    /** How long a person may take on our pages. */
    readonly interaction: number
    readonly code: number
    readonly idToken: number
    /** How long what a person allowed lasts, refreshed or not. */
    readonly authorization: number
  }
}

/** What every step of one request needs. */
export interface AuthorizationContext {
  readonly ports: AuthorizationEndpointPorts
  readonly settings: AuthorizationSettings
  readonly correlationId: string
  readonly now: number
}
