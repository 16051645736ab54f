import { fail, ok } from '@holdfast/core'
import type { ResourceRequestFailure, Result, SigningAlgorithm } from '@holdfast/core'

import { verificationKeys } from './verification-key.ts'
import type { JwkFailure, VerificationKey } from './verification-key.ts'

/** The keys of one JWK Set that may verify a token, imported. */
export interface KeySet {
  readonly keys: readonly VerificationKey[]
  /** Members of the set that were left out, and why. */
  readonly refused: readonly (JwkFailure | AmbiguousKey)[]
}

/** Different keys under one `kid`: which one is meant is never guessed, so none of them is used. */
export interface AmbiguousKey {
  readonly reason: 'jwk_ambiguous'
  readonly keyId: string
}

export type KeyChoiceFailure = Extract<
  ResourceRequestFailure,
  { readonly reason: 'token_algorithm_not_allowed' | 'token_key_unknown' }
>

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
  const refused: (JwkFailure | AmbiguousKey)[] = []
  for (const member of members) {
    const imported = verificationKeys(member, allowed)
    if (imported.ok) keys.push(...imported.value.filter((key) => !keys.some((other) => isSameKey(key, other))))
    else refused.push(imported.failure)
  }
  const ambiguous = keys.filter((key) => key.keyId !== undefined && keys.some((other) => isRivalKey(key, other)))
  refused.push(...ambiguous.map(({ keyId = '' }) => ({ reason: 'jwk_ambiguous', keyId }) as const))
  return ok({ keys: keys.filter((key) => !ambiguous.includes(key)), refused })
}

/**
 * Chooses the one key that the token's header names.
 *
 * A token without `kid` is accepted only while a single key fits. RFC 7515 §4.1.4, RFC 7517 §4.5.
 */
export function chooseKey(
  set: KeySet,
  allowed: readonly SigningAlgorithm[],
  algorithm: string,
  keyId: string | undefined,
): Result<VerificationKey, KeyChoiceFailure> {
  // RFC 9864 §2.2 gave EdDSA over Ed25519 a name of its own.
  const wanted = (algorithm === 'Ed25519' ? 'EdDSA' : algorithm) as SigningAlgorithm
  if (!allowed.includes(wanted)) return fail({ reason: 'token_algorithm_not_allowed', presented: algorithm, allowed })
  let key: VerificationKey | undefined
  for (const one of set.keys) {
    if (one.algorithm !== wanted || (keyId !== undefined && one.keyId !== keyId)) continue
    if (key !== undefined) return fail({ reason: 'token_key_unknown', kid: keyId })
    key = one
  }
  if (key === undefined) return fail({ reason: 'token_key_unknown', kid: keyId })
  return ok(key)
}

/** Says whether a key of an earlier set is still published unchanged. */
export function holdsKey(set: KeySet, key: VerificationKey): boolean {
  return set.keys.some((other) => isSameKey(key, other))
}

function isRivalKey(one: VerificationKey, other: VerificationKey): boolean {
  return one.keyId === other.keyId && one.algorithm === other.algorithm && one.identity !== other.identity
}

function isSameKey(one: VerificationKey, other: VerificationKey): boolean {
  return one.identity === other.identity && one.keyId === other.keyId && one.algorithm === other.algorithm
}

// An issuer publishes a handful; each costs an import and a place in every search.
const MOST_KEYS = 100
