import type { Awaitable } from './awaitable.ts'

/** Finds people by what clients call them. */
export interface PersonHints {
  /** The person whom a `login_hint` means: user name, e-mail address or identifier; `undefined` when nobody, or nobody who may log in. */
  subjectOf(loginHint: string): Awaitable<string | undefined>
}
