import { flagMember, type Members } from './member-readers.ts'
import type { MetadataProblems } from './metadata-problem.ts'
import type { Binding, GrantType, RegisteredAuthentication } from './registered-client.ts'

/** RFC 6749 §4.4: client credentials are for confidential clients. Whoever wants otherwise must say so. */
export function publicClientMetadata(
  members: Members,
  client: {
    readonly authentication: RegisteredAuthentication | undefined
    readonly binding: Binding
    readonly grantTypes: readonly GrantType[]
  },
  problems: MetadataProblems,
): void {
  const allowed = flagMember(members, 'dangerously_allow_public_client_credentials', problems)
  if (client.authentication?.method !== 'none' || !client.grantTypes.includes('client_credentials')) {
    if (allowed !== undefined) {
      problems.add(
        'dangerously_allow_public_client_credentials',
        'means nothing here',
        'it belongs to method none with client_credentials',
      )
    }
    return
  }
  if (allowed !== true) {
    problems.add(
      'grant_types',
      'client_credentials is for clients that authenticate (RFC 6749 §4.4)',
      'dangerously_allow_public_client_credentials: true gives tokens to whoever knows the client_id',
    )
  } else if (client.binding !== 'required') {
    problems.add(
      'dangerously_allow_public_client_credentials',
      'only with bound tokens',
      'tls_client_certificate_bound_access_tokens: true',
    )
  }
}
