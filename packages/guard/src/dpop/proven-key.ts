import { hash } from 'node:crypto'

import { dpopProof, fail, ok } from '@holdfast/core'
import type { Failure, Result, SigningAlgorithm } from '@holdfast/core'

import { verificationKeys } from '../jwk/verification-key.ts'
import { verifyJwsSignature } from '../jws/verify-jws-signature.ts'
import type { DpopRequestFacts } from '../request-facts/request-facts.ts'
import type { ProofMemory } from './proof-memory.ts'

/** How proofs are checked. */
export interface DpopSettings {
  /** Where clients reach this API: what the path of a request is appended to. */
  readonly origin: string
  readonly algorithms: readonly SigningAlgorithm[]
  /** Asked last, for proofs that are right in all else. */
  readonly firstUse: (key: string, jti: string, until: number) => boolean | Promise<boolean>
}

/**
 * Says by which key a request is proven: its thumbprint.
 *
 * RFC 9449 §4.3, §7.1. `token` is the one that came along; the proof must be over it.
 */
export async function provenKey(
  facts: DpopRequestFacts,
  token: string,
  settings: DpopSettings,
  now: number,
): Promise<Result<string, Failure>> {
  if (facts.proof === undefined) return fail({ reason: 'dpop_proof_missing' })
  const expected = {
    method: facts.method,
    url: settings.origin + facts.target.split(/[?#]/, 1)[0],
    accessTokenHash: hash('sha256', token, 'base64url'),
    algorithms: settings.algorithms,
  }
  const judged = dpopProof(facts.proof, expected, now)
  if (!judged.ok) return judged
  const { jws, key, algorithm, thumbprintText, jti, rememberUntil } = judged.value
  const imported = verificationKeys(key.publicJwk, [algorithm])
  const [used] = imported.ok ? imported.value : []
  const { signingInput, signature } = jws
  if (used === undefined || !verifyJwsSignature(used, Buffer.from(signingInput, 'latin1'), Buffer.from(signature))) {
    return fail({ reason: 'dpop_proof_refused', problem: 'signature_invalid' })
  }
  const thumbprint = hash('sha256', thumbprintText, 'base64url')
  try {
    const first = await settings.firstUse(thumbprint, jti, rememberUntil)
    return first ? ok(thumbprint) : fail({ reason: 'dpop_proof_replayed', jti })
  } catch (cause) {
    return fail({ reason: 'store_unavailable', store: 'proofs', cause })
  }
}

/** {@link DpopSettings.firstUse} within this process. */
export function firstUseHere(memory: ProofMemory, now: () => number): DpopSettings['firstUse'] {
  return (key, jti, until) => {
    const use = memory(key, jti, until, now())
    if (use === 'full') throw new Error('too many proofs at once')
    return use === 'first'
  }
}
