import { parseCertificate } from '@holdfast/x509'
import type { CertificateThumbprint } from '../client-certificate/presented-certificate.ts'
import { decodeBase64url } from '../jose/base64url.ts'
import { type JweAlgorithm, jweAlgorithmsOf } from '../jose/jwe-algorithm.ts'
import type { JwsAlgorithm } from '../jose/jws-algorithm.ts'
import type { ClientEncryptionKey, ClientKey, ClientKeys } from './client-keys.ts'
import { type MetadataProblem, MetadataProblems } from './metadata-problem.ts'
import { publicKeyMatch } from './public-key-match.ts'

/** SHA-256 over a certificate's DER, base64url without padding. */
export type ThumbprintOf = (der: Uint8Array) => CertificateThumbprint

/**
 * Parses a client's JWK Set (RFC 7517 §5, RFC 8705 §2.2.2).
 *
 * A key of a kind that is not used here is passed over, as RFC 7517 §5 asks. A key that is wrong is a problem and is left
 * out: a registration with problems is refused, a fetched set keeps its other keys. A certificate counts only by its
 * computed thumbprint, and only when the JWK's own members hold the same key.
 */
export function parseJsonWebKeySet(
  value: unknown,
  thumbprint: ThumbprintOf,
): { readonly keys: ClientKeys; readonly problems: readonly MetadataProblem[] } {
  const problems = new MetadataProblems()
  const keys: ClientKey[] = []
  const encryptionKeys: ClientEncryptionKey[] = []
  const thumbprints = new Set<CertificateThumbprint>()
  const kids = new Set<string>()
  for (const [index, jwk] of jsonWebKeys(value, problems).entries()) {
    const encryption = encryptionKey(jwk)
    if (encryption !== undefined) encryptionKeys.push(encryption)
    const key = jsonWebKey(jwk, `keys[${index}]`, thumbprint, problems)
    if (key === undefined) continue
    if (key.kid !== undefined && kids.has(key.kid)) {
      problems.add(`keys[${index}].kid`, `${JSON.stringify(key.kid)} is used twice`, 'give each key a kid of its own')
      continue
    }
    if (key.kid !== undefined) kids.add(key.kid)
    if (key.certificateThumbprint !== undefined) thumbprints.add(key.certificateThumbprint)
    keys.push(key)
  }
  const known = encryptionKeys.length === 0 ? { keys, thumbprints } : { keys, thumbprints, encryptionKeys }
  return { keys: known, problems: problems.found }
}

function jsonWebKeys(value: unknown, problems: MetadataProblems): readonly unknown[] {
  const keys = isObject(value) && Object.hasOwn(value, 'keys') ? value['keys'] : undefined
  if (!Array.isArray(keys)) {
    problems.add('', 'not a JWK Set', 'a JWK Set is an object with a "keys" array')
    return []
  }
  if (keys.length > maximumKeys) {
    problems.add('keys', `${keys.length} keys are more than the ${maximumKeys} that are read`)
    return []
  }
  return keys
}

function jsonWebKey(
  value: unknown,
  path: string,
  thumbprint: ThumbprintOf,
  problems: MetadataProblems,
): ClientKey | undefined {
  if (!isObject(value)) return problems.add(path, 'not a JWK', 'a JWK is an object with "kty"')
  const jwk = new Map(Object.entries(value))
  const kty = jwk.get('kty')
  if (kty === undefined && jwk.has('x5c')) {
    return problems.add(
      path,
      'a certificate without the key it holds',
      'beside "x5c" the JWK needs its own members, such as "kty", "crv", "x", "y" (RFC 7517 §4.7)',
    )
  }
  const secret = secretMembers.find((member) => jwk.has(member))
  if (secret !== undefined) {
    return problems.add(
      `${path}.${secret}`,
      'a private or symmetric key',
      'register the public key only, and replace this key',
    )
  }
  const publicKey =
    kty === 'RSA' ? rsa(jwk) : kty === 'EC' ? ellipticCurve(jwk) : kty === 'OKP' ? edwards(jwk) : 'not_used'
  if (publicKey === 'not_used' || jwk.get('use') === 'enc') return undefined
  if ('problem' in publicKey) return problems.add(`${path}.${publicKey.member}`, publicKey.problem)
  const kid = jwk.get('kid')
  if (kid !== undefined && typeof kid !== 'string') return problems.add(`${path}.kid`, 'not a string')
  const certificate = certificateOf(jwk, publicKey.publicJwk, path, thumbprint, problems)
  if (certificate === 'refused') return undefined
  return {
    kid,
    algorithms: usable(jwk) ? publicKey.algorithms.filter((algorithm) => narrowed(jwk.get('alg'), algorithm)) : [],
    publicJwk: publicKey.publicJwk,
    certificateThumbprint: certificate,
  }
}

/**
 * A key that says by `use` or `alg` that it is for encryption. One that says nothing is for signatures: what proves a client is
 * not also what opens its mail (OpenID Connect Registration §2 asks for `use` where a set has both).
 */
function encryptionKey(value: unknown): ClientEncryptionKey | undefined {
  if (!isObject(value) || secretMembers.some((member) => Object.hasOwn(value, member))) return undefined
  const jwk = new Map(Object.entries(value))
  const kty = jwk.get('kty')
  const kind = kty === 'EC' || kty === 'RSA' ? kty : undefined
  if (kind === undefined) return undefined
  const alg = jwk.get('alg')
  const use = jwk.get('use')
  const algorithms = jweAlgorithmsOf[kind].filter((algorithm: JweAlgorithm) => alg === undefined || alg === algorithm)
  if ((use !== 'enc' && (use !== undefined || alg === undefined)) || algorithms.length === 0) return undefined
  const publicKey = kind === 'RSA' ? rsa(jwk) : ellipticCurve(jwk)
  const kid = jwk.get('kid')
  if (publicKey === 'not_used' || 'problem' in publicKey || (kid !== undefined && typeof kid !== 'string'))
    return undefined
  return { kid, algorithms, publicJwk: publicKey.publicJwk }
}

type PublicKey =
  | { readonly publicJwk: Readonly<Record<string, string>>; readonly algorithms: readonly JwsAlgorithm[] }
  | { readonly member: string; readonly problem: string }
  | 'not_used'

function ellipticCurve(jwk: ReadonlyMap<string, unknown>): PublicKey {
  const crv = jwk.get('crv')
  const length = typeof crv === 'string' ? coordinateLengths.get(crv) : undefined
  if (length === undefined) return 'not_used'
  const x = jwk.get('x')
  const y = jwk.get('y')
  if (octets(x)?.length !== length) return { member: 'x', problem: `not ${length} octets in base64url` }
  if (octets(y)?.length !== length) return { member: 'y', problem: `not ${length} octets in base64url` }
  return {
    publicJwk: { kty: 'EC', crv: crv as string, x: x as string, y: y as string },
    algorithms: crv === 'P-256' ? ['ES256'] : [],
  }
}

function edwards(jwk: ReadonlyMap<string, unknown>): PublicKey {
  const x = jwk.get('x')
  if (jwk.get('crv') !== 'Ed25519') return 'not_used'
  if (octets(x)?.length !== 32) return { member: 'x', problem: 'not 32 octets in base64url' }
  return { publicJwk: { kty: 'OKP', crv: 'Ed25519', x: x as string }, algorithms: ['EdDSA'] }
}

function rsa(jwk: ReadonlyMap<string, unknown>): PublicKey {
  const modulus = octets(jwk.get('n'))
  const exponent = octets(jwk.get('e'))
  if (modulus === undefined) return { member: 'n', problem: 'not a number in base64url' }
  const bits = bitLength(modulus)
  if (bits < 2048 || bits > 8192)
    return { member: 'n', problem: `an RSA key of ${bits} bits; 2048 to 8192 are accepted` }
  if (exponent === undefined || exponent.length > 8 || bitLength(exponent) < 2 || exponent.at(-1)! % 2 === 0) {
    return { member: 'e', problem: 'not an odd number above 1 in base64url' }
  }
  return {
    publicJwk: { kty: 'RSA', n: jwk.get('n') as string, e: jwk.get('e') as string },
    algorithms: ['PS256', 'RS256'],
  }
}

function certificateOf(
  jwk: ReadonlyMap<string, unknown>,
  publicJwk: Readonly<Record<string, string>>,
  path: string,
  thumbprint: ThumbprintOf,
  problems: MetadataProblems,
): CertificateThumbprint | undefined | 'refused' {
  const refuse = (member: string, problem: string, hint?: string): 'refused' => {
    problems.add(`${path}.${member}`, problem, hint)
    return 'refused'
  }
  const chain = jwk.get('x5c')
  if (chain === undefined) return undefined
  if (!Array.isArray(chain) || chain.length === 0) return refuse('x5c', 'not a list with at least one certificate')
  const der = base64(chain[0])
  if (der === undefined) {
    return refuse(
      'x5c[0]',
      'not a certificate in base64',
      'the DER in plain base64, not base64url, without PEM lines (RFC 7517 §4.7)',
    )
  }
  const certificate = parseCertificate(der)
  if (!certificate.ok)
    return refuse(
      'x5c[0]',
      `not a certificate: ${certificate.failure.detail.replaceAll('_', ' ')} in ${certificate.failure.field}`,
    )
  if (!publicKeyMatch(publicJwk, certificate.value.publicKey)) {
    return refuse(
      'x5c[0]',
      'the certificate holds another key than the JWK',
      'both must describe the same public key (RFC 7517 §4.7)',
    )
  }
  const computed = thumbprint(der)
  const stated = jwk.get('x5t#S256')
  if (stated !== undefined && stated !== computed) {
    return refuse('x5t#S256', 'not the thumbprint of x5c[0]', `it is ${computed}; the member may be left out`)
  }
  return computed
}

function usable(jwk: ReadonlyMap<string, unknown>): boolean {
  const operations = jwk.get('key_ops')
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
}

function narrowed(alg: unknown, algorithm: JwsAlgorithm): boolean {
  return alg === undefined || alg === algorithm || (alg === 'Ed25519' && algorithm === 'EdDSA')
}

function octets(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' ? decodeBase64url(value) : undefined
}

function base64(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'string' || value.length > maximumCertificate || !plainBase64.test(value)) return undefined
  return decodeBase64url(
    value
      .replace(/={1,2}$/, '')
      .replaceAll('+', '-')
      .replaceAll('/', '_'),
  )
}

const plainBase64 = /^[A-Za-z0-9+/]+={0,2}$/

function bitLength(octets: Uint8Array): number {
  const first = octets.findIndex((octet) => octet !== 0)
  return first === -1 ? 0 : (octets.length - first) * 8 - Math.clz32(octets[first]!) + 24
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

const coordinateLengths: ReadonlyMap<string, number> = new Map([
  ['P-256', 32],
  ['P-384', 48],
  ['P-521', 66],
])

/** A client with several certificates and signing keys in rotation has a handful. */
const maximumKeys = 100

/** Base64 of the 16 KB that a leaf may have. */
const maximumCertificate = 21_848
