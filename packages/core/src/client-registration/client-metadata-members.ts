import { authorizationMembers } from './authorization-metadata.ts'
import { delegationMembers } from './delegation-metadata.ts'
import { encryptionMembers } from './encryption-metadata.ts'
import { reportOnlyMembers } from './report-only-metadata.ts'
import { tlsClientAuthSubjectMembers } from './tls-client-auth-subject.ts'

/** Every member that a client record may have: RFC 7591 §2, OpenID Connect Registration §2, RFC 8705 and ours. */
export const clientMetadataMembers: readonly string[] = [
  'client_id',
  'client_name',
  'client_uri',
  'logo_uri',
  'contacts',
  'tos_uri',
  'policy_uri',
  'software_id',
  'software_version',
  'token_endpoint_auth_method',
  'token_endpoint_auth_signing_alg',
  'grant_types',
  'scope',
  ...authorizationMembers,
  'jwks',
  'jwks_uri',
  'client_secret',
  ...tlsClientAuthSubjectMembers,
  'tls_client_certificate_bound_access_tokens',
  'use_mtls_endpoint_aliases',
  'trust',
  'scope_for_psd2_role',
  'psd2_competent_authorities',
  'binding',
  ...delegationMembers,
  ...encryptionMembers,
  ...reportOnlyMembers,
  'certificate_thumbprints',
  'dangerously_ignore_certificate_dates',
  'dangerously_allow_public_client_credentials',
  'client_secret_hash',
  'access_token_format',
  'access_token_lifetime',
  'resource',
  'introspection_audience',
  'profile',
  'disabled',
]

/** The member that was probably meant: the nearest one, when it is near. */
export function nearestMember(member: string): string | undefined {
  if (member.length > 64) return undefined
  let nearest: string | undefined
  let least = Math.max(2, member.length / 4) + 1
  for (const known of clientMetadataMembers) {
    const distance = editDistance(member.toLowerCase().replaceAll('-', '_'), known)
    if (distance < least) {
      least = distance
      nearest = known
    }
  }
  return nearest
}

function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const replaced = row[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[other.length]!
}
