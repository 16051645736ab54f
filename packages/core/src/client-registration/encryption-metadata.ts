import { type JweAlgorithm, jweAlgorithmsOf, type JweEncoding, type JweMethod } from '../jose/jwe-algorithm.ts'
import type { EncryptionRegistration } from './encryption-registration.ts'
import { choiceMember, type Members } from './member-readers.ts'
import type { MetadataProblems } from './metadata-problem.ts'
import type { KeySource } from './registered-client.ts'
import { encryptionMethods, type SecurityProfile } from './security-profile.ts'

/** What a server has for encryption. */
export interface EncryptionOffer {
  readonly answers: 'offered' | 'off'
  /** The kind of its own key, to which request objects are encrypted. */
  readonly requestKey: 'EC' | 'RSA' | 'off'
}

/** The members read here: OpenID Connect Registration §2, JARM §3, RFC 9701 §6, RFC 9101 §10.5. */
export const encryptionMembers: readonly string[] = [
  'id_token_encrypted_response',
  'userinfo_encrypted_response',
  'authorization_encrypted_response',
  'introspection_encrypted_response',
  'request_object_encryption',
].flatMap((member) => [`${member}_alg`, `${member}_enc`])

/**
 * Reads what of a client's traffic is encrypted beyond TLS, and reports what is wrong with it; `undefined` where nothing is.
 *
 * Every answer that is encrypted is signed first. `keySource` reads those of its `jwks` or `jwks_uri`.
 */
export function encryptionMetadata(
  members: Members,
  keySource: () => KeySource | undefined,
  profile: SecurityProfile,
  offer: EncryptionOffer | undefined,
  problems: MetadataProblems,
): EncryptionRegistration | undefined {
  if (!encryptionMembers.some((member) => members.has(member))) return undefined
  const allowed = encryptionMethods(profile)
  const keys = keySource()
  const answers = (member: string): JweMethod | undefined => {
    const method = jweMethod(members, `${member}_encrypted_response`, allowed, problems)
    if (method === undefined) return undefined
    const at = `${member}_encrypted_response_alg`
    if (offer?.answers === 'off') {
      return problems.add(at, 'answers are not encrypted here', 'tokens.encrypted-answers: offered')
    }
    return hasKeyFor(method.algorithm, keys, at, problems) ? method : undefined
  }
  const userinfo = answers('userinfo')
  if (userinfo !== undefined && !members.has('userinfo_signed_response_alg')) {
    const problem = 'what is encrypted is signed first, and this client did not ask for signatures'
    problems.add('userinfo_encrypted_response_alg', problem, 'userinfo_signed_response_alg')
  }
  return {
    idToken: answers('id_token'),
    userinfo,
    authorizationResponse: answers('authorization'),
    introspection: answers('introspection'),
    requestObject: requestObject(members, allowed, offer, problems),
    keys,
  }
}

/** What request objects may be encrypted with, under a profile and to a key of this kind. */
export function requestEncryption(
  profile: SecurityProfile,
  requestKey: EncryptionOffer['requestKey'],
): { readonly algorithms: readonly JweAlgorithm[]; readonly encodings: readonly JweEncoding[] } {
  const { algorithms, encodings } = encryptionMethods(profile)
  if (requestKey === 'off') return { algorithms: [], encodings: [] }
  return { algorithms: algorithms.filter((one) => jweAlgorithmsOf[requestKey].includes(one)), encodings }
}

type Allowed = ReturnType<typeof encryptionMethods>

/** OpenID Connect Registration §2: without `…_enc` it is A128CBC-HS256; `…_enc` alone is wrong. */
function jweMethod(
  members: Members,
  member: string,
  { algorithms, encodings }: Allowed,
  problems: MetadataProblems,
): JweMethod | undefined {
  const algorithm = choiceMember(members, `${member}_alg`, algorithms, problems)
  const encoding = choiceMember(members, `${member}_enc`, encodings, problems)
  if (!members.has(`${member}_alg`)) {
    return encoding === undefined ? undefined : problems.add(`${member}_enc`, `means nothing without ${member}_alg`)
  }
  if (members.has(`${member}_enc`)) return algorithm && encoding && { algorithm, encoding }
  if (!encodings.includes(usualEncoding)) {
    return problems.add(`${member}_enc`, `missing, and the default ${usualEncoding} is not allowed`, encodings[0])
  }
  return algorithm && { algorithm, encoding: usualEncoding }
}

function requestObject(
  members: Members,
  allowed: Allowed,
  offer: EncryptionOffer | undefined,
  problems: MetadataProblems,
): JweMethod | undefined {
  const member = 'request_object_encryption'
  if (offer?.requestKey === 'off' && members.has(`${member}_alg`)) {
    return problems.add(`${member}_alg`, 'this server has no key for that', 'keys.request-encryption: EC or RSA')
  }
  const fitting = offer === undefined || offer.requestKey === 'off' ? undefined : jweAlgorithmsOf[offer.requestKey]
  const algorithms = allowed.algorithms.filter((algorithm) => fitting?.includes(algorithm) !== false)
  return jweMethod(members, member, { ...allowed, algorithms }, problems)
}

function hasKeyFor(
  algorithm: JweAlgorithm,
  keys: KeySource | undefined,
  at: string,
  problems: MetadataProblems,
): boolean {
  if (keys === undefined) problems.add(at, 'the client has no keys', 'jwks or jwks_uri')
  if (keys?.kind !== 'registered') return keys !== undefined
  if (keys.keys.encryptionKeys?.some((key) => key.algorithms.includes(algorithm)) === true) return true
  problems.add('jwks', `no key for ${algorithm}`, 'a key with "use": "enc"')
  return false
}

const usualEncoding = 'A128CBC-HS256'
