import type { DelegatedGrantFailure, DpopFailure } from '@holdfast/core'
import { instantText } from '../cert/instant.ts'
import { shortThumbprint } from './short-thumbprint.ts'
import { words } from './words.ts'

/** What went wrong with a grant by which a client acts for somebody else, or with a DPoP proof. */
export const delegatedGrantSentences: {
  readonly [Reason in (DelegatedGrantFailure | DpopFailure)['reason']]: (
    failure: Extract<DelegatedGrantFailure | DpopFailure, { reason: Reason }>,
  ) => string
} = {
  code_unknown: () => 'there is no such authorization code, or no longer',
  code_of_another_client: (f) => `the authorization code was issued to ${f.owner}`,
  code_expired: (f) => `the authorization code ended at ${instantText(f.expiredAt)}`,
  code_reused: () => 'the authorization code was used before; everything that came from it is revoked',
  redirect_uri_mismatch: (f) => `redirect_uri is ${f.presented ?? 'missing'}, asked was with ${f.expected ?? 'none'}`,
  code_verifier_refused: (f) => `code_verifier is ${words(f.problem)}`,
  authorization_ended: () => 'the authorization was revoked, or is past its end',
  person_gone: () => 'the person is not there any more, or may not log in',
  refresh_token_unknown: () => 'there is no such refresh token, or no longer',
  refresh_token_of_another_client: (f) => `the refresh token was issued to ${f.owner}`,
  refresh_token_expired: (f) => `the refresh token ended at ${instantText(f.expiredAt)}`,
  refresh_token_reused: () => 'the refresh token was replaced long ago: there is a copy, and everything is revoked',
  refresh_token_certificate_mismatch: (f) =>
    `the refresh token is bound to the certificate ${shortThumbprint(f.expected)}, the connection had ${f.presented === undefined ? 'none' : shortThumbprint(f.presented)}`,
  scope_exceeds_grant: (f) => `${list(f.refused)} was never granted (granted: ${list(f.granted)})`,
  resource_exceeds_grant: (f) => `${f.presented} was never granted (granted: ${list(f.granted)})`,
  authorization_details_exceed_grant: (f) => `authorization_details[${f.index}] was never granted`,
  authorization_pending: () => 'the person has not decided yet',
  poll_too_soon: (f) => `the client polls faster than every ${f.interval} s`,
  decoupled_authorization_expired: () => 'the person did not decide in time',
  decoupled_authorization_denied: () => 'the person refused',
  decoupled_authorization_unknown: () => 'there is no such request, or it was answered',
  login_hint_refused: (f) => `the hints that name the person: ${words(f.problem)}`,
  login_hint_expired: () => 'the login_hint_token is expired',
  person_unknown: () => 'nobody here is meant by the hint',
  binding_message_refused: (f) => `binding_message has more than ${f.limit} characters, or some that are not shown`,
  signed_request_refused: (f) => `the signed request: ${words(f.problem)}`,
  token_type_unsupported: (f) => `${f.parameter} is ${f.presented}, which is not exchanged here`,
  subject_token_refused: (f) => `${f.parameter}: ${words(f.problem)}`,
  actor_refused: (f) => `${f.subject} may not act for the subject (may_act)`,
  exchange_not_allowed: (f) => `the client may not exchange this token: ${words(f.problem)}`,
  grant_assertion_refused: (f) => `the assertion: ${words(f.problem)}`,
  grant_assertion_replayed: (f) => `the assertion ${f.jti} was used before`,

  dpop_proof_missing: () => 'the client registered tokens that are bound by DPoP, and the request had no proof',
  dpop_proof_refused: (f) => `the DPoP proof: ${words(f.problem)}`,
  dpop_proof_replayed: (f) => `the DPoP proof ${f.jti} was used before`,
  dpop_nonce_needed: (f) => `the DPoP proof has ${f.presented === 'none' ? 'no nonce' : 'a nonce that is too old'}`,
  dpop_key_mismatch: (f) =>
    `the DPoP key is ${f.presented === undefined ? 'missing' : shortThumbprint(f.presented)}, bound is ${shortThumbprint(f.expected)}`,
}

function list(items: readonly string[]): string {
  return items.length === 0 ? 'nothing' : items.join(', ')
}
