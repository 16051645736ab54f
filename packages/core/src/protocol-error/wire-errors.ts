import { authorizationWireErrors } from './authorization-wire-errors.ts'
import { delegatedGrantWireErrors } from './delegated-grant-wire-errors.ts'
import type { FailureReason } from './failure.ts'
import { registrationWireErrors } from './registration-wire-errors.ts'
import { invalidRequest, type WireError, wireError as error } from './wire-error.ts'

export type { ErrorCode, WireError } from './wire-error.ts'

/**
 * The one table from reason to wire (RFC 6749 §5.2, RFC 6750 §3.1, RFC 7009 §2.2.1, RFC 7662 §2.3).
 *
 * Whatever depends on a client's registration has one sentence, so that a stranger cannot ask his way through it.
 */
export const wireErrors: { readonly [Reason in FailureReason]: WireError } = {
  method_not_allowed: invalidRequest('The HTTP method is not allowed here.', 405),
  content_type_unsupported: invalidRequest('The body must be application/x-www-form-urlencoded.'),
  content_encoding_unsupported: invalidRequest('The body must not be compressed.', 415),
  form_too_large: invalidRequest('The request body is too large.', 413),
  form_too_many_parameters: invalidRequest('The request has too many parameters.'),
  form_malformed: invalidRequest('The request body is not a well-formed form.'),
  parameter_repeated: invalidRequest('A parameter is repeated.'),
  resource_repeated: error('invalid_target', 400, 'A token is issued for one resource: send one resource parameter.'),
  parameter_missing: invalidRequest('A required parameter is missing.'),
  parameter_malformed: invalidRequest('A parameter is malformed.'),
  authorization_header_malformed: invalidRequest('The Authorization header is malformed.'),
  credentials_presented_twice: invalidRequest('The client authenticated in more than one way.'),
  client_id_contradicted: invalidRequest('The client_id parameter contradicts the client credentials.'),

  certificate_source_refused: invalidRequest('The client certificate of the request could not be taken.'),
  certificate_missing: error('invalid_client', 401, 'The request came without a client certificate.'),
  certificate_malformed: invalidClient(),
  certificate_untrusted: invalidClient(),
  certificate_revoked: invalidClient(),
  revocation_unknown: invalidClient(),
  certificate_not_svid: invalidClient(),
  spiffe_trust_domain_mismatch: invalidClient(),
  certificate_subject_mismatch: invalidClient(),
  psd2_authority_not_accepted: invalidClient(),
  certificate_not_registered: invalidClient(),
  certificate_expired: invalidClient(),
  certificate_not_yet_valid: invalidClient(),
  binding_certificate_missing: invalidRequest('The access tokens of this client need a client certificate.'),

  client_id_missing: error('invalid_client', 401, 'The request names no client: client_id is missing.'),
  client_unknown: invalidClient(),
  client_disabled: invalidClient(),
  authorization_scheme_unsupported: error('invalid_client', 401, 'The authentication scheme is not supported.'),
  client_credentials_missing: invalidClient(),
  client_method_mismatch: invalidClient(),
  client_method_not_offered: invalidClient(),
  client_secret_mismatch: invalidClient(),
  client_not_confidential: invalidClient(),
  registered_keys_unavailable: invalidClient(),

  assertion_type_unsupported: invalidClient(),
  assertion_too_long: invalidClient(),
  assertion_malformed: invalidClient(),
  assertion_header_critical: invalidClient(),
  assertion_algorithm_not_allowed: invalidClient(),
  assertion_key_unknown: invalidClient(),
  assertion_signature_invalid: invalidClient(),
  assertion_claim_missing: invalidClient(),
  assertion_claim_malformed: invalidClient(),
  assertion_issuer_mismatch: invalidClient(),
  assertion_subject_mismatch: invalidClient(),
  assertion_audience_mismatch: invalidClient(),
  assertion_expired: invalidClient(),
  assertion_lifetime_too_long: invalidClient(),
  assertion_not_yet_valid: invalidClient(),
  assertion_replayed: invalidClient(),

  grant_type_unknown: error('unsupported_grant_type', 400, 'The grant type is not supported.'),
  grant_type_not_registered: error('unauthorized_client', 400, 'The client may not use this grant type.'),
  scope_malformed: error('invalid_scope', 400, 'The scope is malformed.'),
  scope_not_registered: error('invalid_scope', 400, 'The scope exceeds what the client may ask for.'),
  scope_beyond_psd2_roles: error('invalid_scope', 400, 'The scope exceeds what the client may ask for.'),
  resource_malformed: error('invalid_target', 400, 'The resource is not an absolute URI without fragment.'),
  resource_not_registered: error('invalid_target', 400, 'The client may not ask for tokens for this resource.'),

  ...authorizationWireErrors,

  ...delegatedGrantWireErrors,
  ...registrationWireErrors,

  token_of_another_client: error('invalid_grant', 400, 'The token was not issued to this client.'),

  token_missing: error(undefined, 401, 'An access token is needed.'),
  token_too_long: invalidRequest('The access token is too long.'),
  token_malformed: invalidToken('The access token is malformed.'),
  token_header_critical: invalidToken('The access token is malformed.'),
  token_algorithm_not_allowed: invalidToken('The access token is not signed by a trusted key.'),
  token_key_unknown: invalidToken('The access token is not signed by a trusted key.'),
  token_signature_invalid: invalidToken('The access token is not signed by a trusted key.'),
  token_type_mismatch: invalidToken('The token is not an access token.'),
  token_claim_missing: invalidToken('The access token lacks a claim.'),
  token_claim_malformed: invalidToken('The access token is malformed.'),
  token_issuer_mismatch: invalidToken('The access token has another issuer.'),
  token_audience_mismatch: invalidToken('The access token is for another audience.'),
  token_expired: invalidToken('The access token is expired.'),
  token_not_yet_valid: invalidToken('The access token is not yet valid.'),
  token_inactive: invalidToken('The access token is not active.'),
  token_revoked: invalidToken('The access token is not active.'),
  token_not_bound: invalidToken('The access token is not bound to a certificate.'),
  token_confirmation_unsupported: invalidToken('The access token is bound in a way that is not supported.'),
  token_certificate_missing: invalidToken('The access token is bound to a certificate and came without one.'),
  token_certificate_mismatch: invalidToken('The access token is bound to another certificate.'),
  token_proof_missing: invalidToken('The access token is bound to a key and came without a proof of it.'),
  token_key_mismatch: invalidToken('The access token is bound to another key.'),
  token_not_bound_to_key: invalidToken('The access token is not bound to a key.'),
  scope_insufficient: error('insufficient_scope', 403, 'The access token lacks a required scope.'),

  trust_unavailable: error('server_error', 500, 'The server met an unexpected condition.'),
  spiffe_bundle_missing: unavailable('The server cannot answer now. Try again later.'),
  spiffe_bundle_stale: unavailable('The server cannot answer now. Try again later.'),
  store_unavailable: unavailable('The server cannot answer now. Try again later.'),
  replay_memory_full: unavailable('The server cannot answer now. Try again later.'),
  signing_unavailable: unavailable('The server cannot answer now. Try again later.'),
  token_keys_unavailable: unavailable('The server cannot answer now. Try again later.'),
  requests_limited: error('temporarily_unavailable', 429, 'Too many requests. Try again later.'),
  shutting_down: unavailable('The server is about to stop. Try again.'),
  unexpected: error('server_error', 500, 'The server met an unexpected condition.'),
}

function invalidClient(): WireError {
  return error('invalid_client', 401, 'Client authentication failed.')
}

function invalidToken(description: string): WireError {
  return error('invalid_token', 401, description)
}

function unavailable(description: string): WireError {
  return error('temporarily_unavailable', 503, description)
}
