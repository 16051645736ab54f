import { sign as signWithKey } from 'node:crypto'
import { constants } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { SigningAlgorithm } from '@holdfast/core'
import { ecdsaSignature } from './ecdsa-signature.ts'

/** Makes the signature over a JWS signing input, base64url. */
export type TokenSignature = (key: KeyObject, signingInput: string) => Promise<string>

/** How each algorithm signs: the quick ones on this thread in bursts, RSA (some 250 µs) on the thread pool. */
export function createTokenSignatures(): { readonly [Algorithm in SigningAlgorithm]: TokenSignature } {
  const burst = createBurst()
  return {
    ES256: (key, input) =>
      burst(() => Buffer.from(ecdsaSignature(signWithKey('sha256', Buffer.from(input, 'latin1'), key)).buffer)),
    EdDSA: (key, input) => burst(() => signWithKey(null, Buffer.from(input, 'latin1'), key)),
    RS256: (key, input) => onThreadPool(key, input),
    PS256: (key, input) =>
      onThreadPool(
        { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
        input,
      ),
  }
}

/**
 * Collects the signatures of one turn of the event loop and makes them one after the other: the curve's tables stay in the
 * processor's cache, which is worth a quarter of the whole cost of a token.
 */
function createBurst(): (make: () => Buffer) => Promise<string> {
  let queue: Waiting[] = []
  let scheduled = false

  function run(): void {
    scheduled = false
    const burst = queue
    queue = []
    if (burst.length > maximumBurst) {
      queue = burst.splice(maximumBurst)
      scheduled = true
      setImmediate(run)
    }
    for (const waiting of burst) {
      try {
        waiting.resolve(waiting.make().toString('base64url'))
      } catch (error) {
        waiting.reject(error)
      }
    }
  }

  return (make) =>
    new Promise((resolve, reject) => {
      queue.push({ make, resolve, reject })
      if (scheduled) return
      scheduled = true
      setImmediate(run)
    })
}

interface Waiting {
  readonly make: () => Buffer
  readonly resolve: (signature: string) => void
  readonly reject: (error: unknown) => void
}

function onThreadPool(key: Parameters<typeof signWithKey>[2], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    signWithKey('sha256', Buffer.from(input, 'latin1'), key, (error, signature) => {
      if (error) reject(error)
      else resolve(signature.toString('base64url'))
    })
  })
}

/** Less than a millisecond of blocking; larger bursts gain nothing. */
const maximumBurst = 32
