import { boolean, list, oneOf, optional, text, wholeNumber } from './shape.ts'
import type { Member } from './shape.ts'

type Optional<Value> = Member<Value, 'optional'>
type Algorithm = 'ES256' | 'EdDSA' | 'PS256' | 'RS256'

/** The members of a client that sends people to the authorization endpoint. */
export function authorizationMembersShape(): {
  readonly application_type: Optional<'web' | 'native'>
  readonly require_pushed_authorization_requests: Optional<boolean>
  readonly require_signed_request_object: Optional<boolean>
  readonly request_object_signing_alg: Optional<Algorithm>
  readonly request_uris: Optional<readonly string[]>
  readonly authorization_signed_response_alg: Optional<Algorithm>
  readonly id_token_signed_response_alg: Optional<Algorithm>
  readonly default_max_age: Optional<number>
  readonly require_auth_time: Optional<boolean>
  readonly default_acr_values: Optional<readonly string[]>
  readonly subject_type: Optional<'public' | 'pairwise'>
  readonly sector_identifier_uri: Optional<string>
  readonly authorization_details_types: Optional<readonly string[]>
  readonly consent: Optional<'always' | 'remembered' | 'never'>
  readonly profile: Optional<'none' | 'fapi2' | 'fapi2-message-signing' | 'fapi1-advanced' | 'brazil'>
  readonly post_logout_redirect_uris: Optional<readonly string[]>
  readonly backchannel_logout_uri: Optional<string>
  readonly backchannel_logout_session_required: Optional<boolean>
  readonly initiate_login_uri: Optional<string>
  readonly dangerously_allow_missing_code_challenge: Optional<boolean>
} {
  const line = text(1, 4096)
  const algorithm = oneOf('ES256', 'EdDSA', 'PS256', 'RS256')
  return {
    application_type: optional(oneOf('web', 'native')),
    require_pushed_authorization_requests: optional(boolean()),
    require_signed_request_object: optional(boolean()),
    request_object_signing_alg: optional(algorithm),
    request_uris: optional(list(line)),
    authorization_signed_response_alg: optional(algorithm),
    id_token_signed_response_alg: optional(algorithm),
    default_max_age: optional(wholeNumber(0)),
    require_auth_time: optional(boolean()),
    default_acr_values: optional(list(line)),
    subject_type: optional(oneOf('public', 'pairwise')),
    sector_identifier_uri: optional(line),
    authorization_details_types: optional(list(line)),
    profile: optional(
      oneOf('none', 'fapi2', 'fapi2-message-signing', 'fapi1-advanced', 'brazil'),
      'stricter than that of the server',
    ),
    consent: optional(
      oneOf('always', 'remembered', 'never'),
      'when people are asked: each time, unless they allowed the same before, or never, for applications of your own',
    ),
    post_logout_redirect_uris: optional(list(line)),
    backchannel_logout_uri: optional(line, 'told when a login ends'),
    backchannel_logout_session_required: optional(boolean()),
    initiate_login_uri: optional(line),
    dangerously_allow_missing_code_challenge: optional(
      boolean(),
      'for a client that knows neither PKCE nor nonce: whoever gets hold of its code can use it up there',
    ),
  }
}
