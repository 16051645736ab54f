import { createHmac, randomBytes } from 'node:crypto'
import type { SecretVerifier } from '@holdfast/core'
import { twoGenerationMap } from '../cache/two-generation-map.ts'
import { verifyClientSecretHash, verifyNothing } from './client-secret-hash.ts'

/**
 * A {@link SecretVerifier} for argon2id hashes.
 *
 * That a secret fits a hash is a fact that never changes, so it is remembered, bounded, under an HMAC with a key of this
 * process: the right secret costs its argon2id once, a wrong one always. People’s passwords are forgotten: they come rarely, and a
 * right one must not be told from a wrong one by its time. At most two are worked on at a time; when too many
 * wait, the call rejects and the client is told 503.
 */
export function createSecretVerifier(right: 'remembered' | 'forgotten' = 'remembered'): SecretVerifier {
  const key = randomBytes(32)
  const known = twoGenerationMap<true>(cachedSecrets)
  const turns = createTurns()
  return {
    verify: async (secret, hash) => {
      if (secret.length > maximumSecret) return false
      if (hash === undefined) {
        await turns(() => verifyNothing(secret))
        return false
      }
      const name = createHmac('sha256', key).update(hash).update('\0').update(secret).digest('base64url')
      if (right === 'remembered' && known.get(name) === true) return true
      const matches = await turns(() => verifyClientSecretHash(secret, hash))
      if (matches) known.set(name, true)
      return matches
    },
  }
}

function createTurns(): <Value>(work: () => Promise<Value>) => Promise<Value> {
  const waiting: (() => void)[] = []
  let free = concurrent
  return async (work) => {
    if (free > 0) free--
    else {
      if (waiting.length >= maximumWaiting) throw new Error('too many client secrets are being checked')
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    }
  }
}

const cachedSecrets = 10_000

/** The thread pool has four threads; RSA signatures and name look-ups need some too. */
const concurrent = 2

/** About two seconds of work. */
const maximumWaiting = 200

const maximumSecret = 1024
