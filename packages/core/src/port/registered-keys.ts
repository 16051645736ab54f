import type { Result } from '@holdfast/x509'
import type { ClientKeys } from '../client-registration/client-keys.ts'
import type { Awaitable } from './awaitable.ts'

/** The keys that clients publish themselves at their `jwks_uri`, fetched, parsed by json-web-key-set.ts and kept. */
export interface RegisteredKeys {
  /** What is known; fetched first when nothing is or when it is stale. `problem` is for the operator. */
  keys(jwksUri: string): Awaitable<Result<ClientKeys, RegisteredKeysFailure>>
  /**
   * Asked when a certificate or `kid` is not among {@link keys}: fetches once more, at most once per `jwks_uri` in a
   * while however many ask; within that while it answers what is known.
   */
  keysAfresh(jwksUri: string): Awaitable<Result<ClientKeys, RegisteredKeysFailure>>
}

export interface RegisteredKeysFailure {
  readonly problem: string
}
