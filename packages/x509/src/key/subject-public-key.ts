import {
  BIT_STRING,
  type DerReader,
  DerReader as Reader,
  NULL,
  OBJECT_IDENTIFIER,
  SEQUENCE,
} from '../der/der-reader.ts'

/** A public key as its certificate states it; nothing of it is imported. RFC 5280 §4.1.2.7. */
export interface SubjectPublicKey {
  /** `rsa`, `rsa-pss`, `ec`, `ed25519`, `ed448`, `ml-dsa-44`, `ml-dsa-65`, `ml-dsa-87`, `dsa`, or the dotted identifier. */
  readonly algorithm: string
  /** For `ec`: `P-256`, `P-384`, …, the dotted identifier of another named curve, or `explicit`. */
  readonly curve?: string
  /** Size of the modulus, of the curve's field, or of the key itself. */
  readonly bits: number
  /** For RSA: size of the public exponent. */
  readonly exponentBits?: number
  /** SubjectPublicKeyInfo in DER. */
  readonly spki: Uint8Array
  /** Content of the BIT STRING without its count of unused bits: what key identifiers are computed over. */
  readonly keyOctets: Uint8Array
}

/** Reads a SubjectPublicKeyInfo. RFC 3279 §2.3, RFC 5480, RFC 8410, RFC 9881. */
export function subjectPublicKey(reader: DerReader, limit: number): SubjectPublicKey {
  const end = reader.enter(SEQUENCE, limit)
  const spki = reader.element()
  const endOfAlgorithm = reader.enter(SEQUENCE, end)
  const oid = reader.objectIdentifier(endOfAlgorithm)
  const parameters = reader.peek(endOfAlgorithm)
  let curve: string | undefined
  if (oid === EC_PUBLIC_KEY) {
    if (parameters === OBJECT_IDENTIFIER) {
      const named = reader.objectIdentifier(endOfAlgorithm)
      curve = CURVES[named]?.name ?? named
    } else {
      if (parameters !== -1) reader.skip(endOfAlgorithm)
      curve = 'explicit'
    }
  } else if (parameters !== -1) {
    if (oid === RSA_ENCRYPTION && parameters !== NULL) reader.refuse('value_not_allowed', reader.position)
    else if (WITHOUT_PARAMETERS[oid] !== undefined) reader.refuse('value_not_allowed', reader.position)
    else reader.skip(endOfAlgorithm)
  }
  reader.leave(endOfAlgorithm)
  if (reader.peek(end) !== BIT_STRING) reader.refuse('tag_unexpected', reader.position)
  const keyOctets = reader.octetsOfBitString(end)
  const bitStringStart = reader.start
  reader.leave(end)
  if (oid === RSA_ENCRYPTION || oid === RSASSA_PSS) {
    const { bits, exponentBits, malformed } = rsaSizes(keyOctets)
    if (malformed) reader.refuse('value_not_allowed', bitStringStart)
    return { algorithm: oid === RSASSA_PSS ? 'rsa-pss' : 'rsa', bits, exponentBits, spki, keyOctets }
  }
  if (curve !== undefined) {
    const known = Object.values(CURVES).find(({ name }) => name === curve)
    if (known !== undefined && !isPoint(keyOctets, Math.ceil(known.bits / 8))) {
      reader.refuse('value_not_allowed', bitStringStart)
    }
    return {
      algorithm: 'ec',
      curve,
      bits: known?.bits ?? Math.floor(((keyOctets.length - 1) * 8) / 2),
      spki,
      keyOctets,
    }
  }
  const fixed = WITHOUT_PARAMETERS[oid]
  if (fixed !== undefined && keyOctets.length !== fixed.octets) reader.refuse('value_not_allowed', bitStringStart)
  const algorithm = fixed?.name ?? (oid === DSA ? 'dsa' : oid)
  return { algorithm, bits: keyOctets.length * 8, spki, keyOctets }
}

function rsaSizes(keyOctets: Uint8Array): { bits: number; exponentBits: number; malformed: boolean } {
  const reader = new Reader(keyOctets)
  const end = reader.enter(SEQUENCE, keyOctets.length)
  const modulus = reader.integer(end)
  const exponent = reader.integer(end)
  reader.leave(end)
  reader.leave(keyOctets.length)
  const malformed = reader.failure !== undefined || isNotPositive(modulus) || isNotPositive(exponent)
  return { bits: bitLength(modulus), exponentBits: bitLength(exponent), malformed }
}

function isNotPositive(integer: Uint8Array): boolean {
  return (integer[0] ?? 0x80) >= 0x80 || (integer.length === 1 && integer[0] === 0)
}

function bitLength(integer: Uint8Array): number {
  let first = 0
  while (first < integer.length && integer[first] === 0) first++
  return first === integer.length ? 0 : (integer.length - first - 1) * 8 + (32 - Math.clz32(integer[first]!))
}

function isPoint(octets: Uint8Array, size: number): boolean {
  if (octets[0] === 4) return octets.length === 1 + 2 * size
  return (octets[0] === 2 || octets[0] === 3) && octets.length === 1 + size
}

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1'
const RSASSA_PSS = '1.2.840.113549.1.1.10'
const EC_PUBLIC_KEY = '1.2.840.10045.2.1'
const DSA = '1.2.840.10040.4.1'

const CURVES: { readonly [oid: string]: { readonly name: string; readonly bits: number } } = {
  '1.2.840.10045.3.1.1': { name: 'P-192', bits: 192 },
  '1.3.132.0.33': { name: 'P-224', bits: 224 },
  '1.2.840.10045.3.1.7': { name: 'P-256', bits: 256 },
  '1.3.132.0.34': { name: 'P-384', bits: 384 },
  '1.3.132.0.35': { name: 'P-521', bits: 521 },
  '1.3.132.0.10': { name: 'secp256k1', bits: 256 },
  '1.3.36.3.3.2.8.1.1.7': { name: 'brainpoolP256r1', bits: 256 },
  '1.3.36.3.3.2.8.1.1.11': { name: 'brainpoolP384r1', bits: 384 },
  '1.3.36.3.3.2.8.1.1.13': { name: 'brainpoolP512r1', bits: 512 },
}

const WITHOUT_PARAMETERS: { readonly [oid: string]: { readonly name: string; readonly octets: number } } = {
  '1.3.101.112': { name: 'ed25519', octets: 32 },
  '1.3.101.113': { name: 'ed448', octets: 57 },
  '2.16.840.1.101.3.4.3.17': { name: 'ml-dsa-44', octets: 1312 },
  '2.16.840.1.101.3.4.3.18': { name: 'ml-dsa-65', octets: 1952 },
  '2.16.840.1.101.3.4.3.19': { name: 'ml-dsa-87', octets: 2592 },
}
