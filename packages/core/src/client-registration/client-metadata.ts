import { fail, ok, type Result } from '@holdfast/x509'
import { isJwsAlgorithm, type JwsAlgorithm, jwsAlgorithms } from '../jose/jws-algorithm.ts'
import { authorizationMetadata } from './authorization-metadata.ts'
import type { AuthorizationRegistration } from './authorization-registration.ts'
import { certificateThumbprints } from './certificate-thumbprints.ts'
import type { ClientKeys } from './client-keys.ts'
import { delegationMetadata, dpopMetadata } from './delegation-metadata.ts'
import type { DelegationRegistration } from './delegation-registration.ts'
import { encryptionMetadata } from './encryption-metadata.ts'
import { parseJsonWebKeySet } from './json-web-key-set.ts'
import { clientMetadataMembers, nearestMember } from './client-metadata-members.ts'
import { type MetadataProblem, MetadataProblems } from './metadata-problem.ts'
import { psd2Policy } from './psd2-policy.ts'
import { publicClientMetadata } from './public-client-metadata.ts'
import type {
  Binding,
  ClientAuthenticationMethod,
  ExpectedSubject,
  GrantType,
  KeySource,
  RegisteredAuthentication,
  RegisteredClient,
} from './registered-client.ts'
import { clientAlgorithms, clientProfile, profileDemands } from './profile-demands.ts'
import type { RegistrationRules } from './registration-rules.ts'
import { isResourceIdentifier } from './resource-identifier.ts'
import { reportOnlyMetadata } from './report-only-metadata.ts'
import { parseScope } from './scope.ts'
import { serverDemands } from './server-demands.ts'
import { tlsClientAuthSubject, tlsClientAuthSubjectMembers } from './tls-client-auth-subject.ts'

export type { RegistrationRules } from './registration-rules.ts'

/**
 * Parses a client record with the names of RFC 7591 §2, RFC 8705 and our own, and answers all problems at once.
 *
 * Binding (RFC 8705 §3.4): `tls_client_certificate_bound_access_tokens: true` means `required`, an explicit `false` means
 * `off`. Without either, without `binding` and without `defaultBinding`, clients that authenticate by certificate are `required`, since their
 * certificate is there at every request, and all others are `if_present`. `binding` may refine, never contradict.
 */
export function parseClientMetadata(
  metadata: unknown,
  offered: RegistrationRules,
): Result<RegisteredClient, readonly MetadataProblem[]> {
  const problems = new MetadataProblems()
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    problems.add('', 'not an object')
    return fail(problems.found)
  }
  const members: Members = new Map(Object.entries(metadata).filter(([, value]) => value !== undefined))
  const profile = clientProfile(members, offered.profile ?? 'none', problems)
  const inForce = profile ?? offered.profile ?? 'none'
  const rules = { ...offered, signatureAlgorithms: clientAlgorithms(inForce, offered.signatureAlgorithms) }
  if (rules.unknownMembers === 'refuse') unknownMembers(members, problems)

  const authentication = registeredAuthentication(members, rules, problems)
  const client = {
    clientId: clientId(members, problems),
    clientName: text(members, 'client_name', problems),
    disabled: flag(members, 'disabled', problems) ?? false,
    authentication,
    binding: binding(members, authentication?.method, rules, problems),
    grantTypes: grantTypes(members, rules, problems),
    scope: scope(members, problems),
    resource: uris(members, 'resource', problems),
    accessTokenFormat: oneOf(members, 'access_token_format', ['jwt', 'opaque'], problems),
    accessTokenLifetime: accessTokenLifetime(members, problems),
    introspectionAudience: introspectionAudience(members, problems),
  }
  const proofs = dpopMetadata(members, problems)
  const holding = { binding: client.binding, ...proofs }
  const authenticationOf = (written: Members, found: MetadataProblems): RegisteredAuthentication | undefined =>
    registeredAuthentication(written, rules, found)
  const reportOnly = reportOnlyMetadata(members, holding, authenticationOf, problems)
  const delegation = delegationRegistration(members, client.grantTypes, rules, problems)
  const psd2 = psd2Policy(members, client.scope, problems)
  const encrypting = (): KeySource | undefined => keySource(members, rules, new MetadataProblems())
  const encryption = encryptionMetadata(members, encrypting, inForce, rules.server?.encryption, problems)
  publicClientMetadata(members, client, problems)
  const authorization = authorizationRegistration(members, client, rules, problems)
  profileDemands(inForce, { ...client, ...proofs, ...(authorization === undefined ? {} : { authorization }) }, problems)
  if (rules.server !== undefined) {
    const leaning = { ...client, ...proofs, ...(delegation && { delegation }), ...(reportOnly && { reportOnly }) }
    serverDemands(leaning, rules.server, problems)
  }
  if (problems.found.length > 0 || client.clientId === undefined || authentication === undefined) {
    return fail(problems.found)
  }
  const proof =
    psd2 !== undefined && authentication.method === 'tls_client_auth' ? { ...authentication, psd2 } : authentication
  const registered = {
    ...client,
    clientId: client.clientId,
    authentication: proof,
    ...proofs,
    ...(reportOnly === undefined ? undefined : { reportOnly }),
    ...(profile === undefined ? undefined : { profile }),
    ...(delegation === undefined ? undefined : { delegation }),
    ...(encryption === undefined ? undefined : { encryption }),
  }
  return ok(authorization === undefined ? registered : { ...registered, authorization })
}

type Members = ReadonlyMap<string, unknown>

function unknownMembers(members: Members, problems: MetadataProblems): void {
  for (const member of members.keys()) {
    if (clientMetadataMembers.includes(member)) continue
    const nearest = nearestMember(member)
    problems.add(member, 'no such member', nearest === undefined ? undefined : `did you mean ${nearest}?`)
  }
}

function clientId(members: Members, problems: MetadataProblems): string | undefined {
  const value = members.get('client_id')
  if (value === undefined) return problems.add('client_id', 'missing')
  if (typeof value !== 'string' || !visibleAscii.test(value) || value.length > maximumClientId) {
    return problems.add('client_id', `not 1 to ${maximumClientId} printable ASCII characters`)
  }
  return value
}

/** One reader per method: what it needs, and so what may be registered with it. */
const authenticationReaders: {
  readonly [Method in ClientAuthenticationMethod]: (
    members: Members,
    rules: RegistrationRules,
    problems: MetadataProblems,
  ) => RegisteredAuthentication<Method> | undefined
} = {
  tls_client_auth: (members, rules, problems) => {
    const subject = tlsClientAuthSubject(members, problems)
    const trust = trustProfile(members, subject, rules, problems)
    return trust === undefined || subject === undefined ? undefined : { method: 'tls_client_auth', trust, subject }
  },
  self_signed_tls_client_auth: selfSigned,
  private_key_jwt: privateKeyJwt,
  client_secret_basic: (members, _rules, problems) => {
    const secretHash = clientSecretHash(members, problems)
    return secretHash === undefined ? undefined : { method: 'client_secret_basic', secretHash }
  },
  client_secret_post: (members, _rules, problems) => {
    const secretHash = clientSecretHash(members, problems)
    return secretHash === undefined ? undefined : { method: 'client_secret_post', secretHash }
  },
  none: () => ({ method: 'none' }),
}

function registeredAuthentication(
  members: Members,
  rules: RegistrationRules,
  problems: MetadataProblems,
): RegisteredAuthentication | undefined {
  const method = members.get('token_endpoint_auth_method') ?? 'client_secret_basic'
  if (!isMethod(method)) {
    return problems.add(
      'token_endpoint_auth_method',
      'no such method',
      `one of ${rules.authenticationMethods.join(', ')}`,
    )
  }
  if (!rules.authenticationMethods.includes(method)) {
    return problems.add(
      'token_endpoint_auth_method',
      `${method} is not switched on`,
      `one of ${rules.authenticationMethods.join(', ')}`,
    )
  }
  for (const [member, methods] of membersOfMethods) {
    if (members.has(member) && !methods.includes(method)) {
      problems.add(member, `means nothing with ${method}`, `it belongs to ${methods.join(' and ')}`)
    }
  }
  return authenticationReaders[method](members, rules, problems)
}

function isMethod(value: unknown): value is ClientAuthenticationMethod {
  return typeof value === 'string' && Object.hasOwn(authenticationReaders, value)
}

const membersOfMethods: ReadonlyMap<string, readonly ClientAuthenticationMethod[]> = new Map<
  string,
  readonly ClientAuthenticationMethod[]
>([
  ...tlsClientAuthSubjectMembers.map((member) => [member, ['tls_client_auth']] as const),
  ['trust', ['tls_client_auth']],
  ['scope_for_psd2_role', ['tls_client_auth']],
  ['psd2_competent_authorities', ['tls_client_auth']],
  ['certificate_thumbprints', ['self_signed_tls_client_auth']],
  ['dangerously_ignore_certificate_dates', ['self_signed_tls_client_auth']],
  ['token_endpoint_auth_signing_alg', ['private_key_jwt']],
  ['client_secret_hash', ['client_secret_basic', 'client_secret_post']],
])

/** SPIFFE Trust Domain and Bundle §5: SVIDs of a trust domain are judged by its own bundle, and by no other. */
function trustProfile(
  members: Members,
  subject: ExpectedSubject | undefined,
  rules: RegistrationRules,
  problems: MetadataProblems,
): string | undefined {
  const domain = subject?.kind === 'spiffe_id' ? subject.id.id.trustDomain : undefined
  const trust = members.get('trust') ?? trustOfDomain(domain, rules) ?? rules.defaultTrust
  const known = rules.trust.length === 0 ? 'define one under `trust`' : `one of ${rules.trust.join(', ')}`
  if (trust === undefined) return problems.add('trust', 'missing: it says which CAs may vouch for this client', known)
  if (typeof trust !== 'string' || !rules.trust.includes(trust))
    return problems.add('trust', 'no such trust profile', known)
  const vouched = rules.trustDomains?.get(trust)
  if (domain !== undefined && vouched !== undefined && vouched !== domain) {
    return problems.add('trust', `${trust} vouches for SVIDs of ${vouched}, not of ${domain}`)
  }
  return trust
}

function trustOfDomain(domain: string | undefined, { trustDomains }: RegistrationRules): string | undefined {
  for (const [trust, vouched] of trustDomains ?? []) if (vouched === domain) return trust
  return undefined
}

function selfSigned(
  members: Members,
  rules: RegistrationRules,
  problems: MetadataProblems,
): RegisteredAuthentication<'self_signed_tls_client_auth'> | undefined {
  const pinned = certificateThumbprints(members.get('certificate_thumbprints'), problems)
  const source = keySource(members, rules, problems)
  const fromKeys = source?.kind === 'registered' ? source.keys.thumbprints : undefined
  if (source === undefined && !members.has('certificate_thumbprints') && !hasKeys(members)) {
    return problems.add(
      '',
      'self_signed_tls_client_auth needs the registered certificates',
      'one of jwks, jwks_uri, certificate_thumbprints',
    )
  }
  if (fromKeys?.size === 0) {
    return problems.add('jwks', 'no key carries a certificate', 'add "x5c" to the JWK (RFC 8705 §2.2.2)')
  }
  const ignored = flag(members, 'dangerously_ignore_certificate_dates', problems)
  return {
    method: 'self_signed_tls_client_auth',
    thumbprints: new Set([...pinned, ...(fromKeys ?? [])]),
    jwksUri: source?.kind === 'jwks_uri' ? source.uri : undefined,
    dates: ignored === true ? 'ignored' : 'enforced',
  }
}

function privateKeyJwt(
  members: Members,
  rules: RegistrationRules,
  problems: MetadataProblems,
): RegisteredAuthentication<'private_key_jwt'> | undefined {
  const keys = keySource(members, rules, problems)
  const algorithms = signingAlgorithms(members, rules.signatureAlgorithms ?? jwsAlgorithms, problems)
  if (keys === undefined) {
    return hasKeys(members)
      ? undefined
      : problems.add('', 'private_key_jwt needs the public keys', 'one of jwks, jwks_uri')
  }
  if (
    keys.kind === 'registered' &&
    !keys.keys.keys.some((key) => key.algorithms.some((one) => algorithms.includes(one)))
  ) {
    return problems.add('jwks', `no key that can sign with ${algorithms.join(', ')}`)
  }
  return { method: 'private_key_jwt', keys, algorithms }
}

function signingAlgorithms(
  members: Members,
  allowed: readonly JwsAlgorithm[],
  problems: MetadataProblems,
): readonly JwsAlgorithm[] {
  const algorithm = members.get('token_endpoint_auth_signing_alg')
  if (algorithm === undefined) return allowed
  if (isJwsAlgorithm(algorithm) && allowed.includes(algorithm)) return [algorithm]
  problems.add('token_endpoint_auth_signing_alg', 'not an accepted algorithm', `one of ${allowed.join(', ')}`)
  return allowed
}

/** Only of clients that may send people: the others are as they were. */
function authorizationRegistration(
  members: Members,
  client: {
    readonly authentication: RegisteredAuthentication | undefined
    readonly grantTypes: readonly GrantType[]
  },
  rules: RegistrationRules,
  problems: MetadataProblems,
): AuthorizationRegistration | undefined {
  if (rules.authorization === undefined || !client.grantTypes.includes('authorization_code')) return undefined
  const method = client.authentication?.method
  const told = method === 'private_key_jwt' || method === 'self_signed_tls_client_auth'
  const keys = keySource(members, rules, told ? new MetadataProblems() : problems)
  return authorizationMetadata(members, keys, rules.authorization, problems)
}

/** Problems of the keys are told where they are read first. */
function delegationRegistration(
  members: Members,
  grantTypes: readonly GrantType[],
  rules: RegistrationRules,
  problems: MetadataProblems,
): DelegationRegistration | undefined {
  const keys = keySource(members, rules, new MetadataProblems())
  return delegationMetadata(members, grantTypes, keys, rules.thumbprint, problems)
}

function hasKeys(members: Members): boolean {
  return members.has('jwks') || members.has('jwks_uri')
}

function keySource(members: Members, rules: RegistrationRules, problems: MetadataProblems): KeySource | undefined {
  const uri = members.get('jwks_uri')
  if (uri !== undefined && members.has('jwks')) {
    return problems.add('jwks_uri', 'jwks is there as well', 'leave out one of them (RFC 7591 §2)')
  }
  if (uri !== undefined) return jwksUri(uri, problems)
  if (!members.has('jwks')) return undefined
  const keys = registeredKeys(members.get('jwks'), rules, problems)
  return keys === undefined ? undefined : { kind: 'registered', keys }
}

function registeredKeys(jwks: unknown, rules: RegistrationRules, problems: MetadataProblems): ClientKeys | undefined {
  const parsed = parseJsonWebKeySet(jwks, rules.thumbprint)
  for (const { path, problem, hint } of parsed.problems) {
    problems.add(path === '' ? 'jwks' : `jwks.${path}`, problem, hint)
  }
  return parsed.problems.length === 0 ? parsed.keys : undefined
}

function jwksUri(value: unknown, problems: MetadataProblems): KeySource | undefined {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || url.protocol !== 'https:' || url.hash !== '' || url.username !== '' || url.password !== '') {
    return problems.add('jwks_uri', 'not an https URL', 'without user, password and fragment')
  }
  return { kind: 'jwks_uri', uri: value as string }
}

function clientSecretHash(members: Members, problems: MetadataProblems): string | undefined {
  if (members.has('client_secret')) {
    return problems.add('client_secret', 'a secret in the clear', 'register client_secret_hash instead')
  }
  const hash = members.get('client_secret_hash')
  if (hash === undefined) return problems.add('client_secret_hash', 'missing')
  if (typeof hash !== 'string' || hash === '') return problems.add('client_secret_hash', 'not a string')
  return hash
}

function binding(
  members: Members,
  method: ClientAuthenticationMethod | undefined,
  rules: RegistrationRules,
  problems: MetadataProblems,
): Binding {
  const bound = flag(members, 'tls_client_certificate_bound_access_tokens', problems)
  // FAPI 2.0 §8.1.1: what the client's own library goes by when it is told its registration; here it changes nothing.
  flag(members, 'use_mtls_endpoint_aliases', problems)
  const chosen = oneOf(members, 'binding', ['off', 'if_present', 'required'], problems)
  if (bound === true && chosen !== undefined && chosen !== 'required') {
    problems.add(
      'binding',
      `${chosen} contradicts tls_client_certificate_bound_access_tokens: true`,
      'a client that registered bound tokens gets no others: leave binding out, or write required',
    )
  }
  if (bound === false && chosen === 'required') {
    problems.add(
      'binding',
      'required contradicts tls_client_certificate_bound_access_tokens: false',
      'leave out one of them',
    )
  }
  if (chosen !== undefined) return chosen
  if (bound !== undefined) return bound ? 'required' : 'off'
  if (rules.defaultBinding !== undefined) return rules.defaultBinding
  return method === 'tls_client_auth' || method === 'self_signed_tls_client_auth' ? 'required' : 'if_present'
}

function grantTypes(members: Members, rules: RegistrationRules, problems: MetadataProblems): readonly GrantType[] {
  const value = members.get('grant_types')
  const offered = `a list of ${rules.grantTypes.join(', ')}`
  if (value === undefined) {
    problems.add('grant_types', 'missing, and the default authorization_code (RFC 7591 §2) is not offered', offered)
    return []
  }
  if (!Array.isArray(value)) {
    problems.add('grant_types', 'not a list', offered)
    return []
  }
  const known: GrantType[] = []
  for (const [index, grantType] of value.entries()) {
    const match = rules.grantTypes.find((offer) => offer === grantType)
    if (match === undefined) problems.add(`grant_types[${index}]`, 'a grant type that is not offered', offered)
    else known.push(match)
  }
  return known
}

function scope(members: Members, problems: MetadataProblems): readonly string[] {
  const value = members.get('scope')
  if (value === undefined || value === '') return []
  const parsed = typeof value === 'string' ? parseScope(value) : undefined
  if (parsed?.ok === true) return parsed.value
  problems.add('scope', 'not scope values separated by single blanks', 'such as "orders:read orders:write"')
  return []
}

function uris(members: Members, member: string, problems: MetadataProblems): readonly string[] {
  const value = members.get(member)
  if (value === undefined) return []
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  const known: string[] = []
  for (const [index, uri] of list.entries()) {
    if (typeof uri === 'string' && isResourceIdentifier(uri)) known.push(uri)
    else
      problems.add(
        Array.isArray(value) ? `${member}[${index}]` : member,
        'not an absolute URI without fragment',
        'such as https://api.example.com/',
      )
  }
  return known
}

function introspectionAudience(members: Members, problems: MetadataProblems): readonly string[] {
  return members.get('introspection_audience') === '*' ? ['*'] : uris(members, 'introspection_audience', problems)
}

function accessTokenLifetime(members: Members, problems: MetadataProblems): number | undefined {
  const value = members.get('access_token_lifetime')
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > maximumLifetime) {
    return problems.add('access_token_lifetime', `not a whole number of seconds from 1 to ${maximumLifetime}`)
  }
  return value
}

function text(members: Members, member: string, problems: MetadataProblems): string | undefined {
  const value = members.get(member)
  if (value === undefined || typeof value === 'string') return value
  return problems.add(member, 'not a string')
}

function flag(members: Members, member: string, problems: MetadataProblems): boolean | undefined {
  const value = members.get(member)
  if (value === undefined || typeof value === 'boolean') return value
  return problems.add(member, 'not true or false')
}

function oneOf<Value extends string>(
  members: Members,
  member: string,
  values: readonly Value[],
  problems: MetadataProblems,
): Value | undefined {
  const value = members.get(member)
  if (value === undefined) return undefined
  return values.find((one) => one === value) ?? problems.add(member, 'no such value', `one of ${values.join(', ')}`)
}

const visibleAscii = /^[\x20-\x7e]+$/

/** Long enough for URLs as identifiers; it appears in every token and log line. */
const maximumClientId = 256

/** A day: what needs longer needs a refresh, not a longer token. */
const maximumLifetime = 86_400
