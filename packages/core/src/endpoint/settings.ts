import type {
  AccessTokenFormat,
  ClientAuthenticationMethod,
  GrantType,
} from '../client-registration/registered-client.ts'

/** What the endpoints decide by, the same for all of them. */
export interface AuthorizationServerSettings {
  /** The issuer identifier, exactly as published (RFC 8414 §2). */
  readonly issuer: string
  /** What `aud` of a client assertion may name besides the issuer: the URLs of the token endpoint and its alias, or nothing. */
  readonly assertionAudiences: readonly string[]
  /** `one_text`: `aud` of a client assertion must not be a list. */
  readonly assertionAudienceForm?: 'one_text' | 'any'
  /** The methods that are switched on. */
  readonly authenticationMethods: readonly ClientAuthenticationMethod[]
  /** The grants that are switched on. */
  readonly grantTypes: readonly GrantType[]
  readonly accessToken: {
    /** For clients that registered none. */
    readonly format: AccessTokenFormat
    /** Seconds, for clients that registered none. */
    readonly lifetime: number
    /** `aud` for clients that registered no `resource`: at least one. */
    readonly audience: readonly string[]
  }
}
