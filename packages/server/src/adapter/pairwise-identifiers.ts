import { createHmac } from 'node:crypto'
import type { PairwiseIdentifiers } from '@holdfast/core'

/** {@link PairwiseIdentifiers} by HMAC-SHA-256 with the server's secret (OpenID Connect Core §8.1, third example). */
export function createPairwiseIdentifiers(secret: string): PairwiseIdentifiers {
  return {
    identify: (sector, subject) =>
      createHmac('sha256', secret)
        .update(JSON.stringify([sector, subject]))
        .digest('base64url'),
  }
}
