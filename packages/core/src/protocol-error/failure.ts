import type {
  CertificateRevocationReason,
  CertificateSyntaxFailure,
  PathFailure,
  RevocationProblem,
  SvidFailure,
} from '@holdfast/x509'
import type { DelegatedGrantFailure, DpopFailure } from './delegated-grant-failure.ts'
import type { AuthorizationFailure, InteractionFailure } from './authorization-failure.ts'
import type { EvidenceSource } from './evidence-source.ts'
import type { RegistrationFailure } from './registration-failure.ts'

/**
 * Everything that can go wrong because of what a peer sent, or because something we lean on is away.
 *
 * Each member has one `reason` and the facts that explain it to the operator. What the peer is told stands in
 * error-response.ts. A fact is never a secret: no token, no assertion, no client secret.
 */
export type Failure =
  | RequestFailure
  | CertificateFailure
  | ClientFailure
  | AssertionFailure
  | AuthorizationFailure
  | InteractionFailure
  | GrantFailure
  | DelegatedGrantFailure
  | DpopFailure
  | RegistrationFailure
  | TokenManagementFailure
  | ResourceRequestFailure
  | OutageFailure

export type FailureReason = Failure['reason']

/** The request itself is not what the RFC describes. */
export type RequestFailure =
  | { readonly reason: 'method_not_allowed'; readonly method: string; readonly allowed: readonly string[] }
  | { readonly reason: 'content_type_unsupported'; readonly presented: string | undefined }
  | { readonly reason: 'content_encoding_unsupported'; readonly presented: string }
  | { readonly reason: 'form_too_large'; readonly limit: number }
  | { readonly reason: 'form_too_many_parameters'; readonly limit: number }
  | { readonly reason: 'form_malformed'; readonly position: number }
  | { readonly reason: 'parameter_repeated'; readonly parameter: string }
  | { readonly reason: 'resource_repeated' }
  | { readonly reason: 'parameter_missing'; readonly parameter: string }
  | { readonly reason: 'parameter_malformed'; readonly parameter: string }
  | { readonly reason: 'authorization_header_malformed'; readonly problem: AuthorizationHeaderProblem }
  | { readonly reason: 'credentials_presented_twice'; readonly presented: readonly string[] }
  | { readonly reason: 'client_id_contradicted'; readonly where: 'authorization_header' | 'client_assertion' }

export type AuthorizationHeaderProblem =
  'repeated' | 'not_base64' | 'no_colon' | 'not_form_encoded' | 'not_a_token' | 'too_long'

/** The certificate of the connection, before it says anything about a client. */
export type CertificateFailure =
  | { readonly reason: 'certificate_source_refused'; readonly refusal: CertificateRefusal }
  | { readonly reason: 'certificate_missing'; readonly role: string; readonly method: string }
  | {
      readonly reason: 'certificate_malformed'
      readonly thumbprint: string
      readonly problem: CertificateSyntaxFailure
    }
  | {
      readonly reason: 'certificate_untrusted'
      readonly thumbprint: string
      readonly trust: string
      readonly path: PathFailure
    }
  | {
      readonly reason: 'certificate_revoked'
      readonly thumbprint: string
      readonly trust: string
      /** Position in the path, the presented certificate being 0. */
      readonly index: number
      /** Epoch seconds. */
      readonly revokedAt: number
      readonly revocationReason: CertificateRevocationReason
      readonly source: 'crl' | 'ocsp'
      /** Path of the file, or URL. */
      readonly origin?: string
    }
  | {
      readonly reason: 'revocation_unknown'
      readonly thumbprint: string
      readonly trust: string
      readonly index: number
      readonly problems: readonly RevocationProblem[]
      /** Where it was looked for. */
      readonly sources: readonly EvidenceSource[]
    }
  | {
      readonly reason: 'certificate_not_svid'
      readonly thumbprint: string
      readonly trust: string
      readonly problem: SvidFailure
    }
  | {
      readonly reason: 'spiffe_trust_domain_mismatch'
      readonly thumbprint: string
      readonly trust: string
      readonly expected: string
      readonly presented: string
    }
  | {
      readonly reason: 'certificate_subject_mismatch'
      readonly expected: { readonly kind: string; readonly value: string }
      readonly presented: readonly string[]
    }
  /** The client takes PSD2 certificates of certain competent authorities only. */
  | {
      readonly reason: 'psd2_authority_not_accepted'
      readonly thumbprint: string
      readonly accepted: readonly string[]
      readonly presented?: string
      /** Why the certificate names no authority. */
      readonly problem?: string
    }
  | {
      readonly reason: 'certificate_not_registered'
      readonly thumbprint: string
      readonly registered: readonly string[]
    }
  | {
      readonly reason: 'certificate_expired'
      readonly thumbprint: string
      readonly notAfter: number
      readonly now: number
    }
  | {
      readonly reason: 'certificate_not_yet_valid'
      readonly thumbprint: string
      readonly notBefore: number
      readonly now: number
    }
  | { readonly reason: 'binding_certificate_missing'; readonly role: string }

/** Why the edge would not say which certificate came with a request: its own reason and facts, as data. */
export interface CertificateRefusal {
  readonly reason: string
  readonly [fact: string]: unknown
}

/** Who is asking could not be established. */
export type ClientFailure =
  | { readonly reason: 'client_id_missing' }
  | { readonly reason: 'client_unknown'; readonly clientId: string }
  | { readonly reason: 'client_disabled'; readonly clientId: string }
  | { readonly reason: 'authorization_scheme_unsupported'; readonly scheme: string }
  | { readonly reason: 'client_credentials_missing'; readonly registered: string }
  | { readonly reason: 'client_method_mismatch'; readonly registered: string; readonly presented: string }
  | { readonly reason: 'client_method_not_offered'; readonly registered: string; readonly offered: readonly string[] }
  | { readonly reason: 'client_secret_mismatch' }
  | { readonly reason: 'client_not_confidential' }
  | { readonly reason: 'registered_keys_unavailable'; readonly jwksUri: string; readonly problem: string }

/** The JWT of `private_key_jwt` (RFC 7523 §3). */
export type AssertionFailure =
  | { readonly reason: 'assertion_type_unsupported'; readonly presented: string | undefined }
  | { readonly reason: 'assertion_too_long'; readonly length: number; readonly limit: number }
  | { readonly reason: 'assertion_malformed'; readonly problem: string }
  | { readonly reason: 'assertion_header_critical'; readonly critical: string }
  | {
      readonly reason: 'assertion_algorithm_not_allowed'
      readonly presented: string
      readonly allowed: readonly string[]
    }
  | { readonly reason: 'assertion_key_unknown'; readonly kid: string | undefined }
  | { readonly reason: 'assertion_signature_invalid'; readonly kid: string | undefined }
  | { readonly reason: 'assertion_claim_missing'; readonly claim: string }
  | { readonly reason: 'assertion_claim_malformed'; readonly claim: string }
  | { readonly reason: 'assertion_issuer_mismatch'; readonly presented: string }
  | { readonly reason: 'assertion_subject_mismatch'; readonly presented: string }
  | {
      readonly reason: 'assertion_audience_mismatch'
      readonly expected: readonly string[]
      readonly presented: readonly string[]
    }
  | { readonly reason: 'assertion_expired'; readonly exp: number; readonly now: number }
  | {
      readonly reason: 'assertion_lifetime_too_long'
      readonly exp: number
      readonly now: number
      readonly limit: number
    }
  | {
      readonly reason: 'assertion_not_yet_valid'
      readonly claim: 'iat' | 'nbf'
      readonly value: number
      readonly now: number
    }
  | { readonly reason: 'assertion_replayed'; readonly jti: string }

/** The client is known, but what it asks for is not for it. */
export type GrantFailure =
  | { readonly reason: 'grant_type_unknown'; readonly presented: string }
  | { readonly reason: 'grant_type_not_registered'; readonly presented: string; readonly registered: readonly string[] }
  | { readonly reason: 'scope_malformed'; readonly position: number }
  | {
      readonly reason: 'scope_not_registered'
      readonly refused: readonly string[]
      readonly registered: readonly string[]
    }
  /** What was asked for needs roles of a payment service provider that the certificate does not state. ETSI TS 119 495 §5.1. */
  | {
      readonly reason: 'scope_beyond_psd2_roles'
      readonly refused: readonly string[]
      /** For each refused scope the roles of which one is needed. */
      readonly needed: Readonly<Record<string, readonly string[]>>
      readonly roles: readonly string[]
      /** The competent authority that the certificate names. */
      readonly authority?: string
      /** Why the certificate states no roles. */
      readonly problem?: string
    }
  | { readonly reason: 'resource_malformed'; readonly presented: string }
  | { readonly reason: 'resource_not_registered'; readonly presented: string; readonly registered: readonly string[] }

/** Introspection and revocation (RFC 7662, RFC 7009). */
export type TokenManagementFailure = { readonly reason: 'token_of_another_client'; readonly owner: string }

/** A request to a protected resource (RFC 6750 §3.1, RFC 8705 §3). */
export type ResourceRequestFailure =
  | { readonly reason: 'token_missing' }
  | { readonly reason: 'token_too_long'; readonly length: number; readonly limit: number }
  | { readonly reason: 'token_malformed'; readonly problem: string }
  | { readonly reason: 'token_header_critical'; readonly critical: string }
  | { readonly reason: 'token_algorithm_not_allowed'; readonly presented: string; readonly allowed: readonly string[] }
  | { readonly reason: 'token_key_unknown'; readonly kid: string | undefined }
  | { readonly reason: 'token_signature_invalid'; readonly kid: string | undefined }
  | {
      readonly reason: 'token_type_mismatch'
      readonly presented: string | undefined
      readonly expected: readonly string[]
    }
  | { readonly reason: 'token_claim_missing'; readonly claim: string }
  | { readonly reason: 'token_claim_malformed'; readonly claim: string }
  | { readonly reason: 'token_issuer_mismatch'; readonly presented: string; readonly expected: string }
  | {
      readonly reason: 'token_audience_mismatch'
      readonly presented: readonly string[]
      readonly expected: readonly string[]
    }
  | { readonly reason: 'token_expired'; readonly exp: number; readonly now: number }
  | { readonly reason: 'token_not_yet_valid'; readonly nbf: number; readonly now: number }
  | { readonly reason: 'token_inactive' }
  | { readonly reason: 'token_revoked'; readonly jti: string }
  | { readonly reason: 'token_not_bound' }
  | { readonly reason: 'token_confirmation_unsupported'; readonly members: readonly string[] }
  | { readonly reason: 'token_certificate_missing'; readonly expected: string }
  | { readonly reason: 'token_certificate_mismatch'; readonly expected: string; readonly presented: string }
  /** Bound to a DPoP key, and sent without its proof or as a bearer token. */
  | { readonly reason: 'token_proof_missing'; readonly expected: string }
  | { readonly reason: 'token_key_mismatch'; readonly expected: string; readonly presented: string }
  /** Sent by the scheme DPoP, and not bound to a key. */
  | { readonly reason: 'token_not_bound_to_key' }
  | { readonly reason: 'scope_insufficient'; readonly required: readonly string[]; readonly granted: readonly string[] }

/** Nothing that the peer did wrong. */
export type OutageFailure =
  | { readonly reason: 'trust_unavailable'; readonly trust: string }
  | { readonly reason: 'spiffe_bundle_missing'; readonly trust: string; readonly trustDomain: string }
  | {
      readonly reason: 'spiffe_bundle_stale'
      readonly trust: string
      readonly trustDomain: string
      /** Epoch seconds. */
      readonly until: number
      readonly now: number
    }
  | { readonly reason: 'store_unavailable'; readonly store: string; readonly cause: unknown }
  | { readonly reason: 'replay_memory_full' }
  | { readonly reason: 'signing_unavailable'; readonly cause: unknown }
  | { readonly reason: 'token_keys_unavailable'; readonly cause: unknown }
  | { readonly reason: 'requests_limited'; readonly retryAfter: number }
  | { readonly reason: 'shutting_down' }
  | { readonly reason: 'unexpected'; readonly cause: unknown }
