import type { Awaitable } from './awaitable.ts'

export interface SecretVerifier {
  /**
   * Whether `secret` is the one that `hash` was made from. Without a hash (unknown client) it does the same work and
   * answers false, so that a stranger cannot tell known clients from unknown ones.
   */
  verify(secret: string, hash: string | undefined): Awaitable<boolean>
}
