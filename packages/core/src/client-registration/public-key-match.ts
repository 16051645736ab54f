import { encodeElement, type SubjectPublicKey } from '@holdfast/x509'
import { decodeBase64url } from '../jose/base64url.ts'

/**
 * Whether a certificate's key is the one that the JWK members describe (RFC 7517 §4.7).
 *
 * An elliptic curve point may be compressed in the certificate. RSA keys are compared without regard to the algorithm that
 * the certificate allows them for.
 */
export function publicKeyMatch(publicJwk: Readonly<Record<string, string>>, key: SubjectPublicKey): boolean {
  const { kty, crv, x, y, n, e } = publicJwk as Readonly<Partial<Record<'kty' | 'crv' | 'x' | 'y' | 'n' | 'e', string>>>
  if (kty === 'RSA') {
    return key.algorithm.startsWith('rsa') && equal(key.keyOctets, encodeElement(SEQUENCE, integer(n), integer(e)))
  }
  if (kty === 'EC') return key.algorithm === 'ec' && key.curve === crv && samePoint(key.keyOctets, octets(x), octets(y))
  return crv === 'Ed25519' && key.algorithm === 'ed25519' && equal(key.keyOctets, octets(x))
}

/** SEC 1 §2.3.3. */
function samePoint(point: Uint8Array, x: Uint8Array, y: Uint8Array): boolean {
  if (point[0] === 4) return equal(point.subarray(1), Uint8Array.of(...x, ...y))
  return point[0] === 2 + (y.at(-1)! & 1) && equal(point.subarray(1), x)
}

function integer(base64url: string | undefined): Uint8Array {
  const magnitude = octets(base64url)
  let start = 0
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++
  const digits = magnitude.subarray(start)
  return digits[0]! >= 0x80 ? encodeElement(INTEGER, Uint8Array.of(0), digits) : encodeElement(INTEGER, digits)
}

function octets(base64url: string | undefined): Uint8Array {
  return decodeBase64url(base64url ?? '') ?? new Uint8Array(0)
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, index) => octet === other[index])
}

const INTEGER = 0x02
const SEQUENCE = 0x30
