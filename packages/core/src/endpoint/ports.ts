import type { AccessTokenStore, RevokedTokenStore } from '../port/access-token-store.ts'
import type { AccessTokenVerifier } from '../port/access-token-verifier.ts'
import type { AnchorSets } from '../port/anchor-sets.ts'
import type { AssertionVerifier } from '../port/assertion-verifier.ts'
import type { Audit } from '../port/audit.ts'
import type { AuthorizationStore } from '../port/authorization-store.ts'
import type { BoundCertificates } from '../port/bound-certificates.ts'
import type { CertificateReader } from '../port/certificate-reader.ts'
import type { ClientStore } from '../port/client-store.ts'
import type { Clock } from '../port/clock.ts'
import type { Encrypter } from '../port/encrypter.ts'
import type { PairwiseIdentifiers } from '../port/hash.ts'
import type { PersonClaims } from '../port/person-claims.ts'
import type { OpaqueTokens, Random } from '../port/random.ts'
import type { RefreshTokenStore } from '../port/refresh-token-store.ts'
import type { RegisteredKeys } from '../port/registered-keys.ts'
import type { ReplayStore } from '../port/replay-store.ts'
import type { SecretVerifier } from '../port/secret-verifier.ts'
import type { Signer } from '../port/signer.ts'
import type { DpopPorts } from './dpop-request.ts'

/** What every endpoint needs that authenticates clients. */
export interface ClientAuthenticationPorts {
  readonly clock: Clock
  readonly random: Random
  readonly audit: Audit
  readonly clients: ClientStore
  readonly certificates: CertificateReader
  readonly anchors: AnchorSets
  readonly registeredKeys: RegisteredKeys
  readonly assertions: AssertionVerifier
  readonly replays: ReplayStore
  readonly secrets: SecretVerifier
}

export interface TokenEndpointPorts extends ClientAuthenticationPorts {
  readonly signer: Signer
  readonly opaqueTokens: OpaqueTokens
  readonly accessTokens: AccessTokenStore
  readonly boundCertificates: BoundCertificates
  /** Absent where DPoP is not offered. */
  readonly dpop?: DpopPorts
}

/** For introspection and revocation. */
export interface TokenManagementPorts extends ClientAuthenticationPorts {
  readonly opaqueTokens: OpaqueTokens
  readonly accessTokens: AccessTokenStore
  readonly boundCertificates: BoundCertificates
  readonly revokedTokens: RevokedTokenStore
  readonly verifier: AccessTokenVerifier
  /** Absent where no client acts for people. */
  readonly delegations?: TokenDelegationPorts
  /** For signed introspection answers (RFC 9701); absent where none are made. */
  readonly introspectionSigner?: Signer
  /** Absent where answers are not encrypted. */
  readonly encrypter?: Encrypter
}

/** What tokens of people's authorizations are judged by. */
export interface TokenDelegationPorts {
  readonly authorizations: AuthorizationStore
  readonly refreshTokens: RefreshTokenStore
  readonly people: PersonClaims
  readonly pairwise: PairwiseIdentifiers | undefined
}
