import type { DelegatedGrantFailure, DpopFailure } from './delegated-grant-failure.ts'
import { invalidRequest, type WireError, wireError as error } from './wire-error.ts'

/** RFC 6749 §5.2, RFC 8628 §3.5, RFC 8693 §2.2.2, RFC 9449 §5, §8, OpenID CIBA §13. */
export const delegatedGrantWireErrors: {
  readonly [Reason in (DelegatedGrantFailure | DpopFailure)['reason']]: WireError
} = {
  code_unknown: invalidGrant('The authorization code is not valid.'),
  code_of_another_client: invalidGrant('The authorization code is not valid.'),
  code_expired: invalidGrant('The authorization code is not valid.'),
  code_reused: invalidGrant('The authorization code is not valid.'),
  redirect_uri_mismatch: invalidGrant('The redirect_uri is not the one of the authorization request.'),
  code_verifier_refused: invalidGrant('The code_verifier does not match the authorization request.'),
  authorization_ended: invalidGrant('The authorization has ended.'),
  person_gone: invalidGrant('The authorization has ended.'),
  refresh_token_unknown: invalidGrant('The refresh token is not valid.'),
  refresh_token_of_another_client: invalidGrant('The refresh token is not valid.'),
  refresh_token_expired: invalidGrant('The refresh token is not valid.'),
  refresh_token_reused: invalidGrant('The refresh token is not valid.'),
  refresh_token_certificate_mismatch: invalidGrant('The refresh token is bound to a certificate that did not come.'),
  scope_exceeds_grant: error('invalid_scope', 400, 'The scope exceeds what was granted.'),
  resource_exceeds_grant: error('invalid_target', 400, 'The resource exceeds what was granted.'),
  authorization_details_exceed_grant: error(
    'invalid_authorization_details',
    400,
    'The authorization_details exceed what was granted.',
  ),
  authorization_pending: error('authorization_pending', 400, 'The person has not decided yet.'),
  poll_too_soon: error('slow_down', 400, 'The client polls too fast: wait five seconds longer each time.'),
  decoupled_authorization_expired: error('expired_token', 400, 'The person did not decide in time.'),
  decoupled_authorization_denied: error('access_denied', 400, 'The person refused.'),
  decoupled_authorization_unknown: invalidGrant('The code is not valid.'),
  login_hint_refused: invalidRequest('The request must name the person by exactly one usable hint.'),
  login_hint_expired: error('expired_login_hint_token', 400, 'The login_hint_token is expired.'),
  person_unknown: error('unknown_user_id', 400, 'The person is not known.'),
  binding_message_refused: error('invalid_binding_message', 400, 'The binding_message cannot be shown.'),
  signed_request_refused: invalidRequest('The signed authentication request is not valid.'),
  token_type_unsupported: invalidRequest('A token type is not supported.'),
  subject_token_refused: invalidRequest('A token to exchange is not valid.'),
  actor_refused: invalidRequest('The actor may not act for the subject.'),
  exchange_not_allowed: error('invalid_target', 400, 'The client may not exchange this token.'),
  grant_assertion_refused: invalidGrant('The assertion is not valid.'),
  grant_assertion_replayed: invalidGrant('The assertion is not valid.'),

  dpop_proof_missing: error('invalid_dpop_proof', 400, 'The request came without a DPoP proof.'),
  dpop_proof_refused: error('invalid_dpop_proof', 400, 'The DPoP proof is not valid.'),
  dpop_proof_replayed: error('invalid_dpop_proof', 400, 'The DPoP proof was used before.'),
  dpop_nonce_needed: error('use_dpop_nonce', 400, 'The DPoP proof must carry the nonce of the DPoP-Nonce header.'),
  dpop_key_mismatch: error('invalid_dpop_proof', 400, 'The DPoP proof was made with another key.'),
}

function invalidGrant(description: string): WireError {
  return error('invalid_grant', 400, description)
}
