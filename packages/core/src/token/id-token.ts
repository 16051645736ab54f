import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'
import { decodeBase64url, encodeBase64url } from '../jose/base64url.ts'
import type { AuthenticationEvent, ClaimsRequest } from '../port/authorization-store.ts'
import type { Hash } from '../port/hash.ts'

/** What an ID token says. Times in epoch seconds. */
export interface IdTokenFacts {
  readonly issuer: string
  readonly clientId: string
  /** As this client knows the person: see subject-identifier.ts. */
  readonly subject: string
  readonly issuedAt: number
  /** Seconds. */
  readonly lifetime: number
  /** Of the authorization request, unchanged. */
  readonly nonce: string | undefined
  readonly authentication: AuthenticationEvent
  readonly sessionId: string | undefined
  /** What was asked about the person, already chosen by {@link claimsForIdToken}. */
  readonly claims: Readonly<Record<string, unknown>>
  /** Of the access token, the code and the `state` that go with it, as text: their hashes bind them to this token. */
  readonly boundTo: { readonly accessToken?: string; readonly code?: string; readonly state?: string }
}

/**
 * Makes the claims of an ID token.
 *
 * OpenID Connect Core §2, §3.1.3.6, §3.3.2.11; `s_hash`: FAPI 1.0 Advanced §5.1; `sid`: Front-Channel Logout §3. Claims of
 * the protocol cannot be replaced by claims about the person. `algorithm` is the one that the token will be signed with.
 */
export function idTokenClaims(facts: IdTokenFacts, algorithm: JwsAlgorithm, hash: Hash): Record<string, unknown> {
  const { authentication, boundTo } = facts
  const half = (text: string): string => leftHalf(text, algorithm, hash)
  return {
    ...facts.claims,
    iss: facts.issuer,
    sub: facts.subject,
    aud: facts.clientId,
    exp: facts.issuedAt + facts.lifetime,
    iat: facts.issuedAt,
    auth_time: authentication.time,
    ...(authentication.amr.length === 0 ? {} : { amr: authentication.amr }),
    ...(authentication.acr === undefined ? {} : { acr: authentication.acr }),
    ...(facts.nonce === undefined ? {} : { nonce: facts.nonce }),
    ...(facts.sessionId === undefined ? {} : { sid: facts.sessionId }),
    ...(boundTo.accessToken === undefined ? {} : { at_hash: half(boundTo.accessToken) }),
    ...(boundTo.code === undefined ? {} : { c_hash: half(boundTo.code) }),
    ...(boundTo.state === undefined ? {} : { s_hash: half(boundTo.state) }),
  }
}

/** The claims about a person that were asked for by name for the ID token (OpenID Connect Core §5.5), as far as known. */
export function claimsForIdToken(
  requested: ClaimsRequest | undefined,
  known: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return pick(Object.keys(requested?.id_token ?? {}), known)
}

/** The claims about a person for the userinfo endpoint: those of the scope and those asked for by name (OpenID Connect Core §5.4, §5.5). */
export function claimsForUserinfo(
  scope: readonly string[],
  requested: ClaimsRequest | undefined,
  known: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return pick([...scope.flatMap((value) => claimsOfScope(value)), ...Object.keys(requested?.userinfo ?? {})], known)
}

/** The claims that a scope value stands for; none for scopes that are not about people (OpenID Connect Core §5.4). */
export function claimsOfScope(scope: string): readonly string[] {
  return scopeClaims.get(scope) ?? []
}

/** Every claim that a scope can bring, for the metadata. */
export function scopedClaims(): readonly string[] {
  return [...scopeClaims.values()].flat()
}

function pick(names: readonly string[], known: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const chosen = new Map<string, unknown>()
  for (const name of names) {
    if (Object.hasOwn(known, name) && known[name] !== undefined && !claimsOfTheProtocol.has(name)) {
      chosen.set(name, known[name])
    }
  }
  return Object.fromEntries(chosen)
}

/** OpenID Connect Core §3.3.2.11: the left half of the digest that the signature algorithm uses; SHA-512 for Ed25519. */
function leftHalf(text: string, algorithm: JwsAlgorithm, hash: Hash): string {
  const digest = decodeBase64url(algorithm === 'EdDSA' ? hash.sha512(text) : hash.sha256(text))
  if (digest === undefined) throw new TypeError('the hash port did not answer base64url')
  return encodeBase64url(digest.subarray(0, digest.length / 2))
}

const scopeClaims: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'profile',
    [
      'name',
      'family_name',
      'given_name',
      'middle_name',
      'nickname',
      'preferred_username',
      'profile',
      'picture',
      'website',
      'gender',
      'birthdate',
      'zoneinfo',
      'locale',
      'updated_at',
    ],
  ],
  ['email', ['email', 'email_verified']],
  ['address', ['address']],
  ['phone', ['phone_number', 'phone_number_verified']],
])

/** What the server says about the token and the login, never what it knows about the person. */
const claimsOfTheProtocol: ReadonlySet<string> = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'iat',
  'nbf',
  'jti',
  'auth_time',
  'nonce',
  'acr',
  'amr',
  'azp',
  'sid',
  'at_hash',
  'c_hash',
  's_hash',
])
