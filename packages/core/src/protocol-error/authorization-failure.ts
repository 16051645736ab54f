/**
 * What can be wrong with a request for a person's authorization (RFC 6749 §4.1.2.1, RFC 9126, RFC 9101, RFC 9396).
 *
 * `clause` names the rule of a profile where only that profile demands it.
 */
export type AuthorizationFailure =
  | { readonly reason: 'authorization_not_registered'; readonly registered: readonly string[] }
  | { readonly reason: 'redirect_uri_missing'; readonly registered: number; readonly clause?: string }
  | { readonly reason: 'redirect_uri_not_registered'; readonly presented: string }
  | { readonly reason: 'response_type_unsupported'; readonly presented: string; readonly clause?: string }
  | {
      readonly reason: 'response_type_not_registered'
      readonly presented: string
      readonly registered: readonly string[]
    }
  | {
      readonly reason: 'response_mode_unsupported'
      readonly presented: string
      readonly responseType: string
      readonly clause?: string
    }
  | { readonly reason: 'code_challenge_missing'; readonly clause?: string }
  | { readonly reason: 'code_challenge_method_unsupported'; readonly presented: string }
  | { readonly reason: 'openid_scope_missing'; readonly responseType: string }
  | { readonly reason: 'prompt_contradictory'; readonly presented: string }
  | { readonly reason: 'registration_parameter_unsupported' }
  | { readonly reason: 'pushed_request_required'; readonly clause?: string }
  | { readonly reason: 'signed_request_required'; readonly clause?: string }
  | { readonly reason: 'request_presented_twice' }
  | { readonly reason: 'request_uri_pushed' }
  | { readonly reason: 'request_uri_unknown' }
  | { readonly reason: 'request_uri_expired'; readonly expiresAt: number; readonly now: number }
  | { readonly reason: 'request_uri_of_another_client'; readonly owner: string }
  | { readonly reason: 'request_uri_not_registered'; readonly presented: string }
  | { readonly reason: 'request_uri_not_fetched'; readonly uri: string; readonly problem: string }
  | { readonly reason: 'request_object_too_long'; readonly length: number; readonly limit: number }
  | { readonly reason: 'request_object_malformed'; readonly problem: string }
  | { readonly reason: 'request_object_header_critical'; readonly critical: string }
  | {
      readonly reason: 'request_object_encryption_not_allowed'
      readonly presented: string
      readonly allowed: readonly string[]
    }
  | { readonly reason: 'request_object_not_decrypted'; readonly problem: string }
  | { readonly reason: 'encryption_key_unavailable'; readonly algorithm: string; readonly problem: string }
  | {
      readonly reason: 'request_object_algorithm_not_allowed'
      readonly presented: string
      readonly allowed: readonly string[]
    }
  | { readonly reason: 'request_object_key_unknown'; readonly kid: string | undefined }
  | { readonly reason: 'request_object_signature_invalid'; readonly kid: string | undefined }
  | { readonly reason: 'request_object_claim_missing'; readonly claim: string; readonly clause?: string }
  | { readonly reason: 'request_object_claim_malformed'; readonly claim: string }
  | { readonly reason: 'request_object_claim_forbidden'; readonly claim: string }
  | { readonly reason: 'request_object_client_mismatch'; readonly claim: string; readonly presented: string }
  | {
      readonly reason: 'request_object_audience_mismatch'
      readonly presented: readonly string[]
      readonly expected: string
    }
  | { readonly reason: 'request_object_expired'; readonly exp: number; readonly now: number }
  | {
      readonly reason: 'request_object_not_yet_valid'
      readonly claim: 'iat' | 'nbf'
      readonly value: number
      readonly now: number
    }
  | {
      readonly reason: 'request_object_too_old'
      readonly nbf: number
      readonly now: number
      readonly limit: number
      readonly clause?: string
    }
  | {
      readonly reason: 'request_object_lifetime_too_long'
      readonly exp: number
      readonly from: number
      readonly limit: number
      readonly clause?: string
    }
  | { readonly reason: 'authorization_details_malformed'; readonly problem: string }
  | {
      readonly reason: 'authorization_details_type_refused'
      readonly presented: string
      readonly registered: readonly string[]
    }

/** What comes of the person, or cannot be had without one. */
export type InteractionFailure =
  | { readonly reason: 'login_needed' }
  | { readonly reason: 'consent_needed' }
  | { readonly reason: 'another_person'; readonly asked: 'id_token_hint' | 'claims' | 'consent' }
  | {
      readonly reason: 'authentication_context_unmet'
      readonly needed: readonly string[]
      readonly had: string | undefined
    }
  /** `subject`: who, where somebody was logged in. */
  | { readonly reason: 'person_refused'; readonly subject?: string }
  | { readonly reason: 'interaction_unknown' }
  | { readonly reason: 'interaction_finished' }
