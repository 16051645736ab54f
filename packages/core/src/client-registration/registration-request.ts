import { fail, ok, type Result } from '@holdfast/x509'
import type { RegistrationFailure } from '../protocol-error/registration-failure.ts'
import { encryptionMembers } from './encryption-metadata.ts'
import type { MetadataProblem } from './metadata-problem.ts'
import type { RegistrationPolicy } from './registration-policy.ts'

/** The members of a client record, as somebody sent them. */
export type ClientRecord = Readonly<Record<string, unknown>>

/** Reads the body of a registration: one JSON object (RFC 7591 §3.1). The rim has limited its length. */
export function registrationDocument(text: string): Result<ClientRecord, RegistrationFailure> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return ok(value as ClientRecord)
    return fail({ reason: 'registration_document_malformed', problem: 'not_an_object' })
  } catch {
    return fail({ reason: 'registration_document_malformed', problem: 'not_json' })
  }
}

/**
 * Makes the record that is registered from what a stranger asks for: defaults filled in, the statement's claims in place of
 * his own (RFC 7591 §2.3), what only an operator decides left out, nothing beyond the policy.
 *
 * Members that are not known are ignored (RFC 7591 §2). `trust` is the profile that vouched for the connection's certificate.
 */
export function registrationRequest(
  asked: ClientRecord,
  stated: ClientRecord | undefined,
  policy: RegistrationPolicy,
  trust: string | undefined,
): Result<ClientRecord, RegistrationFailure> {
  const problems: MetadataProblem[] = []
  const claimed = stated === undefined ? {} : pick(stated)
  const record: Record<string, unknown> = { ...pick(asked), ...claimed }
  record['token_endpoint_auth_method'] ??= 'client_secret_basic'
  record['grant_types'] ??= ['authorization_code']
  withoutImplicit(record)
  within(record, 'token_endpoint_auth_method', policy.authenticationMethods, problems)
  withinList(record, 'grant_types', policy.grantTypes, problems)
  scopeWithin(record, policy, problems)
  resourceWithin(record, policy, problems)
  if (policy.binding === 'required') bound(record, problems)
  if (record['token_endpoint_auth_method'] === 'tls_client_auth') record['trust'] = policy.trust ?? trust
  if (problems.length > 0) return fail({ reason: 'registration_metadata_refused', problems })
  return ok(record)
}

/** Which problems a client has told itself: redirect URIs have an error code of their own (RFC 7591 §3.2.2). */
export function registrationProblems(problems: readonly MetadataProblem[]): RegistrationFailure {
  const uris = problems.filter(({ path }) => path.startsWith('redirect_uris'))
  return uris.length > 0
    ? { reason: 'registration_redirect_uri_refused', problems: uris }
    : { reason: 'registration_metadata_refused', problems }
}

function pick(record: ClientRecord): Record<string, unknown> {
  const picked: Record<string, unknown> = {}
  for (const member of membersOfStrangers) {
    if (Object.hasOwn(record, member) && record[member] !== null) picked[member] = record[member]
  }
  return picked
}

/**
 * OpenID Connect Registration §2 wants `implicit` beside `code id_token`, which has nothing implicit but the ID token. It is left
 * out of what is registered; where an access token would come through the browser it is refused like any other grant.
 */
function withoutImplicit(record: Record<string, unknown>): void {
  const { grant_types: grants, response_types: types } = record
  if (!Array.isArray(grants) || !Array.isArray(types) || !grants.includes('authorization_code')) return
  const words = types.map((one: unknown) => (typeof one === 'string' ? one.split(' ').sort().join(' ') : ''))
  if (!words.includes('code id_token')) return
  record['grant_types'] = grants.filter((one) => one !== 'implicit')
}

function within(record: ClientRecord, member: string, allowed: readonly string[], problems: MetadataProblem[]): void {
  const value = record[member]
  if (typeof value === 'string' && allowed.includes(value)) return
  problems.push({ path: member, problem: 'not allowed for clients that register themselves', hint: oneOf(allowed) })
}

function withinList(
  record: ClientRecord,
  member: string,
  allowed: readonly string[],
  problems: MetadataProblem[],
): void {
  const value = record[member]
  if (!Array.isArray(value)) return void problems.push({ path: member, problem: 'not a list', hint: oneOf(allowed) })
  for (const [index, one] of (value as readonly unknown[]).entries()) {
    if (typeof one === 'string' && allowed.includes(one)) continue
    const path = `${member}[${index}]`
    problems.push({ path, problem: 'not allowed for clients that register themselves', hint: oneOf(allowed) })
  }
}

function scopeWithin(record: Record<string, unknown>, policy: RegistrationPolicy, problems: MetadataProblem[]): void {
  const asked = record['scope']
  if (asked === undefined) {
    if (policy.scope.length > 0) record['scope'] = policy.scope.join(' ')
    return
  }
  if (typeof asked !== 'string') return
  const refused = asked.split(' ').filter((one) => one !== '' && !policy.scope.includes(one))
  if (refused.length === 0) return
  problems.push({
    path: 'scope',
    problem: `${refused.slice(0, mostShown).join(' ')} is not for clients that register themselves`,
    hint: oneOf(policy.scope),
  })
}

/** RFC 8707: what tokens may be for is the operator's word; a client chooses among that. */
function resourceWithin(
  record: Record<string, unknown>,
  { resource }: RegistrationPolicy,
  problems: MetadataProblem[],
): void {
  if (resource.length === 0) return void delete record['resource']
  const asked = record['resource']
  if (asked === undefined) record['resource'] = [...resource]
  else withinList({ resource: Array.isArray(asked) ? asked : [asked] }, 'resource', resource, problems)
}

/** FAPI 2.0 §5.3.2.1, FAPI 1.0 Advanced §5.2.2: there are no other tokens. */
function bound(record: Record<string, unknown>, problems: MetadataProblem[]): void {
  if (record['dpop_bound_access_tokens'] === true) return
  const member = 'tls_client_certificate_bound_access_tokens'
  record[member] ??= true
  if (record[member] === true) return
  problems.push({ path: member, problem: 'this server issues bound tokens only', hint: 'true, or leave it out' })
}

function oneOf(allowed: readonly string[]): string {
  return allowed.length === 0 ? 'nothing of that kind is allowed' : `of ${allowed.join(', ')}`
}

/**
 * What a client may say about itself: RFC 7591 §2, RFC 8705, RFC 9126 §6, RFC 9101 §10.5, RFC 9396 §10, RFC 9449 §5.2, JARM §3,
 * OpenID Connect Registration §2, Back-Channel Logout §2.2, CIBA §4. Everything else is the operator's.
 */
const membersOfStrangers: readonly string[] = [
  ...encryptionMembers,
  'redirect_uris',
  'token_endpoint_auth_method',
  'token_endpoint_auth_signing_alg',
  'grant_types',
  'response_types',
  'client_name',
  'client_uri',
  'logo_uri',
  'scope',
  'contacts',
  'tos_uri',
  'policy_uri',
  'jwks_uri',
  'jwks',
  'software_id',
  'software_version',
  'resource',
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
  'tls_client_certificate_bound_access_tokens',
  'use_mtls_endpoint_aliases',
  'dpop_bound_access_tokens',
  'require_pushed_authorization_requests',
  'require_signed_request_object',
  'request_object_signing_alg',
  'request_uris',
  'authorization_signed_response_alg',
  'authorization_details_types',
  'id_token_signed_response_alg',
  'userinfo_signed_response_alg',
  'introspection_signed_response_alg',
  'application_type',
  'subject_type',
  'sector_identifier_uri',
  'default_max_age',
  'default_acr_values',
  'post_logout_redirect_uris',
  'backchannel_logout_uri',
  'backchannel_logout_session_required',
  'backchannel_token_delivery_mode',
  'backchannel_client_notification_endpoint',
  'backchannel_authentication_request_signing_alg',
]

const mostShown = 10
