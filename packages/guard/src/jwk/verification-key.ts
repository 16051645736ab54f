import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

import { fail, ok } from '@holdfast/core'
import type { Result, SigningAlgorithm } from '@holdfast/core'

import { hasRocaFingerprint } from './roca-fingerprint.ts'

/** A public key with the one algorithm that it may be used with. */
export interface VerificationKey {
  readonly algorithm: SigningAlgorithm
  readonly keyId: string | undefined
  readonly keyObject: KeyObject
  /** Equal for equal key material, whatever the surrounding members say. */
  readonly identity: string
}

export type JwkFailure =
  | { readonly reason: 'jwk_not_an_object' }
  | { readonly reason: 'jwk_not_for_signatures'; readonly keyId: string | undefined }
  | { readonly reason: 'jwk_kind_unknown'; readonly keyId: string | undefined }
  | { readonly reason: 'jwk_private'; readonly keyId: string | undefined }
  | { readonly reason: 'jwk_malformed'; readonly keyId: string | undefined; readonly member: string }
  | {
      readonly reason: 'jwk_weak'
      readonly keyId: string | undefined
      readonly detail: 'modulus' | 'exponent' | 'roca'
    }

/**
 * Imports one JWK for each algorithm of the allow-list that fits it: one for EC P-256 and Ed25519, up to two for RSA.
 *
 * The key's kind, its `alg`, `use` and `key_ops` decide; the token's header only chooses among them. A key that carries
 * private members is refused, for it is no secret any more. RFC 7517 §4, RFC 7518 §6, RFC 8037 §2.
 */
export function verificationKeys(
  jwk: unknown,
  allowed: readonly SigningAlgorithm[],
): Result<readonly VerificationKey[], JwkFailure> {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return fail({ reason: 'jwk_not_an_object' })
  const members = jwk as Readonly<Record<string, unknown>>
  const keyId = typeof members['kid'] === 'string' ? members['kid'] : undefined
  if (members['kid'] !== undefined && keyId === undefined)
    return fail({ reason: 'jwk_malformed', keyId, member: 'kid' })
  if (!isForSignatures(members)) return fail({ reason: 'jwk_not_for_signatures', keyId })

  const material = publicMaterial(members, keyId)
  if (!material.ok) return material
  const algorithms = material.value.algorithms.filter(
    (algorithm) =>
      allowed.includes(algorithm) && (members['alg'] === undefined || namesAlgorithm(members['alg'], algorithm)),
  )
  if (algorithms.length === 0) return fail({ reason: 'jwk_kind_unknown', keyId })

  const keyObject = importedKey(material.value.jwk)
  if (keyObject === undefined)
    return fail({ reason: 'jwk_malformed', keyId, member: material.value.algorithms[0] === 'ES256' ? 'y' : 'n' })
  const identity = JSON.stringify(material.value.jwk)
  return ok(algorithms.map((algorithm) => ({ algorithm, keyId, keyObject, identity })))
}

interface PublicMaterial {
  readonly jwk: Readonly<Record<string, string>>
  readonly algorithms: readonly SigningAlgorithm[]
}

function publicMaterial(
  members: Readonly<Record<string, unknown>>,
  keyId: string | undefined,
): Result<PublicMaterial, JwkFailure> {
  if (members['d'] !== undefined) return fail({ reason: 'jwk_private', keyId })
  const kty = members['kty']
  if (kty === 'EC' && members['crv'] === 'P-256') {
    const x = coordinate(members['x'])
    const y = coordinate(members['y'])
    if (x === undefined) return fail({ reason: 'jwk_malformed', keyId, member: 'x' })
    if (y === undefined) return fail({ reason: 'jwk_malformed', keyId, member: 'y' })
    return ok({ jwk: { kty, crv: 'P-256', x, y }, algorithms: ['ES256'] })
  }
  if (kty === 'OKP' && members['crv'] === 'Ed25519') {
    const x = coordinate(members['x'])
    if (x === undefined) return fail({ reason: 'jwk_malformed', keyId, member: 'x' })
    return ok({ jwk: { kty, crv: 'Ed25519', x }, algorithms: ['EdDSA'] })
  }
  if (kty === 'RSA') return rsaMaterial(members, keyId)
  return fail({ reason: 'jwk_kind_unknown', keyId })
}

function rsaMaterial(
  members: Readonly<Record<string, unknown>>,
  keyId: string | undefined,
): Result<PublicMaterial, JwkFailure> {
  const n = unsignedInteger(members['n'])
  const e = unsignedInteger(members['e'])
  if (n === undefined) return fail({ reason: 'jwk_malformed', keyId, member: 'n' })
  if (e === undefined) return fail({ reason: 'jwk_malformed', keyId, member: 'e' })
  const modulus = BigInt(`0x${n.toString('hex')}`)
  if (modulus < SMALLEST_MODULUS || modulus > LARGEST_MODULUS)
    return fail({ reason: 'jwk_weak', keyId, detail: 'modulus' })
  const exponent = e.length > 4 ? 0 : e.readUIntBE(0, e.length)
  if (exponent < 3 || exponent % 2 === 0) return fail({ reason: 'jwk_weak', keyId, detail: 'exponent' })
  if (hasRocaFingerprint(modulus)) return fail({ reason: 'jwk_weak', keyId, detail: 'roca' })
  return ok({
    jwk: { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') },
    algorithms: ['PS256', 'RS256'],
  })
}

function isForSignatures(members: Readonly<Record<string, unknown>>): boolean {
  const { use, key_ops: operations } = members
  if (use !== undefined && use !== 'sig') return false
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
}

// RFC 9864 §2.2 gave EdDSA over Ed25519 a name of its own.
function namesAlgorithm(alg: unknown, algorithm: SigningAlgorithm): boolean {
  return alg === algorithm || (alg === 'Ed25519' && algorithm === 'EdDSA')
}

function coordinate(value: unknown): string | undefined {
  const bytes = base64url(value)
  return bytes?.length === 32 ? bytes.toString('base64url') : undefined
}

function unsignedInteger(value: unknown): Buffer | undefined {
  const bytes = base64url(value)
  return bytes === undefined || bytes.length === 0 || bytes[0] === 0 ? undefined : bytes
}

function base64url(value: unknown): Buffer | undefined {
  if (typeof value !== 'string' || value.length > LONGEST_MEMBER) return undefined
  const bytes = Buffer.from(value, 'base64url')
  return bytes.toString('base64url') === value ? bytes : undefined
}

// OpenSSL refuses a point that is not on the curve here.
function importedKey(jwk: Readonly<Record<string, string>>): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch {
    return undefined
  }
}

// RFC 7518 §3.3: 2048 bits or more. Above 8192 a single verification takes milliseconds.
const SMALLEST_MODULUS = 1n << 2047n
const LARGEST_MODULUS = 1n << 8192n
const LONGEST_MEMBER = 2048
