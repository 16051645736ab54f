import { authorizationMembersShape } from './authorization-members-shape.ts'
import type { DurationText } from './configuration-file.ts'
import { delegationClientShape } from './delegation-client-shape.ts'
import { encryptionClientShape } from './encryption-client-shape.ts'
import {
  anything,
  boolean,
  described,
  either,
  list,
  mapping,
  oneOf,
  oneOrMore,
  openMapping,
  optional,
  record,
  required,
  text,
  textLike,
} from './shape.ts'
import type { Shape } from './shape.ts'

/** The shape of one client of the file. What its members may be together is the core's to say: see client-metadata.ts there. */
export function clientShape(duration: Shape<DurationText>): Shape<Readonly<Record<string, unknown>>> {
  const line = text(1, 4096)
  const path = described('path of a file, from the directory of this file', line)
  const name = textLike(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name of letters, digits, dots, dashes and underscores')
  const signingAlgorithm = oneOf('ES256', 'EdDSA', 'PS256', 'RS256')
  const binding = oneOf('off', 'if_present', 'required')
  const subject = either(
    line,
    mapping({ 'from-certificate': required(path, 'whose name of this kind it is, PEM') }),
    'text, or { from-certificate: FILE }',
  )
  const scopeValues = oneOrMore(list(line, 1))
  const keySet = openMapping({ keys: required(list(record(text(), anything()))) })
  return mapping({
    client_id: required(text(1, 256)),
    client_name: optional(line),
    client_secret: optional(text(1, 1024)),
    client_secret_file: optional(path),
    client_secret_hash: optional(line, 'argon2id in PHC form, as printed by `holdfast client hash`'),
    token_endpoint_auth_method: optional(
      oneOf(
        'tls_client_auth',
        'self_signed_tls_client_auth',
        'private_key_jwt',
        'client_secret_basic',
        'client_secret_post',
        'none',
      ),
    ),
    token_endpoint_auth_signing_alg: optional(signingAlgorithm),
    tls_client_auth_subject_dn: optional(subject, 'the subject of its certificate, RFC 4514'),
    tls_client_auth_san_dns: optional(subject),
    tls_client_auth_san_uri: optional(subject),
    tls_client_auth_san_ip: optional(subject),
    tls_client_auth_san_email: optional(subject),
    certificate_organization_identifier: optional(
      subject,
      'organizationIdentifier (2.5.4.97) of its certificate, whatever else the subject says',
    ),
    spiffe_id: optional(subject, 'SPIFFE ID of its SVID; with /* at the end every ID below'),
    tls_client_certificate_bound_access_tokens: optional(boolean()),
    use_mtls_endpoint_aliases: optional(boolean()),
    jwks: optional(keySet),
    jwks_uri: optional(line),
    grant_types: optional(list(line)),
    response_types: optional(list(line)),
    redirect_uris: optional(list(line)),
    ...delegationClientShape(line, keySet, signingAlgorithm),
    ...encryptionClientShape(),
    ...authorizationMembersShape(),
    scope: optional(text(0, 4096)),
    contacts: optional(list(line)),
    client_uri: optional(line),
    logo_uri: optional(line),
    policy_uri: optional(line),
    tos_uri: optional(line),
    software_id: optional(line),
    software_version: optional(line),
    trust: optional(name, 'the trust that may vouch for this client'),
    scope_for_psd2_role: optional(
      mapping({
        PSP_AS: optional(scopeValues, 'account servicing'),
        PSP_PI: optional(scopeValues, 'payment initiation'),
        PSP_AI: optional(scopeValues, 'account information'),
        PSP_IC: optional(scopeValues, 'issuing of card-based payment instruments'),
      }),
      'scope that is granted only when the certificate states the PSD2 role',
    ),
    psd2_competent_authorities: optional(
      list(line, 1),
      'the certificate must state a PSD2 role by one of these authorities, such as GB-FCA',
    ),
    binding: optional(binding),
    certificate_thumbprints: optional(list(line), 'x5t#S256 of pinned self-signed certificates'),
    access_token_format: optional(oneOf('jwt', 'opaque')),
    access_token_lifetime: optional(duration),
    resource: optional(oneOrMore(list(line, 1)), 'what it may get tokens for; the first by default'),
    introspection_audience: optional(
      oneOrMore(list(line)),
      'audiences whose tokens it may introspect besides its own; * for all',
    ),
    dangerously_ignore_certificate_dates: optional(boolean()),
    dangerously_allow_public_client_credentials: optional(boolean()),
    disabled: optional(boolean()),
  })
}
