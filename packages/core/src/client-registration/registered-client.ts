import type { DistinguishedName, ExpectedSpiffeId, Psd2Role } from '@holdfast/x509'
import type { CertificateThumbprint } from '../client-certificate/presented-certificate.ts'
import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { AuthorizationRegistration } from './authorization-registration.ts'
import type { ClientKeys } from './client-keys.ts'
import type { SecurityProfile } from './security-profile.ts'
import type { DelegationRegistration } from './delegation-registration.ts'
import type { EncryptionRegistration } from './encryption-registration.ts'

/** A client as it was registered: parsed once by client-metadata.ts, never checked again. */
export interface RegisteredClient<Method extends ClientAuthenticationMethod = ClientAuthenticationMethod> {
  readonly clientId: string
  readonly clientName: string | undefined
  readonly disabled: boolean
  readonly authentication: RegisteredAuthentication<Method>
  readonly binding: Binding
  readonly grantTypes: readonly GrantType[]
  /** What the client may ask for, in the registered order; a request without `scope` gets all of it. */
  readonly scope: readonly string[]
  /** The resources that the client may ask tokens for (RFC 8707); the first is the default. Empty: the server's default only. */
  readonly resource: readonly string[]
  readonly accessTokenFormat: AccessTokenFormat | undefined
  /** Seconds; `undefined`: the server's default. */
  readonly accessTokenLifetime: number | undefined
  /** Audiences whose tokens the client may introspect, besides those issued to itself; `*` for every token. */
  readonly introspectionAudience: readonly string[]
  /** `required`: every token request carries a DPoP proof (`dpop_bound_access_tokens`, RFC 9449 §5.2). */
  readonly dpop?: 'required'
  /** Rules that are tried out: what they would refuse is written down and not refused. */
  readonly reportOnly?: ReportOnlyRules
  /** Only of clients with further ways to act for others, or that want signed answers. */
  readonly delegation?: DelegationRegistration
  /** Only of clients with whom something is encrypted beyond TLS. */
  readonly encryption?: EncryptionRegistration
  /** The client's own profile; without one the server's counts. */
  readonly profile?: SecurityProfile
  /** Only of clients that send people to the authorization endpoint. */
  readonly authorization?: AuthorizationRegistration
}

/** The registered value of `grant_types`: RFC 6749, RFC 7523 §2.1, RFC 8628 §3.4, RFC 8693 §2.1, OpenID CIBA §4. */
export type GrantType =
  | 'client_credentials'
  | 'authorization_code'
  | 'refresh_token'
  | 'urn:ietf:params:oauth:grant-type:device_code'
  | 'urn:openid:params:grant-type:ciba'
  | 'urn:ietf:params:oauth:grant-type:token-exchange'
  | 'urn:ietf:params:oauth:grant-type:jwt-bearer'

export type AccessTokenFormat = 'jwt' | 'opaque'

/**
 * Whether the client's access tokens are bound to its certificate (RFC 8705 §3): never, when a certificate is there, or
 * always, where a request without one is refused.
 */
export type Binding = 'off' | 'if_present' | 'required'

/** What a client is to be held to later; at least one of both. */
export interface ReportOnlyRules {
  readonly binding?: ReportOnlyRule
  /** How it is to be known later, by a certificate. It is known by its registered method until then, and by nothing else. */
  readonly authentication?: CertificateAuthentication
}

export type CertificateAuthentication =
  RegisteredAuthentications['tls_client_auth'] | RegisteredAuthentications['self_signed_tls_client_auth']

/** What would be demanded of a client's tokens: that they are bound to a certificate, to a DPoP key, or to either. */
export type ReportOnlyRule = 'certificate_bound' | 'dpop_bound' | 'bound'

/** How a client must prove itself: exactly what was registered, whatever the request carries. */
export type RegisteredAuthentication<Method extends ClientAuthenticationMethod = ClientAuthenticationMethod> =
  RegisteredAuthentications[Method]

/** What is registered with each method. */
export interface RegisteredAuthentications {
  readonly tls_client_auth: {
    readonly method: 'tls_client_auth'
    /** The name of the trust profile whose anchors may vouch for this client. */
    readonly trust: string
    readonly subject: ExpectedSubject
    readonly psd2?: Psd2Policy | undefined
  }
  readonly self_signed_tls_client_auth: {
    readonly method: 'self_signed_tls_client_auth'
    /** Pinned by `certificate_thumbprints` or by `jwks`. */
    readonly thumbprints: ReadonlySet<CertificateThumbprint>
    /** Where further certificates are registered. */
    readonly jwksUri: string | undefined
    readonly dates: 'enforced' | 'ignored'
  }
  readonly private_key_jwt: {
    readonly method: 'private_key_jwt'
    readonly keys: KeySource
    readonly algorithms: readonly JwsAlgorithm[]
  }
  readonly client_secret_basic: { readonly method: 'client_secret_basic'; readonly secretHash: string }
  readonly client_secret_post: { readonly method: 'client_secret_post'; readonly secretHash: string }
  readonly none: { readonly method: 'none' }
}

/** The registered value of `token_endpoint_auth_method` (RFC 7591 §2, RFC 8705 §2.1.1, §2.2.1). */
export type ClientAuthenticationMethod = keyof RegisteredAuthentications

/** Where the public keys of a client are found: in its registration, or behind its `jwks_uri`. */
export type KeySource =
  { readonly kind: 'registered'; readonly keys: ClientKeys } | { readonly kind: 'jwks_uri'; readonly uri: string }

/** The one subject that a client's certificate must have (RFC 8705 §2.1.2, and two of ours), with the text that was registered. */
export type ExpectedSubject =
  | { readonly kind: 'subject_dn'; readonly text: string; readonly name: DistinguishedName }
  | { readonly kind: SubjectAltNameKind; readonly text: string; readonly comparable: string }
  /** organizationIdentifier, wherever else the name differs. */
  | { readonly kind: 'organization_identifier'; readonly text: string; readonly comparable: string }
  /** An X.509-SVID with this SPIFFE ID, or with one below it. */
  | { readonly kind: 'spiffe_id'; readonly text: string; readonly id: ExpectedSpiffeId }

export type SubjectAltNameKind = 'san_dns' | 'san_uri' | 'san_ip' | 'san_email'

/** What a client must be in the words of PSD2, beyond being itself. ETSI TS 119 495. */
export interface Psd2Policy {
  /** The roles of which one is needed, for each scope that needs any. */
  readonly scopes: ReadonlyMap<string, readonly Psd2Role[]>
  /** The competent authorities that may have authorized it, such as `GB-FCA`; `undefined`: any. */
  readonly authorities: readonly string[] | undefined
}
