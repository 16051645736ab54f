import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FailureReason } from './failure.ts'
import { errorResponse } from './error-response.ts'
import { wireErrors } from './wire-errors.ts'

/** Written by hand from RFC 6749 §5.2, RFC 6750 §3.1, RFC 8707 §2: code, status and the reasons told by them. */
const expected: readonly (readonly [string | undefined, number, readonly FailureReason[]])[] = [
  ['invalid_request', 405, ['method_not_allowed']],
  ['invalid_request', 409, ['registration_changed_meanwhile']],
  ['invalid_redirect_uri', 400, ['registration_redirect_uri_refused']],
  [
    'invalid_client_metadata',
    400,
    ['registration_document_malformed', 'registration_metadata_refused', 'registration_member_fixed'],
  ],
  ['invalid_software_statement', 400, ['software_statement_missing', 'software_statement_refused']],
  ['unapproved_software_statement', 400, ['software_statement_issuer_unknown', 'software_statement_unapproved']],
  ['invalid_request', 413, ['form_too_large']],
  ['invalid_request', 415, ['content_encoding_unsupported']],
  [
    'invalid_request',
    400,
    [
      'content_type_unsupported',
      'form_too_many_parameters',
      'form_malformed',
      'parameter_repeated',
      'parameter_missing',
      'parameter_malformed',
      'authorization_header_malformed',
      'credentials_presented_twice',
      'client_id_contradicted',
      'certificate_source_refused',
      'binding_certificate_missing',
      'token_too_long',
    ],
  ],
  [
    'invalid_client',
    401,
    [
      'certificate_missing',
      'certificate_malformed',
      'certificate_untrusted',
      'certificate_revoked',
      'revocation_unknown',
      'certificate_subject_mismatch',
      'certificate_not_svid',
      'spiffe_trust_domain_mismatch',
      'psd2_authority_not_accepted',
      'certificate_not_registered',
      'certificate_expired',
      'certificate_not_yet_valid',
      'client_id_missing',
      'client_unknown',
      'client_disabled',
      'authorization_scheme_unsupported',
      'client_credentials_missing',
      'client_method_mismatch',
      'client_method_not_offered',
      'client_secret_mismatch',
      'client_not_confidential',
      'registered_keys_unavailable',
      'assertion_type_unsupported',
      'assertion_too_long',
      'assertion_malformed',
      'assertion_header_critical',
      'assertion_algorithm_not_allowed',
      'assertion_key_unknown',
      'assertion_signature_invalid',
      'assertion_claim_missing',
      'assertion_claim_malformed',
      'assertion_issuer_mismatch',
      'assertion_subject_mismatch',
      'assertion_audience_mismatch',
      'assertion_expired',
      'assertion_lifetime_too_long',
      'assertion_not_yet_valid',
      'assertion_replayed',
    ],
  ],
  ['unsupported_grant_type', 400, ['grant_type_unknown']],
  ['unauthorized_client', 400, ['grant_type_not_registered']],
  ['invalid_scope', 400, ['scope_malformed', 'scope_not_registered', 'scope_beyond_psd2_roles']],
  ['invalid_target', 400, ['resource_repeated', 'resource_malformed', 'resource_not_registered']],
  ['invalid_grant', 400, ['token_of_another_client']],
  [
    'invalid_request',
    400,
    [
      'redirect_uri_missing',
      'redirect_uri_not_registered',
      'response_mode_unsupported',
      'code_challenge_missing',
      'code_challenge_method_unsupported',
      'openid_scope_missing',
      'prompt_contradictory',
      'pushed_request_required',
      'signed_request_required',
      'request_presented_twice',
      'request_uri_pushed',
      'interaction_unknown',
      'interaction_finished',
    ],
  ],
  ['unauthorized_client', 400, ['authorization_not_registered', 'response_type_not_registered']],
  ['unsupported_response_type', 400, ['response_type_unsupported']],
  ['registration_not_supported', 400, ['registration_parameter_unsupported']],
  [
    'invalid_request_uri',
    400,
    [
      'request_uri_unknown',
      'request_uri_expired',
      'request_uri_of_another_client',
      'request_uri_not_registered',
      'request_uri_not_fetched',
    ],
  ],
  [
    'invalid_request_object',
    400,
    [
      'request_object_too_long',
      'request_object_malformed',
      'request_object_header_critical',
      'request_object_encryption_not_allowed',
      'request_object_not_decrypted',
      'request_object_algorithm_not_allowed',
      'request_object_key_unknown',
      'request_object_signature_invalid',
      'request_object_claim_missing',
      'request_object_claim_malformed',
      'request_object_claim_forbidden',
      'request_object_client_mismatch',
      'request_object_audience_mismatch',
      'request_object_expired',
      'request_object_not_yet_valid',
      'request_object_too_old',
      'request_object_lifetime_too_long',
    ],
  ],
  ['invalid_authorization_details', 400, ['authorization_details_malformed', 'authorization_details_type_refused']],
  ['login_required', 400, ['login_needed', 'another_person']],
  ['consent_required', 400, ['consent_needed']],
  ['unmet_authentication_requirements', 400, ['authentication_context_unmet']],
  ['access_denied', 400, ['person_refused']],
  [undefined, 401, ['token_missing', 'registration_token_missing']],
  [
    'invalid_token',
    401,
    [
      'registration_token_unknown',
      'token_malformed',
      'token_header_critical',
      'token_algorithm_not_allowed',
      'token_key_unknown',
      'token_signature_invalid',
      'token_type_mismatch',
      'token_claim_missing',
      'token_claim_malformed',
      'token_issuer_mismatch',
      'token_audience_mismatch',
      'token_expired',
      'token_not_yet_valid',
      'token_inactive',
      'token_revoked',
      'token_not_bound',
      'token_confirmation_unsupported',
      'token_certificate_missing',
      'token_certificate_mismatch',
    ],
  ],
  ['insufficient_scope', 403, ['scope_insufficient']],
  ['server_error', 500, ['trust_unavailable', 'unexpected']],
  [
    'temporarily_unavailable',
    503,
    [
      'store_unavailable',
      'spiffe_bundle_missing',
      'spiffe_bundle_stale',
      'replay_memory_full',
      'encryption_key_unavailable',
      'signing_unavailable',
      'token_keys_unavailable',
      'shutting_down',
    ],
  ],
  ['temporarily_unavailable', 429, ['requests_limited']],
  ['invalid_authorization_details', 400, ['authorization_details_exceed_grant']],
  // RFC 6749 §5.2, RFC 8628 §3.5, RFC 8693 §2.2.2, RFC 9449 §5, OpenID CIBA §13.
  [
    'invalid_grant',
    400,
    [
      'code_unknown',
      'code_of_another_client',
      'code_expired',
      'code_reused',
      'redirect_uri_mismatch',
      'code_verifier_refused',
      'authorization_ended',
      'person_gone',
      'refresh_token_unknown',
      'refresh_token_of_another_client',
      'refresh_token_expired',
      'refresh_token_reused',
      'refresh_token_certificate_mismatch',
      'decoupled_authorization_unknown',
      'grant_assertion_refused',
      'grant_assertion_replayed',
    ],
  ],
  ['invalid_scope', 400, ['scope_exceeds_grant']],
  ['invalid_target', 400, ['resource_exceeds_grant', 'exchange_not_allowed']],
  ['authorization_pending', 400, ['authorization_pending']],
  ['slow_down', 400, ['poll_too_soon']],
  ['expired_token', 400, ['decoupled_authorization_expired']],
  ['access_denied', 400, ['decoupled_authorization_denied']],
  [
    'invalid_request',
    400,
    [
      'login_hint_refused',
      'signed_request_refused',
      'token_type_unsupported',
      'subject_token_refused',
      'actor_refused',
    ],
  ],
  ['expired_login_hint_token', 400, ['login_hint_expired']],
  ['unknown_user_id', 400, ['person_unknown']],
  ['invalid_binding_message', 400, ['binding_message_refused']],
  ['invalid_dpop_proof', 400, ['dpop_proof_missing', 'dpop_proof_refused', 'dpop_proof_replayed', 'dpop_key_mismatch']],
  ['use_dpop_nonce', 400, ['dpop_nonce_needed']],
  ['invalid_token', 401, ['token_proof_missing', 'token_key_mismatch', 'token_not_bound_to_key']],
]

describe('wireErrors', () => {
  for (const [code, status, reasons] of expected) {
    for (const reason of reasons) {
      const id = code === 'invalid_client' && reason.startsWith('certificate_') ? 'RFC8705-M4 ' : ''
      test(`${id}${reason} is told as ${code ?? 'nothing'} with ${status}`, () => {
        assert.equal(wireErrors[reason].code, code)
        assert.equal(wireErrors[reason].status, status)
      })
    }
  }

  test('every reason is in this test', () => {
    assert.deepEqual(expected.flatMap(([, , reasons]) => reasons).sort(), Object.keys(wireErrors).sort())
  })

  test('RFC6749-A37 descriptions hold only what RFC 6749 §5.2 allows', () => {
    for (const { description } of Object.values(wireErrors))
      assert.match(description, /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  })

  test('what depends on a client’s registration has one sentence', () => {
    const sentences = [
      'client_unknown',
      'client_disabled',
      'client_secret_mismatch',
      'certificate_subject_mismatch',
      'certificate_untrusted',
      'certificate_revoked',
      'revocation_unknown',
      'assertion_key_unknown',
    ] as const
    assert.equal(new Set(sentences.map((reason) => wireErrors[reason].description)).size, 1)
  })
})

describe('errorResponse', () => {
  test('RFC6749-A37 a refusal is JSON, is never cached, and holds the sentence with the reference, not the facts', () => {
    assert.deepEqual(errorResponse({ reason: 'client_unknown', clientId: 'who' }, 'r1'), {
      status: 401,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store', pragma: 'no-cache' },
      body: '{"error":"invalid_client","error_description":"Client authentication failed. (reference r1)"}',
    })
  })

  test('RFC6749-A33 the challenge is there for a client that used the header, with 401 only', () => {
    const refused = errorResponse({ reason: 'client_secret_mismatch' }, 'r', 'Basic')
    assert.equal(refused.headers['www-authenticate'], 'Basic realm="client"')
    const other = errorResponse({ reason: 'parameter_missing', parameter: 'grant_type' }, 'r', 'Basic')
    assert.equal(other.headers['www-authenticate'], undefined)
  })

  test('an outage says when to come back, a wrong method what is allowed', () => {
    assert.equal(errorResponse({ reason: 'replay_memory_full' }, 'r').headers['retry-after'], '5')
    assert.equal(errorResponse({ reason: 'requests_limited', retryAfter: 9 }, 'r').headers['retry-after'], '9')
    const answer = errorResponse({ reason: 'method_not_allowed', method: 'GET', allowed: ['POST'] }, 'r')
    assert.equal(answer.headers['allow'], 'POST')
  })
})
