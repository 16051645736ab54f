import { sign as signWithKey } from 'node:crypto'
import { constants } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { SigningAlgorithm } from '@holdfast/core'
import { ecdsaSignature } from './ecdsa-signature.ts'

/** Signs a JWS signing input; answers the whole compact JWS. */
export type TokenSignature = (key: KeyObject, signingInput: string) => Promise<string>

/** How each algorithm signs: the quick ones on this thread in bursts, RSA (some 250 µs) on the thread pool. */
export function createTokenSignatures(): { readonly [Algorithm in SigningAlgorithm]: TokenSignature } {
  const burst = createBurst()
  return {
    ES256: (key, input) => burst(es256, key, input),
    EdDSA: (key, input) => burst(edDsa, key, input),
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
function createBurst(): (sign: BurstSignature, key: KeyObject, input: string) => Promise<string> {
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
        const { sign, key, input } = waiting
        waiting.resolve(`${input}.${sign(key, input).toString('base64url')}`)
      } catch (error) {
        waiting.reject(error)
      }
    }
  }

  return (sign, key, input) =>
    new Promise((resolve, reject) => {
      queue.push({ sign, key, input, resolve, reject })
      if (scheduled) return
      scheduled = true
      setImmediate(run)
    })
}

type BurstSignature = (key: KeyObject, input: string) => Buffer

const es256: BurstSignature = (key, input) => ecdsaSignature(signWithKey('sha256', Buffer.from(input, 'latin1'), key))
const edDsa: BurstSignature = (key, input) => signWithKey(null, Buffer.from(input, 'latin1'), key)

interface Waiting {
  readonly sign: BurstSignature
  readonly key: KeyObject
  readonly input: string
  readonly resolve: (signature: string) => void
  readonly reject: (error: unknown) => void
}

function onThreadPool(key: Parameters<typeof signWithKey>[2], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    signWithKey('sha256', Buffer.from(input, 'latin1'), key, (error, signature) => {
      if (error) reject(error)
      else resolve(`${input}.${signature.toString('base64url')}`)
    })
  })
}

/** Less than a millisecond of blocking; larger bursts gain nothing. */
const maximumBurst = 32
