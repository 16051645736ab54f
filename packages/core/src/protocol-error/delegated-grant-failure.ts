/** A grant by which a client acts for somebody else: it stands for nothing, or not for what is asked. */
export type DelegatedGrantFailure =
  | { readonly reason: 'code_unknown' }
  | { readonly reason: 'code_of_another_client'; readonly owner: string }
  | { readonly reason: 'code_expired'; readonly expiredAt: number; readonly now: number }
  /** Everything that was issued from it is revoked. */
  | { readonly reason: 'code_reused'; readonly authorizationId: string }
  | {
      readonly reason: 'redirect_uri_mismatch'
      readonly expected: string | undefined
      readonly presented: string | undefined
    }
  | { readonly reason: 'code_verifier_refused'; readonly problem: CodeVerifierProblem }
  /** Revoked, or past its end. */
  | { readonly reason: 'authorization_ended'; readonly authorizationId: string }
  | { readonly reason: 'person_gone'; readonly authorizationId: string }
  | { readonly reason: 'refresh_token_unknown' }
  | { readonly reason: 'refresh_token_of_another_client'; readonly owner: string }
  | { readonly reason: 'refresh_token_expired'; readonly expiredAt: number; readonly now: number }
  /** Somebody has a copy: the authorization is revoked. */
  | { readonly reason: 'refresh_token_reused'; readonly authorizationId: string }
  /** Of a public client: bound to a certificate, and sent without it or with another (RFC 8705 §4). */
  | {
      readonly reason: 'refresh_token_certificate_mismatch'
      readonly expected: string
      readonly presented: string | undefined
    }
  | { readonly reason: 'scope_exceeds_grant'; readonly refused: readonly string[]; readonly granted: readonly string[] }
  | { readonly reason: 'resource_exceeds_grant'; readonly presented: string; readonly granted: readonly string[] }
  /** The object at this place is not one that was granted. */
  | { readonly reason: 'authorization_details_exceed_grant'; readonly index: number }
  | { readonly reason: 'authorization_pending' }
  | { readonly reason: 'poll_too_soon'; readonly interval: number }
  | { readonly reason: 'decoupled_authorization_expired' }
  | { readonly reason: 'decoupled_authorization_denied' }
  | { readonly reason: 'decoupled_authorization_unknown' }
  | { readonly reason: 'login_hint_refused'; readonly problem: LoginHintProblem }
  | { readonly reason: 'login_hint_expired' }
  | { readonly reason: 'person_unknown' }
  | { readonly reason: 'binding_message_refused'; readonly limit: number }
  | { readonly reason: 'signed_request_refused'; readonly problem: string }
  | { readonly reason: 'token_type_unsupported'; readonly parameter: string; readonly presented: string }
  | { readonly reason: 'subject_token_refused'; readonly parameter: string; readonly problem: string }
  | { readonly reason: 'actor_refused'; readonly subject: string }
  | { readonly reason: 'exchange_not_allowed'; readonly problem: 'no_target' | 'not_addressed' }
  | { readonly reason: 'grant_assertion_refused'; readonly problem: string }
  | { readonly reason: 'grant_assertion_replayed'; readonly jti: string }

export type CodeVerifierProblem = 'missing' | 'not_expected' | 'malformed' | 'wrong'

export type LoginHintProblem = 'none' | 'several' | 'unusable'

/** A DPoP proof (RFC 9449 §4.3, §5, §7.1, §8). */
export type DpopFailure =
  | { readonly reason: 'dpop_proof_missing' }
  | { readonly reason: 'dpop_proof_refused'; readonly problem: DpopProofProblem }
  | { readonly reason: 'dpop_proof_replayed'; readonly jti: string }
  /** `nonce` is the one to use, told in `DPoP-Nonce`. */
  | { readonly reason: 'dpop_nonce_needed'; readonly presented: 'none' | 'stale'; readonly nonce: string }
  /** Of a code, a refresh token, or `dpop_jkt`: bound to another key than the one that is proven. */
  | { readonly reason: 'dpop_key_mismatch'; readonly expected: string; readonly presented: string | undefined }

export type DpopProofProblem =
  | 'repeated'
  | 'not_offered'
  | 'malformed'
  | 'typ_not_dpop_jwt'
  | 'algorithm_not_allowed'
  | 'key_missing'
  | 'key_refused'
  | 'private_key_in_header'
  | 'signature_invalid'
  | 'jti_missing'
  | 'method_mismatch'
  | 'url_mismatch'
  | 'iat_missing'
  | 'too_old'
  | 'not_yet_valid'
  | 'ath_missing'
  | 'ath_mismatch'
  | 'nonce_malformed'
