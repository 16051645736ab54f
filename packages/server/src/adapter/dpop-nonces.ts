import { createHmac, timingSafeEqual } from 'node:crypto'
import type { DpopNonces } from '@holdfast/core'
import type { MasterKey } from '../keys/master-key.ts'

/** {@link DpopNonces} by HMAC-SHA-256 over the time, with the first key; those of the others count too, while keys are replaced. */
export function createDpopNonces(keys: readonly MasterKey[]): DpopNonces {
  const nonce = (key: MasterKey, period: number): string =>
    createHmac('sha256', key).update(`dpop-nonce ${period}`).digest('base64url')
  const [first] = keys
  if (first === undefined) throw new TypeError('dpop nonces: keys must hold at least one key')
  return {
    current: (now) => nonce(first, Math.floor(now / periodSeconds)),
    accepts: (presented, now) => {
      const period = Math.floor(now / periodSeconds)
      const bytes = Buffer.from(presented)
      return keys.some((key) =>
        [period, period - 1].some((one) => {
          const expected = Buffer.from(nonce(key, one))
          return bytes.length === expected.length && timingSafeEqual(bytes, expected)
        }),
      )
    },
  }
}

/** Seconds. A nonce is good for this long at least, and twice as long at most. */
const periodSeconds = 120
