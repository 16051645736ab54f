import { hash, randomBytes, randomFillSync } from 'node:crypto'
import type { OpaqueTokens, Random } from '@holdfast/core'

/**
 * {@link Random} of 144 bits and {@link OpaqueTokens} of 256, from a pool of the system's randomness.
 *
 * An opaque token begins with the millisecond of its making, and so does the digest it is kept under: tokens of one time lie
 * beside each other in the store, which makes a durable insert two to three times cheaper. The secret is what follows.
 */
export function createRandomIdentifiers(milliseconds: () => number = Date.now): Random & OpaqueTokens {
  const pool = Buffer.alloc(poolBytes)
  let at = poolBytes
  let identifiers = ''
  let next = 0

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

  // They are no secrets, so many are made at once: two for each request.
  function identifier(): string {
    if (next === identifiers.length) {
      identifiers = randomBytes(poolBytes - (poolBytes % identifierBytes)).toString('base64url')
      next = 0
    }
    next += identifierLength
    return identifiers.slice(next - identifierLength, next)
  }

  return {
    identifier,
    create: () => {
      const token = milliseconds().toString(16).padStart(timeLength, '0').slice(-timeLength) + take(tokenBytes)
      return { token, digest: opaqueDigest(token) }
    },
    digest: opaqueDigest,
  }
}

/** What an opaque token is kept under. */
export function opaqueDigest(token: string): string {
  return token.slice(0, timeLength) + hash('sha256', token, 'base64url')
}

/** 144 bits: a multiple of three, so that each is a piece of its own in base64url. */
const identifierBytes = 18
const identifierLength = 24
const tokenBytes = 32

/** Hexadecimal: sorts as time does, until the year 2527. */
const timeLength = 11

/** One call of the system's generator for 256 identifiers. */
const poolBytes = 4_096
