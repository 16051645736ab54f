import type { VerificationKey } from '../jwk/verification-key.ts'
import { verifyJwsSignature } from './verify-jws-signature.ts'

/** Says whether a signature was made by the key: {@link verifyJwsSignature}, a little later. Rejects where that throws. */
export type SignatureVerification = (key: VerificationKey, signingInput: Buffer, signature: Buffer) => Promise<boolean>

/**
 * Collects the signatures of one turn of the event loop and verifies them one after the other: the curve's tables and code stay
 * in the processor's cache, which is worth a tenth of the whole cost of a token that is seen for the first time.
 */
export function createVerificationBurst(): SignatureVerification {
  let queue: Waiting[] = []
  let scheduled = false

  function run(): void {
    const burst = queue
    queue = burst.length > LARGEST_BURST ? burst.splice(LARGEST_BURST) : []
    scheduled = queue.length > 0
    if (scheduled) setImmediate(run)
    for (const { key, signingInput, signature, resolve, reject } of burst) {
      try {
        resolve(verifyJwsSignature(key, signingInput, signature))
      } catch (error) {
        reject(error)
      }
    }
  }

  return (key, signingInput, signature) =>
    new Promise((resolve, reject) => {
      queue.push({ key, signingInput, signature, resolve, reject })
      if (scheduled) return
      scheduled = true
      setImmediate(run)
    })
}

interface Waiting {
  readonly key: VerificationKey
  readonly signingInput: Buffer
  readonly signature: Buffer
  readonly resolve: (good: boolean) => void
  readonly reject: (error: unknown) => void
}

// About three milliseconds of blocking; larger bursts gain nothing.
const LARGEST_BURST = 32
