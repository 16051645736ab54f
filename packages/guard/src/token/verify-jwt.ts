import { fail, ok, verifiedJwt } from '@holdfast/core'
import type { Awaitable, Failure, Result, SigningAlgorithm, VerifiedToken } from '@holdfast/core'

import { chooseKey } from '../jwk/key-set.ts'
import type { KeySet } from '../jwk/key-set.ts'
import type { KeySource } from '../jwk/key-source.ts'
import type { VerificationKey } from '../jwk/verification-key.ts'
import { compactJws, jsonObject } from '../jws/compact-jws.ts'
import type { CompactJws, JwsHeaderReader } from '../jws/compact-jws.ts'
import { verifyJwsSignature } from '../jws/verify-jws-signature.ts'

/** A JWT whose signature was made by a published key, with that key. */
export interface VerifiedJwt {
  readonly token: VerifiedToken
  readonly key: VerificationKey
  readonly keys: KeySet
}

/**
 * Verifies a JWT with the issuer's keys; at once when they are at hand.
 *
 * A key that is not known may be new: the set is fetched again before the token is refused, within the source's limits.
 * RFC 9068 §4.
 */
export function verifyJwt(
  text: string,
  readHeader: JwsHeaderReader,
  source: KeySource,
  allowed: readonly SigningAlgorithm[],
  now: number,
): Awaitable<Result<VerifiedJwt, Failure>> {
  const jws = compactJws(text, readHeader)
  if (!jws.ok) return jws
  const keys = source.current(now)
  if (keys !== undefined) {
    const verified = verifiedWith(jws.value, keys, allowed)
    if (verified.ok || verified.failure.reason !== 'token_key_unknown') return verified
    return withKeys(source.renew(keys, now), jws.value, allowed)
  }
  return withKeys(source.load(now), jws.value, allowed)
}

async function withKeys(
  pending: ReturnType<KeySource['load']>,
  jws: CompactJws,
  allowed: readonly SigningAlgorithm[],
): Promise<Result<VerifiedJwt, Failure>> {
  const keys = await pending
  return keys.ok ? verifiedWith(jws, keys.value, allowed) : keys
}

function verifiedWith(
  jws: CompactJws,
  keys: KeySet,
  allowed: readonly SigningAlgorithm[],
): Result<VerifiedJwt, Failure> {
  const { algorithm, keyId, type } = jws.header
  const key = chooseKey(keys, allowed, algorithm, keyId)
  if (!key.ok) return key
  if (!verifyJwsSignature(key.value, jws.signingInput, jws.signature)) {
    return fail({ reason: 'token_signature_invalid', kid: keyId })
  }
  const claims = jsonObject(jws.payload)
  if (claims === undefined) return fail({ reason: 'token_malformed', problem: 'payload_not_an_object' })
  const header = { alg: algorithm, kid: keyId, typ: type }
  const token = verifiedJwt({ header, claims, signingInput: '', signature: jws.signature })
  return ok({ token, key: key.value, keys })
}
