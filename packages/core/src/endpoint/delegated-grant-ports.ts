import type { AuthorizationCodeStore } from '../port/authorization-code-store.ts'
import type { AuthorizationStore } from '../port/authorization-store.ts'
import type { DecoupledAuthorizationStore } from '../port/decoupled-authorization-store.ts'
import type { Hash, PairwiseIdentifiers } from '../port/hash.ts'
import type { PersonClaims } from '../port/person-claims.ts'
import type { RefreshTokenStore } from '../port/refresh-token-store.ts'
import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { TokenEndpointPorts, TokenManagementPorts } from './ports.ts'

/** What the grants need by which clients act for people. */
export interface DelegatedGrantPorts extends TokenEndpointPorts, TokenManagementPorts {
  readonly authorizations: AuthorizationStore
  readonly authorizationCodes: AuthorizationCodeStore
  readonly refreshTokens: RefreshTokenStore
  readonly decoupled: DecoupledAuthorizationStore
  readonly people: PersonClaims
  readonly hash: Hash
  /** `undefined` where no client may be registered for pairwise subjects. */
  readonly pairwise: PairwiseIdentifiers | undefined
}

/** What those grants are decided by, the same for all clients. Lengths of time in seconds. */
export interface DelegatedGrantSettings {
  /** What ID tokens and signed answers are signed with. */
  readonly signingAlgorithm: JwsAlgorithm
  readonly idTokenLifetime: number
  /** From its issue; never longer than the authorization. */
  readonly refreshTokenLifetime: number
  /** How long a rotated refresh token may come again because its answer was lost. */
  readonly refreshTokenGrace: number
}
