import type { AuthorizationFailure, InteractionFailure } from './authorization-failure.ts'
import { invalidRequest, wireError as error, type WireError } from './wire-error.ts'

/** The rows of people's authorizations (RFC 6749 §4.1.2.1, RFC 9101 §6.3, RFC 9126 §2.3, RFC 9396 §5, OpenID Connect Core §3.1.2.6). */
export const authorizationWireErrors: {
  readonly [Reason in (AuthorizationFailure | InteractionFailure)['reason']]: WireError
} = {
  authorization_not_registered: error('unauthorized_client', 400, 'The client may not ask for authorizations.'),
  redirect_uri_missing: invalidRequest('The redirect_uri is missing.'),
  redirect_uri_not_registered: invalidRequest('The redirect_uri is not one of the client.'),
  response_type_unsupported: error('unsupported_response_type', 400, 'The response_type is not supported.'),
  response_type_not_registered: error('unauthorized_client', 400, 'The client may not use this response_type.'),
  response_mode_unsupported: invalidRequest('The response_mode is not supported with this response_type.'),
  code_challenge_missing: invalidRequest('A code_challenge is required.'),
  code_challenge_method_unsupported: invalidRequest('The code_challenge_method must be S256.'),
  openid_scope_missing: invalidRequest('An ID token needs the scope openid.'),
  prompt_contradictory: invalidRequest('The prompt contradicts itself.'),
  registration_parameter_unsupported: error(
    'registration_not_supported',
    400,
    'Registration by parameter is not supported.',
  ),
  pushed_request_required: invalidRequest('The request must be pushed first.'),
  signed_request_required: invalidRequest('The request must be signed.'),
  request_presented_twice: invalidRequest('The request has both request and request_uri.'),
  request_uri_pushed: invalidRequest('A pushed request cannot have a request_uri.'),
  request_uri_unknown: requestUri(),
  request_uri_expired: requestUri(),
  request_uri_of_another_client: requestUri(),
  request_uri_not_registered: requestUri(),
  request_uri_not_fetched: requestUri(),
  request_object_too_long: requestObject('too long'),
  request_object_malformed: requestObject('malformed'),
  request_object_header_critical: requestObject('malformed'),
  request_object_encryption_not_allowed: requestObject('not encrypted as it may be'),
  request_object_not_decrypted: requestObject('not encrypted as it may be'),
  encryption_key_unavailable: error(
    'temporarily_unavailable',
    503,
    'The key of the client, to which the answer is to be encrypted, cannot be had.',
  ),
  request_object_algorithm_not_allowed: requestObject('not signed by a registered key'),
  request_object_key_unknown: requestObject('not signed by a registered key'),
  request_object_signature_invalid: requestObject('not signed by a registered key'),
  request_object_claim_missing: requestObject('lacking a claim'),
  request_object_claim_malformed: requestObject('malformed'),
  request_object_claim_forbidden: requestObject('malformed'),
  request_object_client_mismatch: requestObject('of another client'),
  request_object_audience_mismatch: requestObject('for another audience'),
  request_object_expired: requestObject('expired'),
  request_object_not_yet_valid: requestObject('not yet valid'),
  request_object_too_old: requestObject('too old'),
  request_object_lifetime_too_long: requestObject('valid for too long'),
  authorization_details_malformed: details('The authorization_details are malformed.'),
  authorization_details_type_refused: details('The client may not use this type of authorization_details.'),

  login_needed: error('login_required', 400, 'The person must log in.'),
  consent_needed: error('consent_required', 400, 'The person must consent.'),
  another_person: error('login_required', 400, 'Another person is logged in.'),
  authentication_context_unmet: error(
    'unmet_authentication_requirements',
    400,
    'The person could not be authenticated as was asked for.',
  ),
  person_refused: error('access_denied', 400, 'The person refused.'),
  interaction_unknown: invalidRequest('This page is no longer valid. Start again at the application.'),
  interaction_finished: invalidRequest('This request was finished already.'),
}

function requestUri(): WireError {
  return error('invalid_request_uri', 400, 'The request_uri is unknown, used, expired or not registered.')
}

function requestObject(what: string): WireError {
  return error('invalid_request_object', 400, `The request object is ${what}.`)
}

function details(description: string): WireError {
  return error('invalid_authorization_details', 400, description)
}
