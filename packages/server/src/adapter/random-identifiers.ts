import { hash, randomFillSync } from 'node:crypto'
import type { OpaqueTokens, Random } from '@holdfast/core'

/** {@link Random} of 128 bits and {@link OpaqueTokens} of 256, from a pool of the system's randomness. */
export function createRandomIdentifiers(): Random & OpaqueTokens {
  const pool = Buffer.alloc(poolBytes)
  let at = poolBytes

  function take(bytes: number): string {
    if (at + bytes > poolBytes) {
      randomFillSync(pool)
      at = 0
    }
    const text = pool.toString('base64url', at, at + bytes)
    pool.fill(0, at, at + bytes)
    at += bytes
    return text
  }

  const digest = (token: string): string => hash('sha256', token, 'base64url')
  return {
    identifier: () => take(identifierBytes),
    create: () => {
      const token = take(tokenBytes)
      return { token, digest: digest(token) }
    },
    digest,
  }
}

const identifierBytes = 16
const tokenBytes = 32

/** One call of the system's generator for 256 identifiers. */
const poolBytes = 4_096
