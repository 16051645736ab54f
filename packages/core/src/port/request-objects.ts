import type { Result } from '@holdfast/x509'
import type { Awaitable } from './awaitable.ts'

/** Request objects that clients publish themselves (OpenID Connect Core §6.2). */
export interface RequestObjects {
  /** What stands at a `request_uri` that the client registered, as text. `problem` is for the operator. */
  fetch(requestUri: string): Awaitable<Result<string, { readonly problem: string }>>
}
