import type { Result } from '@holdfast/x509'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { GrantType } from '../client-registration/registered-client.ts'
import type { ProvenKey } from '../dpop/proven-key.ts'
import type { AuthorizedGrant } from '../grant/authorized-grant.ts'
import type { IssuedAccessToken } from '../port/authorization-store.ts'
import type { Failure } from '../protocol-error/failure.ts'
import type { TokenBinding } from '../token/token-binding.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import type { FormParameters } from './form-parameters.ts'

/** The grants besides client credentials that are switched on, by their `grant_type`. */
export type FurtherGrants = { readonly [Type in FurtherGrantType]?: FurtherGrant }

export type FurtherGrantType = Exclude<GrantType, 'client_credentials'>

/**
 * Decides one token request. Who asks, and to what the tokens will be bound, is decided before; what the decision takes, such as
 * that a code is used up or a refresh token replaced, is done by {@link EarnedTokens.settle}.
 */
export type FurtherGrant = (asked: FurtherGrantRequest) => Promise<Result<EarnedTokens, Failure>>

export interface FurtherGrantRequest {
  readonly request: BackChannelRequest
  readonly form: FormParameters
  readonly grantType: FurtherGrantType
  readonly authenticated: AuthenticatedClient
  readonly binding: TokenBinding
  /** The key of a DPoP proof that came along. */
  readonly key: ProvenKey | undefined
  /** Epoch seconds. */
  readonly now: number
}

/** What a request earned: the access token is still to be made from the grant. */
export interface EarnedTokens {
  readonly grant: AuthorizedGrant
  /**
   * Uses up what the request was made with and keeps what it earned, in one transaction, once all is known but the access token's
   * signature. Refused when somebody else was faster. Without it there is nothing to keep but an opaque access token.
   */
  readonly settle?: (accessToken: IssuedAccessToken) => Promise<Result<void, Failure>>
  readonly refreshToken?: string
  /** Makes the ID token that goes with the access token. */
  readonly idToken?: (accessToken: string) => Promise<Result<string, Failure>>
  /** Further members of the answer. */
  readonly members?: Readonly<Record<string, unknown>>
}
