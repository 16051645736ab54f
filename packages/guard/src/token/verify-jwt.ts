import { fail, ok, verifiedJwt } from '@holdfast/core'
import type { Failure, Result, SigningAlgorithm, VerifiedToken } from '@holdfast/core'

import { chooseKey } from '../jwk/key-set.ts'
import type { KeySet } from '../jwk/key-set.ts'
import type { KeySource } from '../jwk/key-source.ts'
import type { VerificationKey } from '../jwk/verification-key.ts'
import { compactJws, jsonObject } from '../jws/compact-jws.ts'
import type { CompactJws, JwsHeaderReader } from '../jws/compact-jws.ts'
import type { SignatureVerification } from '../jws/verification-burst.ts'

/** A JWT whose signature was made by a published key, with that key. */
export interface VerifiedJwt {
  readonly token: VerifiedToken
  readonly key: VerificationKey
  readonly keys: KeySet
}

/**
 * Verifies a JWT with the issuer's keys.
 *
 * A key that is not known may be new: the set is fetched again before the token is refused, within the source's limits.
 * RFC 9068 §4.
 */
export async function verifyJwt(
  text: string,
  readHeader: JwsHeaderReader,
  source: KeySource,
  allowed: readonly SigningAlgorithm[],
  verify: SignatureVerification,
  now: number,
): Promise<Result<VerifiedJwt, Failure>> {
  const parsed = compactJws(text, readHeader)
  if (!parsed.ok) return parsed
  const jws = parsed.value
  const found = chosen(jws, source.current(now), allowed) ?? (await waitedFor(jws, source, allowed, now))
  if (!found.ok) return found
  const { key, keys } = found.value
  if (!(await verify(key, jws.signingInput, jws.signature))) {
    return fail({ reason: 'token_signature_invalid', kid: jws.header.keyId })
  }
  const claims = jsonObject(jws.payload)
  if (claims === undefined) return fail({ reason: 'token_malformed', problem: 'payload_not_an_object' })
  const { algorithm: alg, keyId: kid, type: typ } = jws.header
  const token = verifiedJwt({ header: { alg, kid, typ }, claims, signingInput: '', signature: jws.signature })
  return ok({ token, key, keys })
}

interface ChosenKey {
  readonly key: VerificationKey
  readonly keys: KeySet
}

/** The key among those at hand; nothing when a newer set may have it. */
function chosen(
  { header }: CompactJws,
  keys: KeySet | undefined,
  allowed: readonly SigningAlgorithm[],
): Result<ChosenKey, Failure> | undefined {
  if (keys === undefined) return undefined
  const key = chooseKey(keys, allowed, header.algorithm, header.keyId)
  if (key.ok) return ok({ key: key.value, keys })
  return key.failure.reason === 'token_key_unknown' ? undefined : key
}

async function waitedFor(
  { header }: CompactJws,
  source: KeySource,
  allowed: readonly SigningAlgorithm[],
  now: number,
): Promise<Result<ChosenKey, Failure>> {
  const atHand = source.current(now)
  const keys = await (atHand === undefined ? source.load(now) : source.renew(atHand, now))
  if (!keys.ok) return keys
  const key = chooseKey(keys.value, allowed, header.algorithm, header.keyId)
  return key.ok ? ok({ key: key.value, keys: keys.value }) : key
}
