import type { CompactJws } from '../jose/compact-jws.ts'
import type { Awaitable } from './awaitable.ts'

/** Checks signatures of our own access tokens. */
export interface AccessTokenVerifier {
  /** Whether a key that we publish, or published until its tokens ran out, made the signature with its own algorithm. */
  verify(token: CompactJws): Awaitable<'verified' | 'key_unknown' | 'signature_invalid'>
}
