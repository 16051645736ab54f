import { boolean, list, mapping, oneOf, optional, required } from './shape.ts'
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
    report_only_authentication: optional(
      mapping({
        token_endpoint_auth_method: required(oneOf('tls_client_auth', 'self_signed_tls_client_auth')),
        tls_client_auth_subject_dn: optional(line),
        tls_client_auth_san_dns: optional(line),
        tls_client_auth_san_uri: optional(line),
        tls_client_auth_san_ip: optional(line),
        tls_client_auth_san_email: optional(line),
        certificate_organization_identifier: optional(line),
        spiffe_id: optional(line),
        trust: optional(line),
        certificate_thumbprints: optional(list(line)),
        jwks: optional(keySet),
        jwks_uri: optional(line),
      }),
      'how it is to be known later: who would not be is logged, and known by the registered method until then',
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
