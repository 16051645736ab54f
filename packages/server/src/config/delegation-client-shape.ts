import { boolean, list, mapping, oneOf, optional } from './shape.ts'
import type { Member, Shape } from './shape.ts'

/** The members of a client that acts for others, or wants signed answers or DPoP: see delegation-metadata.ts of the core. */
export function delegationClientShape(
  line: Shape<string>,
  keySet: Shape<unknown>,
  algorithm: Shape<string>,
): Readonly<Record<string, Member<unknown, 'optional'>>> {
  const issuer = mapping({ issuer: optional(line), jwks: optional(keySet), jwks_uri: optional(line) })
  return {
    dpop_bound_access_tokens: optional(boolean()),
    report_only: optional(
      oneOf('certificate_bound', 'dpop_bound', 'bound'),
      'a rule that is tried out: what it would refuse is logged, and answered as before',
    ),
    userinfo_signed_response_alg: optional(algorithm),
    introspection_signed_response_alg: optional(algorithm),
    backchannel_token_delivery_mode: optional(oneOf('poll', 'ping')),
    backchannel_client_notification_endpoint: optional(line),
    backchannel_authentication_request_signing_alg: optional(algorithm),
    backchannel_user_code_parameter: optional(boolean()),
    assertion_issuers: optional(list(issuer), 'whose assertions it may bring (RFC 7523)'),
  }
}
