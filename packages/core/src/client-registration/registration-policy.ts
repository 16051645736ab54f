import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { KeySource, GrantType, ClientAuthenticationMethod } from './registered-client.ts'

/** Who may register clients, and what these may be (RFC 7591 §3, Appendix A): decided by the operator, never by the one who asks. */
export interface RegistrationPolicy {
  /** SHA-256 of initial access tokens, one of which must be shown; `undefined`: none is asked for. */
  readonly initialAccessTokens: ReadonlySet<string> | undefined
  /** Trust profiles, one of which must vouch for the certificate of the connection; `undefined`: no certificate is asked for. */
  readonly certificateTrust: readonly string[] | undefined
  /** By issuer; `undefined`: statements are not read. */
  readonly softwareStatements: SoftwareStatementPolicy | undefined
  /** What a client may register at most; it gets all of it when it names none. */
  readonly scope: readonly string[]
  readonly grantTypes: readonly GrantType[]
  readonly authenticationMethods: readonly ClientAuthenticationMethod[]
  /** The trust profile of `tls_client_auth` clients; `undefined`: the one that vouched for the certificate of the connection. */
  readonly trust: string | undefined
  readonly resource: readonly string[]
  readonly rules: 'none' | 'brazil'
  /** `required`: tokens of such clients are always bound, to a certificate unless they register DPoP. */
  readonly binding: 'required' | 'as_registered'
}

export interface SoftwareStatementPolicy {
  readonly demand: 'required' | 'optional'
  readonly issuers: ReadonlyMap<string, { readonly keys: KeySource; readonly algorithms: readonly JwsAlgorithm[] }>
  /** Seconds since `iat`; `undefined`: a statement without `exp` has no end. */
  readonly maximumAge: number | undefined
}
