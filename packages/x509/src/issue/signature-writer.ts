import { constants, sign } from 'node:crypto'
import {
  type Der,
  derBitString,
  derContextConstructed,
  derInteger,
  derNull,
  derObjectIdentifier,
  derSequence,
} from './der.ts'

/** A private key of `node:crypto`: what a `KeyObject` is, as far as signing needs it. */
export interface SigningKey {
  readonly type: 'secret' | 'public' | 'private'
  readonly asymmetricKeyType?: string
  readonly asymmetricKeyDetails?: { readonly namedCurve?: string; readonly modulusLength?: number }
  export(options: { format: 'der'; type: 'spki' | 'pkcs8' }): Uint8Array<ArrayBuffer>
}

/** How to sign, where the key leaves a choice. `rsa-sha1` and `ecdsa-sha1` are for certificates that must be refused. */
export type SignatureScheme =
  | 'rsa-sha1'
  | 'rsa-sha256'
  | 'rsa-sha384'
  | 'rsa-sha512'
  | 'rsa-pss-sha256'
  | 'rsa-pss-sha384'
  | 'rsa-pss-sha512'
  | 'ecdsa-sha1'
  | 'ecdsa-sha256'
  | 'ecdsa-sha384'
  | 'ecdsa-sha512'
  | 'ed25519'
  | 'ed448'
  | 'ml-dsa-44'
  | 'ml-dsa-65'
  | 'ml-dsa-87'

/** Signs a to-be-signed structure: the AlgorithmIdentifier that belongs into it, and the function that completes it. */
export interface SignatureWriter {
  readonly algorithm: Der
  /** SEQUENCE { tbs, algorithm, signature }, as in Certificate, CertificateList and BasicOCSPResponse. */
  sign(tbs: Der, ...further: readonly Der[]): Der
}

/** The scheme that suits the key: the hash of the curve's size, SHA-256 for RSA. Throws `RangeError` for other kinds of key. */
export function signatureWriter(key: SigningKey, scheme: SignatureScheme = schemeFor(key)): SignatureWriter {
  const { algorithm, hash, pss } = signatureSchemes[scheme]()
  return {
    algorithm,
    sign(tbs, ...further) {
      const signature = sign(
        hash,
        tbs,
        pss === undefined ? key : { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: pss },
      )
      return derSequence(tbs, algorithm, derBitString(signature), ...further)
    },
  }
}

function schemeFor(key: SigningKey): SignatureScheme {
  switch (key.asymmetricKeyType) {
    case 'ec':
      return ecdsaSchemes.get(key.asymmetricKeyDetails?.namedCurve ?? '') ?? 'ecdsa-sha256'
    case 'rsa':
      return 'rsa-sha256'
    case 'rsa-pss':
      return 'rsa-pss-sha256'
    case 'ed25519':
    case 'ed448':
    case 'ml-dsa-44':
    case 'ml-dsa-65':
    case 'ml-dsa-87':
      return key.asymmetricKeyType
    default:
      throw new RangeError(`no certificate can be signed by a key of type ${String(key.asymmetricKeyType)}`)
  }
}

interface SchemeFacts {
  readonly algorithm: Der
  readonly hash: string | null
  /** Length of the salt in octets. */
  readonly pss?: number
}

function plain(oid: string, hash: string | null): SchemeFacts {
  return { algorithm: derSequence(derObjectIdentifier(oid)), hash }
}

function rsa(oid: string, hash: string): SchemeFacts {
  return { algorithm: derSequence(derObjectIdentifier(oid), derNull()), hash }
}

function rsaPss(hashOid: string, hash: string, saltLength: number): SchemeFacts {
  const hashAlgorithm = derSequence(derObjectIdentifier(hashOid), derNull())
  const parameters = derSequence(
    derContextConstructed(0, hashAlgorithm),
    derContextConstructed(1, derSequence(derObjectIdentifier('1.2.840.113549.1.1.8'), hashAlgorithm)),
    derContextConstructed(2, derInteger(saltLength)),
  )
  return { algorithm: derSequence(derObjectIdentifier('1.2.840.113549.1.1.10'), parameters), hash, pss: saltLength }
}

const signatureSchemes: { readonly [Scheme in SignatureScheme]: () => SchemeFacts } = {
  'rsa-sha1': () => rsa('1.2.840.113549.1.1.5', 'sha1'),
  'rsa-sha256': () => rsa('1.2.840.113549.1.1.11', 'sha256'),
  'rsa-sha384': () => rsa('1.2.840.113549.1.1.12', 'sha384'),
  'rsa-sha512': () => rsa('1.2.840.113549.1.1.13', 'sha512'),
  'rsa-pss-sha256': () => rsaPss('2.16.840.1.101.3.4.2.1', 'sha256', 32),
  'rsa-pss-sha384': () => rsaPss('2.16.840.1.101.3.4.2.2', 'sha384', 48),
  'rsa-pss-sha512': () => rsaPss('2.16.840.1.101.3.4.2.3', 'sha512', 64),
  'ecdsa-sha1': () => plain('1.2.840.10045.4.1', 'sha1'),
  'ecdsa-sha256': () => plain('1.2.840.10045.4.3.2', 'sha256'),
  'ecdsa-sha384': () => plain('1.2.840.10045.4.3.3', 'sha384'),
  'ecdsa-sha512': () => plain('1.2.840.10045.4.3.4', 'sha512'),
  ed25519: () => plain('1.3.101.112', null),
  ed448: () => plain('1.3.101.113', null),
  'ml-dsa-44': () => plain('2.16.840.1.101.3.4.3.17', null),
  'ml-dsa-65': () => plain('2.16.840.1.101.3.4.3.18', null),
  'ml-dsa-87': () => plain('2.16.840.1.101.3.4.3.19', null),
}

const ecdsaSchemes: ReadonlyMap<string, SignatureScheme> = new Map([
  ['prime256v1', 'ecdsa-sha256'],
  ['secp384r1', 'ecdsa-sha384'],
  ['secp521r1', 'ecdsa-sha512'],
])
