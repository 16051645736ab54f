import type { AuthorizationFailure, InteractionFailure } from '@holdfast/core'
import { instantText } from '../cert/instant.ts'
import { words } from './words.ts'

type Told = AuthorizationFailure | InteractionFailure
type Sentences = { readonly [Reason in Told['reason']]: (failure: Extract<Told, { reason: Reason }>) => string }

/** The sentences about people's authorizations. */
export const authorizationSentences: Sentences = {
  authorization_not_registered: (f) =>
    `the client is not registered for authorization_code (registered: ${list(f.registered)})`,
  redirect_uri_missing: (f) =>
    because(`the request names no redirect_uri, and the client registered ${f.registered}`, f.clause),
  redirect_uri_not_registered: (f) => `the client did not register the redirect_uri ${f.presented}`,
  response_type_unsupported: (f) => because(`the response_type ${f.presented} is not offered`, f.clause),
  response_type_not_registered: (f) =>
    `the client may not use the response_type ${f.presented} (registered: ${list(f.registered)})`,
  response_mode_unsupported: (f) =>
    because(`the response_mode ${f.presented} does not go with the response_type ${f.responseType}`, f.clause),
  code_challenge_missing: (f) => because('the request has no code_challenge', f.clause),
  code_challenge_method_unsupported: (f) => `the code_challenge_method is ${f.presented}, only S256 is taken`,
  openid_scope_missing: (f) => `the response_type ${f.responseType} needs the scope openid`,
  prompt_contradictory: (f) => `the prompt ${f.presented} asks for a page and for none`,
  registration_parameter_unsupported: () => 'the request wants to register its client by the parameter registration',
  pushed_request_required: (f) => because('the request was not pushed', f.clause),
  signed_request_required: (f) => because('the request is not signed', f.clause),
  request_presented_twice: () => 'the request has both request and request_uri',
  request_uri_pushed: () => 'the pushed request has a request_uri itself',
  request_uri_unknown: () => 'the request_uri is unknown, was used up, or is long expired',
  request_uri_expired: (f) => `the request_uri expired at ${instantText(f.expiresAt)}`,
  request_uri_of_another_client: (f) => `the request_uri was made for ${f.owner}`,
  request_uri_not_registered: (f) => `the client did not register the request_uri ${f.presented}`,
  request_uri_not_fetched: (f) => `the request object at ${f.uri} could not be had: ${f.problem}`,
  request_object_too_long: (f) => `the request object has ${f.length} characters, ${f.limit} are allowed`,
  request_object_malformed: (f) => `the request object is no signed JWT: ${words(f.problem)}`,
  request_object_header_critical: (f) => `the request object demands the extension ${f.critical}`,
  request_object_encryption_not_allowed: (f) =>
    `the request object is encrypted with ${f.presented}, allowed is ${list(f.allowed)}`,
  request_object_not_decrypted: (f) => `the request object cannot be decrypted: ${words(f.problem)}`,
  encryption_key_unavailable: (f) =>
    `the client has no key at hand to encrypt to with ${f.algorithm}: ${words(f.problem)}`,
  request_object_algorithm_not_allowed: (f) =>
    `the request object is signed with ${f.presented}, allowed is ${list(f.allowed)}`,
  request_object_key_unknown: (f) => `the client has registered no key ${f.kid ?? 'that fits'} for request objects`,
  request_object_signature_invalid: (f) =>
    `the signature of the request object does not fit the key ${f.kid ?? 'of the client'}`,
  request_object_claim_missing: (f) => because(`the request object lacks ${f.claim}`, f.clause),
  request_object_claim_malformed: (f) => `${f.claim} in the request object is not what it should be`,
  request_object_claim_forbidden: (f) => `the request object must not hold ${f.claim}`,
  request_object_client_mismatch: (f) => `${f.claim} in the request object is ${f.presented}, not the client`,
  request_object_audience_mismatch: (f) => `the request object is for ${list(f.presented)}, not for ${f.expected}`,
  request_object_expired: (f) => `the request object expired at ${instantText(f.exp)}`,
  request_object_not_yet_valid: (f) => `the request object is good only from ${instantText(f.value)} (${f.claim})`,
  request_object_too_old: (f) =>
    because(`the request object is good since ${instantText(f.nbf)}, longer than ${f.limit} s`, f.clause),
  request_object_lifetime_too_long: (f) =>
    because(`the request object would live until ${instantText(f.exp)}, longer than ${f.limit} s`, f.clause),
  authorization_details_malformed: (f) => `authorization_details are malformed: ${f.problem}`,
  authorization_details_type_refused: (f) =>
    `the client may not use authorization_details of the type ${f.presented} (registered: ${list(f.registered)})`,

  login_needed: () => 'nobody is logged in who fits, and the client asked for no page',
  consent_needed: () => 'the person must be asked, and the client asked for no page',
  another_person: (f) =>
    f.asked === 'consent'
      ? 'somebody else logged in meanwhile'
      : `another person is logged in than ${words(f.asked)} names`,
  authentication_context_unmet: (f) =>
    `the client needs the authentication context ${list(f.needed)}, the person has ${f.had ?? 'none'}`,
  person_refused: () => 'the person refused',
  interaction_unknown: () => 'the page was left open too long, belongs to another browser, or was finished',
  interaction_finished: () => 'the request was finished already, in another window',
}

function because(text: string, clause: string | undefined): string {
  return clause === undefined ? text : `${text} (${clause})`
}

function list(items: readonly string[]): string {
  return items.length === 0 ? 'nothing' : items.join(', ')
}
