import type { Awaitable } from './awaitable.ts'

export interface Signer {
  /**
   * Signs `payload` (JSON text) with the current key and answers the compact JWS (RFC 7515 §3.1), its header with `typ`,
   * `alg` and `kid`. Whether the answer is immediate depends on the key. Rejects when no key can sign.
   */
  sign(typ: 'at+jwt', payload: string): Awaitable<string>
}
