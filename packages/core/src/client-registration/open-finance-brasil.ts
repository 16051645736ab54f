import { fail, ok, type Result } from '@holdfast/x509'
import type { RegistrationFailure } from '../protocol-error/registration-failure.ts'
import { encryptionMembers } from './encryption-metadata.ts'
import type { MetadataProblem } from './metadata-problem.ts'
import type { ClientRecord } from './registration-request.ts'
import { encryptionMethods } from './security-profile.ts'

/** What the directory's certificate says about whom it was issued to. */
export interface DirectoryCertificate {
  /** `UID` (0.9.2342.19200300.100.1.1): the software. */
  readonly softwareId: string | undefined
  /** `OU`, or `organizationIdentifier` after `OFBBR-`: the organisation. */
  readonly organizationIds: readonly string[]
}

/**
 * The rules of Open Finance Brasil for clients that register themselves (Dynamic Client Registration 1.0 §7.1).
 *
 * The certificate of the connection belongs to the software and the organisation of the statement; keys and redirect URIs are
 * those of the statement; the subject is registered by its distinguished name; everything is signed with PS256. Answers the
 * record to be registered.
 */
export function openFinanceBrasil(
  record: ClientRecord,
  statement: ClientRecord,
  certificate: DirectoryCertificate,
): Result<ClientRecord, RegistrationFailure> {
  const mine = belongs(statement, certificate)
  if (!mine.ok) return mine
  const problems: MetadataProblem[] = []
  const add = (path: string, problem: string, hint?: string): void => {
    problems.push(hint === undefined ? { path, problem } : { path, problem, hint })
  }
  if (record['jwks'] !== undefined) add('jwks', 'keys by value are not allowed (OFB DCR §7.1)', 'jwks_uri')
  const keys = statement['software_jwks_uri']
  if (record['jwks_uri'] !== keys) add('jwks_uri', 'not the software_jwks_uri of the statement (OFB DCR §7.1)')
  const uris = strings(statement['software_redirect_uris'])
  for (const [index, uri] of strings(record['redirect_uris']).entries()) {
    if (!uris.includes(uri)) add(`redirect_uris[${index}]`, 'not among the software_redirect_uris of the statement')
  }
  const method = record['token_endpoint_auth_method']
  if (method !== 'tls_client_auth' && method !== 'private_key_jwt') {
    add('token_endpoint_auth_method', 'not allowed (OFB Security §5.2.2)', 'tls_client_auth or private_key_jwt')
  }
  for (const member of otherSubjects) {
    if (record[member] !== undefined) add(member, 'not allowed (OFB DCR §7.1)', 'tls_client_auth_subject_dn')
  }
  for (const member of signed) {
    if (record[member] !== undefined && record[member] !== 'PS256') add(member, 'not PS256 (OFB Security §5.2.2)')
  }
  const { algorithms, encodings } = encryptionMethods('brazil')
  const encrypted: readonly string[] = [...algorithms, ...encodings]
  for (const member of encryptionMembers) {
    const value = record[member]
    if (value === undefined || (typeof value === 'string' && encrypted.includes(value))) continue
    add(member, 'not RSA-OAEP with A256GCM (OFB Security §7.2)')
  }
  if (problems.length > 0) {
    const refused = problems.filter(({ path }) => path.startsWith('redirect_uris'))
    return refused.length > 0
      ? fail({ reason: 'registration_redirect_uri_refused', problems: refused })
      : fail({ reason: 'registration_metadata_refused', problems })
  }
  const grants = strings(record['grant_types'])
  return ok({
    ...record,
    ...(grants.includes('authorization_code') ? { grant_types: [...new Set([...grants, 'refresh_token'])] } : {}),
    tls_client_certificate_bound_access_tokens: true,
    id_token_signed_response_alg: 'PS256',
    request_object_signing_alg: 'PS256',
    require_signed_request_object: true,
    software_id: statement['software_id'],
    access_token_lifetime: lifetime,
  })
}

/** Whether whoever shows the statement, or the registration's token, is whom the directory issued the certificate to. */
export function belongs(
  statement: ClientRecord,
  { softwareId, organizationIds }: DirectoryCertificate,
): Result<void, RegistrationFailure> {
  const clause = 'OFB DCR §7.1'
  if (typeof statement['software_id'] !== 'string' || statement['software_id'] !== softwareId) {
    return fail({ reason: 'software_statement_unapproved', problem: 'software_id_not_of_the_certificate', clause })
  }
  const organization = statement['org_id']
  if (typeof organization !== 'string' || !organizationIds.includes(organization)) {
    return fail({ reason: 'software_statement_unapproved', problem: 'org_id_not_of_the_certificate', clause })
  }
  return ok(undefined)
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
}

const otherSubjects = [
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
]

const signed = ['token_endpoint_auth_signing_alg', 'id_token_signed_response_alg', 'request_object_signing_alg']

/** Seconds: OFB Security §5.2.2 wants 300 to 900. */
const lifetime = 900
