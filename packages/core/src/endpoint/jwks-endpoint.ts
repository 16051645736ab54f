import type { PublishedKeys } from '../port/published-keys.ts'
import type { Answer } from '../protocol-error/answer.ts'

/**
 * The endpoint behind `jwks_uri` (RFC 8414 §2, RFC 7517 §8.5).
 *
 * `maxAge` in seconds: shorter than a new key is published before it signs.
 */
export function createJwksEndpoint(keys: PublishedKeys, maxAge: number): () => Answer {
  const headers: Answer['headers'] = Object.freeze({
    'content-type': 'application/jwk-set+json',
    'cache-control': `public, max-age=${maxAge}`,
    'access-control-allow-origin': '*',
  })
  return () => ({ status: 200, headers, body: keys.jwks() })
}
