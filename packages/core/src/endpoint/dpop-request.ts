import { fail, ok, type Result } from '@holdfast/x509'
import { dpopProof } from '../dpop/dpop-proof.ts'
import { provenKey, type ProvenKey } from '../dpop/proven-key.ts'
import { type JwsAlgorithm, jwsAlgorithms } from '../jose/jws-algorithm.ts'
import type { AssertionVerifier } from '../port/assertion-verifier.ts'
import type { DpopNonces } from '../port/dpop-nonces.ts'
import type { Hash } from '../port/hash.ts'
import type { ReplayStore } from '../port/replay-store.ts'
import type { Failure } from '../protocol-error/failure.ts'
import type { BackChannelRequest } from './back-channel-request.ts'
import { reach } from './reach.ts'

/** What checking proofs takes; absent where DPoP is not offered. */
export interface DpopPorts {
  readonly hash: Hash
  /** What proofs may be signed with; everything that is known when absent. */
  readonly algorithms?: readonly JwsAlgorithm[]
  /** `undefined`: proofs need no nonce. */
  readonly nonces: DpopNonces | undefined
  /** What the path of an endpoint is appended to, by the role of the host that was asked (RFC 8705 §5, RFC 9449 §4.3). */
  readonly bases: { readonly main: string; readonly mtls: string }
}

/** Of which request the proof must be. */
export interface ProvenRequest {
  readonly method: string
  /** Of the endpoint, such as `/token`. */
  readonly path: string
  /** Where one came along. */
  readonly accessToken?: string
}

/**
 * Finds the key that a request proves to hold; `undefined` when it carries no proof.
 *
 * RFC 9449 §4.3, §8. Claims first, then signature and nonce; the `jti` is used up last, so that a proof which is refused for
 * its nonce does not fill the memory.
 */
export async function dpopRequest(
  request: Pick<BackChannelRequest, 'dpop' | 'role'>,
  proven: ProvenRequest,
  ports: {
    readonly dpop?: DpopPorts
    readonly assertions: AssertionVerifier
    readonly replays: ReplayStore
  },
  now: number,
): Promise<Result<ProvenKey | undefined, Failure>> {
  if (request.dpop === undefined) return ok(undefined)
  const { dpop } = ports
  if (dpop === undefined) return fail({ reason: 'dpop_proof_refused', problem: 'not_offered' })
  const { hash, nonces, algorithms = jwsAlgorithms } = dpop
  const expected = {
    method: proven.method,
    url: dpop.bases[request.role] + proven.path,
    algorithms,
    ...(proven.accessToken === undefined ? undefined : { accessTokenHash: hash.sha256(proven.accessToken) }),
  }
  const judged = dpopProof(request.dpop, expected, now)
  if (!judged.ok) return judged
  const { jws, algorithm, key, jti, nonce } = judged.value
  const verified = await reach('assertions', () => ports.assertions.verify(jws, algorithm, key))
  if (!verified.ok) return verified
  if (!verified.value) return fail({ reason: 'dpop_proof_refused', problem: 'signature_invalid' })
  if (nonces !== undefined && (nonce === undefined || !nonces.accepts(nonce, now))) {
    const presented = nonce === undefined ? 'none' : 'stale'
    return fail({ reason: 'dpop_nonce_needed', presented, nonce: nonces.current(now) })
  }
  const thumbprint = hash.sha256(judged.value.thumbprintText)
  const use = await reach('replays', () => ports.replays.take(`dpop:${thumbprint}`, jti, judged.value.rememberUntil))
  if (!use.ok) return use
  if (use.value === 'replayed') return fail({ reason: 'dpop_proof_replayed', jti })
  if (use.value === 'full') return fail({ reason: 'replay_memory_full' })
  return ok(provenKey(thumbprint))
}
