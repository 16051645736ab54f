import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'
import { jwsAlgorithms } from '../jose/jws-algorithm.ts'
import { choiceMember, type Members } from './member-readers.ts'
import type { MetadataProblems } from './metadata-problem.ts'
import type { RegisteredClient } from './registered-client.ts'
import { type SecurityProfile, securityProfiles, signatureAlgorithms } from './security-profile.ts'

/**
 * Reads the profile that a client has for itself.
 *
 * It can only be stricter: on a server with a profile it is the same, or for `fapi2` its message signing.
 */
export function clientProfile(
  members: Members,
  server: SecurityProfile,
  problems: MetadataProblems,
): SecurityProfile | undefined {
  const own = choiceMember(members, 'profile', securityProfiles, problems)
  if (own === undefined || server === 'none' || own === server) return own
  if (server === 'fapi2' && own === 'fapi2-message-signing') return own
  return problems.add('profile', `${own} is not stricter than ${server}, the profile of this server`)
}

/** What a client may sign with: what the server takes and the client's profile allows. */
export function clientAlgorithms(
  profile: SecurityProfile,
  server: readonly JwsAlgorithm[] = jwsAlgorithms,
): readonly JwsAlgorithm[] {
  const allowed = signatureAlgorithms(profile)
  return server.filter((algorithm) => allowed.includes(algorithm))
}

/** Reports what a profile does not allow in a registration. The clauses stand in the hints. */
export function profileDemands(
  profile: SecurityProfile,
  client: Pick<RegisteredClient, 'binding' | 'dpop' | 'authorization'> & {
    readonly authentication: Pick<RegisteredClient['authentication'], 'method'> | undefined
  },
  problems: MetadataProblems,
): void {
  if (profile === 'none') return
  const { authentication, binding, dpop, authorization } = client
  const second = profile === 'fapi2' || profile === 'fapi2-message-signing'
  if (authentication !== undefined && !strongMethods.includes(authentication.method)) {
    const clause = second ? 'FAPI 2.0 §5.3.2.1' : 'FAPI 1.0 Advanced §5.2.2 (14)'
    const problem = `${authentication.method} is not for the profile ${profile}`
    problems.add('token_endpoint_auth_method', problem, `${strongMethods.join(', ')} (${clause})`)
  }
  if (binding !== 'required' && !(second && dpop === 'required')) {
    const hint = second
      ? 'binding: required, or dpop_bound_access_tokens: true (FAPI 2.0 §5.3.2.1)'
      : 'binding: required (FAPI 1.0 Advanced §5.2.2 (5))'
    problems.add('binding', `${binding}, and the profile ${profile} issues bound tokens only`, hint)
  }
  if (second && authorization?.responseTypes.some((type) => type !== 'code') === true) {
    problems.add('response_types', `the profile ${profile} has code only`, 'FAPI 2.0 §5.3.2.2 (1)')
  }
}

const strongMethods: readonly string[] = ['tls_client_auth', 'self_signed_tls_client_auth', 'private_key_jwt']
