import type { Awaitable } from './awaitable.ts'

/** What a JWT of ours is: a resource's access token, an ID token or authorization response, an introspection, a logout. */
export type JwtType = 'at+jwt' | 'JWT' | 'token-introspection+jwt' | 'logout+jwt'

export interface Signer {
  /**
   * Signs `payload` (JSON text) with the current key and answers the compact JWS (RFC 7515 §3.1), its header with `typ`,
   * `alg` and `kid`. Whether the answer is immediate depends on the key. Rejects when no key can sign.
   */
  sign(typ: JwtType, payload: string): Awaitable<string>
}
