import type { Awaitable } from './awaitable.ts'

/** What is known about people. */
export interface PersonClaims {
  /**
   * Every claim about the person by the names of OpenID Connect Core §5.1, and further ones, without `sub`; `undefined` when
   * there is no such person, or no longer one who may log in.
   */
  claimsOf(subject: string): Awaitable<Readonly<Record<string, unknown>> | undefined>
}
