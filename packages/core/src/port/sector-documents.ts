import type { Result } from '@holdfast/x509'
import type { Awaitable } from './awaitable.ts'

/** The documents at the `sector_identifier_uri`s of clients (OpenID Connect Registration §5). */
export interface SectorDocuments {
  /** The JSON that stands there. `problem` is for whoever registers. */
  fetch(uri: string): Awaitable<Result<unknown, { readonly problem: string }>>
}
