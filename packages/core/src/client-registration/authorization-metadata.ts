import { type JwsAlgorithm, isJwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { AuthorizationRegistration, ResponseType } from './authorization-registration.ts'
import {
  choiceMember,
  flagMember,
  httpsUrlMember,
  httpsUrlProblem,
  listMember,
  type Members,
} from './member-readers.ts'
import type { MetadataProblems } from './metadata-problem.ts'
import type { KeySource } from './registered-client.ts'

/** What this server offers at its authorization endpoint. */
export interface AuthorizationOffer {
  readonly responseTypes: readonly ResponseType[]
  /** What our own signatures are made with, the current one first. */
  readonly signingAlgorithms: readonly JwsAlgorithm[]
  /** What request objects may be signed with. */
  readonly requestAlgorithms: readonly JwsAlgorithm[]
  readonly authorizationDetailsTypes: readonly string[]
  /** Whether identifiers of people can differ from client to client. */
  readonly pairwiseSubjects: 'offered' | 'off'
}

/** Every member that {@link authorizationMetadata} reads. */
export const authorizationMembers: readonly string[] = [
  'application_type',
  'redirect_uris',
  'response_types',
  'require_pushed_authorization_requests',
  'require_signed_request_object',
  'request_object_signing_alg',
  'request_uris',
  'authorization_signed_response_alg',
  'id_token_signed_response_alg',
  'default_max_age',
  'require_auth_time',
  'default_acr_values',
  'subject_type',
  'sector_identifier_uri',
  'authorization_details_types',
  'consent',
  'post_logout_redirect_uris',
  'backchannel_logout_uri',
  'backchannel_logout_session_required',
  'initiate_login_uri',
  'dangerously_allow_missing_code_challenge',
]

/**
 * Reads what a client with the grant `authorization_code` registered, and reports everything that is wrong with it.
 *
 * RFC 7591 §2, OpenID Connect Registration §2, RFC 9126 §6, RFC 9101 §10.5, JARM §3, RFC 9396 §10, Back-Channel Logout §2.2.
 * `keys` are those of its `jwks` or `jwks_uri`. That its sector identifier document names its redirect URIs is checked by
 * whoever registers strangers: it takes the network.
 */
export function authorizationMetadata(
  members: Members,
  keys: KeySource | undefined,
  offer: AuthorizationOffer,
  problems: MetadataProblems,
): AuthorizationRegistration {
  const applicationType = choiceMember(members, 'application_type', ['web', 'native'], problems) ?? 'web'
  const uriProblem = applicationType === 'native' ? nativeRedirectUriProblem : webRedirectUriProblem
  const redirectUris = listMember(members, 'redirect_uris', uriProblem, problems)
  if (!members.has('redirect_uris')) problems.add('redirect_uris', 'missing: authorization_code needs one')
  else if (redirectUris.length === 0) problems.add('redirect_uris', 'empty: authorization_code needs one')
  const signedRequests = flagMember(members, 'require_signed_request_object', problems) === true
  if (signedRequests && keys === undefined) {
    problems.add('require_signed_request_object', 'means nothing without keys', 'one of jwks, jwks_uri')
  }
  const pushed = flagMember(members, 'require_pushed_authorization_requests', problems) === true
  flagMember(members, 'require_auth_time', problems)
  httpsUrlMember(members, 'initiate_login_uri', problems)
  const unchallenged = flagMember(members, 'dangerously_allow_missing_code_challenge', problems) === true
  if (unchallenged && members.get('token_endpoint_auth_method') === 'none') {
    problems.add('dangerously_allow_missing_code_challenge', 'not for a public client', 'RFC 9700 §2.1.1')
  }
  return {
    applicationType,
    redirectUris,
    responseTypes: responseTypes(members, offer, problems),
    pushedRequests: pushed ? 'required' : 'optional',
    signedRequests: signedRequests ? 'required' : 'optional',
    ...(unchallenged ? { codeChallenges: 'optional' } : {}),
    requestAlgorithm: algorithm(members, 'request_object_signing_alg', offer.requestAlgorithms, problems),
    keys,
    requestUris: listMember(members, 'request_uris', httpsUrlProblem, problems),
    responseAlgorithm: algorithm(members, 'authorization_signed_response_alg', offer.signingAlgorithms, problems),
    idTokenAlgorithm: algorithm(members, 'id_token_signed_response_alg', offer.signingAlgorithms, problems),
    defaultMaxAge: defaultMaxAge(members, problems),
    defaultAcrValues: listMember(members, 'default_acr_values', () => undefined, problems),
    sector: sector(members, redirectUris, offer, problems),
    authorizationDetailsTypes: listMember(
      members,
      'authorization_details_types',
      (type) => (offer.authorizationDetailsTypes.includes(type) ? undefined : 'a type that is not offered'),
      problems,
    ),
    consent: choiceMember(members, 'consent', ['always', 'remembered', 'never'], problems) ?? 'remembered',
    postLogoutRedirectUris: listMember(members, 'post_logout_redirect_uris', uriProblem, problems),
    backchannelLogout: backchannelLogout(members, problems),
    pages: {
      client: httpsUrlMember(members, 'client_uri', problems),
      logo: httpsUrlMember(members, 'logo_uri', problems),
      policy: httpsUrlMember(members, 'policy_uri', problems),
      terms: httpsUrlMember(members, 'tos_uri', problems),
    },
  }
}

/** OpenID Connect Registration §2, RFC 9700 §2.6: https only. */
function webRedirectUriProblem(text: string): string | undefined {
  return printable.test(text) ? httpsUrlProblem(text) : 'not a URI in ASCII'
}

/** RFC 8252 §7: an https URL, the loopback interface by its address, or a scheme of the application's own (with a dot). */
function nativeRedirectUriProblem(text: string): string | undefined {
  if (!printable.test(text)) return 'not a URI in ASCII'
  if (text.includes('#')) return 'with a fragment'
  if (loopback.test(text)) return undefined
  const scheme = /^([a-z][a-z0-9+.-]*):/.exec(text)?.[1]
  if (scheme === 'http') return 'http only to http://127.0.0.1 or http://[::1]'
  if (scheme?.includes('.') === true) return undefined
  return httpsUrlProblem(text)
}

function responseTypes(
  members: Members,
  offer: AuthorizationOffer,
  problems: MetadataProblems,
): readonly ResponseType[] {
  const value = members.get('response_types') ?? ['code']
  const offered = `a list of ${offer.responseTypes.join(', ')}`
  if (!Array.isArray(value) || value.length === 0) {
    problems.add('response_types', 'not a list with at least one element', offered)
    return []
  }
  const known: ResponseType[] = []
  for (const [index, element] of (value as readonly unknown[]).entries()) {
    const sorted = typeof element === 'string' ? element.split(' ').sort().join(' ') : undefined
    const match = offer.responseTypes.find((one) => one === sorted)
    if (match === undefined) problems.add(`response_types[${index}]`, 'a response type that is not offered', offered)
    else known.push(match)
  }
  return known
}

function algorithm(
  members: Members,
  member: string,
  offered: readonly JwsAlgorithm[],
  problems: MetadataProblems,
): JwsAlgorithm | undefined {
  const value = members.get(member)
  if (value === undefined) return undefined
  return isJwsAlgorithm(value) && offered.includes(value)
    ? value
    : problems.add(member, 'not an algorithm that is offered here', `one of ${offered.join(', ')}`)
}

function defaultMaxAge(members: Members, problems: MetadataProblems): number | undefined {
  const value = members.get('default_max_age')
  if (value === undefined) return undefined
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maximumAge
    ? value
    : problems.add('default_max_age', `not a whole number of seconds from 0 to ${maximumAge}`)
}

/** OpenID Connect Core §8.1: the host of the sector identifier document, else the one that all redirect URIs share. */
function sector(
  members: Members,
  redirectUris: readonly string[],
  offer: AuthorizationOffer,
  problems: MetadataProblems,
): string | undefined {
  const type = choiceMember(members, 'subject_type', ['public', 'pairwise'], problems)
  const uri = httpsUrlMember(members, 'sector_identifier_uri', problems)
  if (type !== 'pairwise') return undefined
  if (offer.pairwiseSubjects === 'off') {
    return problems.add('subject_type', 'pairwise is not switched on', 'tokens.pairwise-secret-file')
  }
  if (uri !== undefined) return new URL(uri).hostname
  const hosts = new Set(redirectUris.filter((one) => URL.canParse(one)).map((one) => new URL(one).hostname))
  const [only] = hosts
  return hosts.size === 1 && only !== undefined
    ? only
    : problems.add('sector_identifier_uri', 'missing: the redirect URIs have several hosts')
}

function backchannelLogout(
  members: Members,
  problems: MetadataProblems,
): AuthorizationRegistration['backchannelLogout'] {
  const uri = httpsUrlMember(members, 'backchannel_logout_uri', problems)
  const session = flagMember(members, 'backchannel_logout_session_required', problems) === true
  return uri === undefined ? undefined : { uri, session: session ? 'required' : 'optional' }
}

const printable = /^[\x21-\x7e]{1,2048}$/
const loopback = /^http:\/\/(127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?(\/[\x21\x22\x24-\x7e]*)?$/

/** A year. */
const maximumAge = 31_536_000
