import { fail, ok } from '@holdfast/core'
import type { ResourceRequestFailure, Result, SigningAlgorithm } from '@holdfast/core'

import { verificationKeys } from './verification-key.ts'
import type { JwkFailure, VerificationKey } from './verification-key.ts'

/** The keys of one JWK Set that may verify a token, imported. */
export interface KeySet {
  readonly keys: readonly VerificationKey[]
  /** Members of the set that were left out, and why. */
  readonly refused: readonly JwkFailure[]
}

export type KeyChoiceFailure =
  | Extract<ResourceRequestFailure, { readonly reason: 'token_algorithm_not_allowed' | 'token_key_unknown' }>
  | { readonly reason: 'token_key_ambiguous'; readonly kid: string | undefined }

export interface KeySetFailure {
  readonly reason: 'jwks_malformed'
}

/**
 * Imports a JWK Set once; a key that cannot be used is left out, the others stay. RFC 7517 §5.
 */
export function keySet(jwks: unknown, allowed: readonly SigningAlgorithm[]): Result<KeySet, KeySetFailure> {
  const members = typeof jwks === 'object' && jwks !== null ? (jwks as { keys?: unknown }).keys : undefined
  if (!Array.isArray(members) || members.length > MOST_KEYS) return fail({ reason: 'jwks_malformed' })
  const keys: VerificationKey[] = []
  const refused: JwkFailure[] = []
  for (const member of members) {
    const imported = verificationKeys(member, allowed)
    if (imported.ok) keys.push(...imported.value.filter((key) => !keys.some((other) => isSameKey(key, other))))
    else refused.push(imported.failure)
  }
  return ok({ keys, refused })
}

/**
 * Chooses the one key that the token's header names.
 *
 * A token without `kid` is accepted only while a single key fits; two keys under one `kid` are a mistake that is never
 * guessed away. RFC 7515 §4.1.4, RFC 7517 §4.5.
 */
export function chooseKey(
  set: KeySet,
  allowed: readonly SigningAlgorithm[],
  algorithm: string,
  keyId: string | undefined,
): Result<VerificationKey, KeyChoiceFailure> {
  const wanted = allowed.find((name) => name === algorithm || (algorithm === 'Ed25519' && name === 'EdDSA'))
  if (wanted === undefined) return fail({ reason: 'token_algorithm_not_allowed', presented: algorithm, allowed })
  const fitting = set.keys.filter((key) => key.algorithm === wanted && (keyId === undefined || key.keyId === keyId))
  const [key] = fitting
  if (key === undefined) return fail({ reason: 'token_key_unknown', kid: keyId })
  if (fitting.length > 1) return fail({ reason: 'token_key_ambiguous', kid: keyId })
  return ok(key)
}

/** Says whether a key of an earlier set is still published unchanged. */
export function holdsKey(set: KeySet, key: VerificationKey): boolean {
  return set.keys.some((other) => isSameKey(key, other))
}

function isSameKey(one: VerificationKey, other: VerificationKey): boolean {
  return one.identity === other.identity && one.keyId === other.keyId && one.algorithm === other.algorithm
}

// An issuer publishes a handful; each costs an import and a place in every search.
const MOST_KEYS = 100
