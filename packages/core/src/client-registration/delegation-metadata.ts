import { isJwsAlgorithm, type JwsAlgorithm, jwsAlgorithms } from '../jose/jws-algorithm.ts'
import type { AssertionIssuer, CibaRegistration, DelegationRegistration } from './delegation-registration.ts'
import { parseJsonWebKeySet, type ThumbprintOf } from './json-web-key-set.ts'
import { choiceMember, flagMember, httpsUrlMember, httpsUrlProblem, type Members } from './member-readers.ts'
import type { MetadataProblems } from './metadata-problem.ts'
import type { GrantType, KeySource } from './registered-client.ts'

/** The members read here: RFC 9449 §5.2, RFC 9701 §6, OpenID CIBA §4, OpenID Connect Registration §2 and ours. */
export const delegationMembers: readonly string[] = [
  'dpop_bound_access_tokens',
  'userinfo_signed_response_alg',
  'introspection_signed_response_alg',
  'backchannel_token_delivery_mode',
  'backchannel_client_notification_endpoint',
  'backchannel_authentication_request_signing_alg',
  'backchannel_user_code_parameter',
  'assertion_issuers',
]

/** How the client's tokens are bound beyond certificates. */
export function dpopMetadata(members: Members, problems: MetadataProblems): { readonly dpop?: 'required' } {
  return flagMember(members, 'dpop_bound_access_tokens', problems) === true ? { dpop: 'required' } : {}
}

/** What the client registered to act for others without the authorization endpoint; `undefined` where that is nothing. */
export function delegationMetadata(
  members: Members,
  grantTypes: readonly GrantType[],
  keys: KeySource | undefined,
  thumbprint: ThumbprintOf,
  problems: MetadataProblems,
): DelegationRegistration | undefined {
  const registration = {
    ciba: grantTypes.includes('urn:openid:params:grant-type:ciba') ? ciba(members, keys, problems) : undefined,
    assertionIssuers: assertionIssuers(members, grantTypes, thumbprint, problems),
    userinfoAlgorithm: algorithm(members, 'userinfo_signed_response_alg', problems),
    introspectionAlgorithm: algorithm(members, 'introspection_signed_response_alg', problems),
  }
  const nothing = Object.values(registration).every(
    (value) => value === undefined || (Array.isArray(value) && value.length === 0),
  )
  return nothing ? undefined : registration
}

function ciba(members: Members, keys: KeySource | undefined, problems: MetadataProblems): CibaRegistration {
  const mode = choiceMember(members, 'backchannel_token_delivery_mode', ['poll', 'ping'], problems)
  const endpoint = httpsUrlMember(members, 'backchannel_client_notification_endpoint', problems)
  const requestAlgorithm = algorithm(members, 'backchannel_authentication_request_signing_alg', problems)
  if (mode === undefined && !members.has('backchannel_token_delivery_mode')) {
    problems.add('backchannel_token_delivery_mode', 'missing', 'one of poll, ping')
  }
  if (mode === 'ping' && endpoint === undefined) {
    problems.add('backchannel_client_notification_endpoint', 'missing, and ping goes there')
  }
  if (flagMember(members, 'backchannel_user_code_parameter', problems) === true) {
    problems.add('backchannel_user_code_parameter', 'user codes are not supported', 'leave it out')
  }
  if (requestAlgorithm !== undefined && keys === undefined) {
    problems.add('backchannel_authentication_request_signing_alg', 'the client has no keys', 'jwks or jwks_uri')
  }
  return {
    delivery: mode === 'ping' && endpoint !== undefined ? { mode, endpoint } : { mode: 'poll' },
    requestAlgorithm,
    keys,
  }
}

/** Ours: `[{ issuer, jwks | jwks_uri }]`, whose assertions the client may bring (RFC 7523 §2.1). */
function assertionIssuers(
  members: Members,
  grantTypes: readonly GrantType[],
  thumbprint: ThumbprintOf,
  problems: MetadataProblems,
): readonly AssertionIssuer[] {
  const value = members.get('assertion_issuers')
  const needed = grantTypes.includes('urn:ietf:params:oauth:grant-type:jwt-bearer')
  if (value === undefined) {
    if (needed) problems.add('assertion_issuers', 'missing: it says whose assertions the client may bring')
    return []
  }
  if (!Array.isArray(value) || value.length > maximumIssuers) {
    problems.add('assertion_issuers', `not a list of at most ${maximumIssuers} issuers`)
    return []
  }
  return value.flatMap((one: unknown, index): readonly AssertionIssuer[] => {
    const at = `assertion_issuers[${index}]`
    if (typeof one !== 'object' || one === null) return problems.add(at, 'not an object') ?? []
    const { issuer, jwks, jwks_uri } = one as Readonly<Partial<Record<'issuer' | 'jwks' | 'jwks_uri', unknown>>>
    if (typeof issuer !== 'string' || issuer === '') return problems.add(`${at}.issuer`, 'not a string') ?? []
    if ((jwks === undefined) === (jwks_uri === undefined)) {
      return problems.add(at, 'needs the keys of the issuer', 'exactly one of jwks, jwks_uri') ?? []
    }
    if (jwks_uri !== undefined) {
      const problem = typeof jwks_uri === 'string' ? httpsUrlProblem(jwks_uri) : 'not an https URL'
      if (problem !== undefined) return problems.add(`${at}.jwks_uri`, problem) ?? []
      return [{ issuer, keys: { kind: 'jwks_uri', uri: jwks_uri as string } as const }]
    }
    const parsed = parseJsonWebKeySet(jwks, thumbprint)
    for (const { path, problem, hint } of parsed.problems) problems.add(`${at}.jwks.${path}`, problem, hint)
    return [{ issuer, keys: { kind: 'registered', keys: parsed.keys } as const }]
  })
}

function algorithm(members: Members, member: string, problems: MetadataProblems): JwsAlgorithm | undefined {
  const value = members.get(member)
  if (value === undefined || isJwsAlgorithm(value)) return value
  return problems.add(member, 'not an accepted algorithm', `one of ${jwsAlgorithms.join(', ')}`)
}

/** Each is looked through at every request. */
const maximumIssuers = 20
