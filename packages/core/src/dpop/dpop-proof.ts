import { fail, ok, type Result } from '@holdfast/x509'
import type { ClientKey } from '../client-registration/client-keys.ts'
import { parseJsonWebKeySet, type ThumbprintOf } from '../client-registration/json-web-key-set.ts'
import { decodeBase64url } from '../jose/base64url.ts'
import { type CompactJws, parseCompactJws } from '../jose/compact-jws.ts'
import { jwkThumbprintText } from '../jose/jwk-thumbprint-text.ts'
import { isJwsAlgorithm, type JwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { DpopFailure, DpopProofProblem } from '../protocol-error/delegated-grant-failure.ts'

/** What a proof is judged by: the very request that it came with. */
export interface ProofExpectation {
  readonly method: string
  /** The URL as the client knows it, of the host that was asked: at an alias the alias. Without query and fragment. */
  readonly url: string
  /** SHA-256 of the access token that came along, base64url; absent at the token endpoint. */
  readonly accessTokenHash?: string
  readonly algorithms: readonly JwsAlgorithm[]
}

/** A proof whose claims are right. Still to be done: check the signature, the nonce, and that it is the first of its `jti`. */
export interface DpopProof {
  readonly jws: CompactJws
  readonly algorithm: JwsAlgorithm
  readonly key: ClientKey
  /** What the key's thumbprint is the SHA-256 of. */
  readonly thumbprintText: string
  readonly jti: string
  readonly nonce: string | undefined
  /** Epoch seconds until which the `jti` must be remembered. */
  readonly rememberUntil: number
}

/**
 * Judges a DPoP proof before any costly work is done for it.
 *
 * RFC 9449 §4.2, §4.3. `header` is the value of the one `DPoP` header; several are joined by a comma, which no JWT has.
 * A proof of the last minute counts, and one from up to a minute ahead. Query and fragment of `htu` are not looked at;
 * scheme and host may be in any case, a default port may stand there.
 */
export function dpopProof(header: string, expected: ProofExpectation, now: number): Result<DpopProof, DpopFailure> {
  if (header.includes(',')) return refused('repeated')
  if (header.length > maximumLength) return refused('malformed')
  const jws = parseCompactJws(header)
  if (!jws.ok) return refused('malformed')
  const { alg, typ } = jws.value.header
  if (typ?.toLowerCase() !== 'dpop+jwt') return refused('typ_not_dpop_jwt')
  if (!isJwsAlgorithm(alg) || !expected.algorithms.includes(alg)) return refused('algorithm_not_allowed')
  const key = headerKey(header, alg)
  if (typeof key === 'string') return refused(key)

  const { jti, htm, htu, iat, ath, nonce } = jws.value.claims as Readonly<
    Partial<Record<'jti' | 'htm' | 'htu' | 'iat' | 'ath' | 'nonce', unknown>>
  >
  if (typeof jti !== 'string' || jti === '' || jti.length > maximumIdentifier) return refused('jti_missing')
  if (htm !== expected.method) return refused('method_mismatch')
  if (typeof htu !== 'string' || comparable(htu) !== comparable(expected.url)) return refused('url_mismatch')
  if (typeof iat !== 'number' || !Number.isFinite(iat)) return refused('iat_missing')
  if (iat < now - maximumAge) return refused('too_old')
  if (iat > now + futureTolerance) return refused('not_yet_valid')
  if (nonce !== undefined && typeof nonce !== 'string') return refused('nonce_malformed')
  if (expected.accessTokenHash !== undefined) {
    if (typeof ath !== 'string') return refused('ath_missing')
    if (ath !== expected.accessTokenHash) return refused('ath_mismatch')
  }
  return ok({
    jws: jws.value,
    algorithm: alg,
    key,
    thumbprintText: jwkThumbprintText(key.publicJwk),
    jti,
    nonce,
    rememberUntil: Math.ceil(iat) + maximumAge + 1,
  })
}

function refused(problem: DpopProofProblem): Result<never, DpopFailure> {
  return fail({ reason: 'dpop_proof_refused', problem })
}

/** The public key of the proof itself (RFC 9449 §4.2): it is believed only because the token names its thumbprint. */
function headerKey(proof: string, algorithm: JwsAlgorithm): ClientKey | DpopProofProblem {
  const jwk = headerMember(proof, 'jwk')
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return 'key_missing'
  const { x5c: _unused, ...members } = jwk as Readonly<Record<string, unknown>>
  if (['d', 'k', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'priv'].some((member) => Object.hasOwn(members, member))) {
    return 'private_key_in_header'
  }
  const [key] = parseJsonWebKeySet({ keys: [members] }, noCertificates).keys.keys
  return key?.algorithms.includes(algorithm) === true ? key : 'key_refused'
}

/** The header was parsed once already, so it is an object. */
function headerMember(jws: string, member: string): unknown {
  const bytes = decodeBase64url(jws.slice(0, jws.indexOf('.')))
  if (bytes === undefined) return undefined
  const header = JSON.parse(new TextDecoder('utf-8').decode(bytes)) as Readonly<Record<string, unknown>>
  return Object.hasOwn(header, member) ? header[member] : undefined
}

const noCertificates: ThumbprintOf = () => {
  throw new TypeError('a DPoP key has no certificate')
}

/** RFC 9449 §4.3: after syntax- and scheme-based normalization, without query and fragment. */
function comparable(url: string): string | undefined {
  if (url.length > maximumUrl || !URL.canParse(url)) return undefined
  const { origin, pathname, username } = new URL(url)
  return username === '' ? `${origin}${pathname}` : undefined
}

/** Seconds. A proof is made for one request; each must be remembered as long. */
const maximumAge = 60
/** Seconds. FAPI 2.0 §5.3.2.1: 10 s ahead must be accepted, more than 60 s must not. */
const futureTolerance = 60
/** A `jti` is kept in the store. */
const maximumIdentifier = 256
/** A proof with an RSA key of 8192 bits and its signature has some 3 KB. */
const maximumLength = 8_192
const maximumUrl = 2_048
