/** What the peer is told: never more than the reason's row, whatever the facts. */
export interface WireError {
  readonly code: ErrorCode | undefined
  readonly status: number
  /** Sent as `error_description`: printable ASCII without `"` and `\` (RFC 6749 §5.2). */
  readonly description: string
}

/** RFC 6749 §4.1.2.1, §5.2, RFC 6750 §3.1, RFC 7591 §3.2.2, RFC 8707 §2, RFC 9396 §5, OpenID Connect Core §3.1.2.6, and Unmet Authentication Requirements §2. */
export type ErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'access_denied'
  | 'authorization_pending'
  | 'slow_down'
  | 'expired_token'
  | 'expired_login_hint_token'
  | 'unknown_user_id'
  | 'invalid_binding_message'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  | 'unsupported_response_type'
  | 'login_required'
  | 'consent_required'
  | 'invalid_request_uri'
  | 'invalid_request_object'
  | 'registration_not_supported'
  | 'invalid_redirect_uri'
  | 'invalid_client_metadata'
  | 'invalid_software_statement'
  | 'unapproved_software_statement'
  | 'invalid_authorization_details'
  | 'unmet_authentication_requirements'

export function wireError(code: ErrorCode | undefined, status: number, description: string): WireError {
  return { code, status, description }
}

export function invalidRequest(description: string, status = 400): WireError {
  return wireError('invalid_request', status, description)
}
