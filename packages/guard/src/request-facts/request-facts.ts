import type { ResourceRequestFacts } from '@holdfast/core'

/** Everything of one request that the guard looks at. */
export interface RequestFacts extends ResourceRequestFacts {
  /** The value of the `Authorization` header; a list when there is more than one line, which is refused. */
  readonly authorization: string | readonly string[] | undefined
  /** What a DPoP proof is compared with; needed where the guard takes proofs. */
  readonly dpop?: DpopRequestFacts | undefined
}

/** RFC 9449 §4.3. */
export interface DpopRequestFacts {
  /** The value of the `DPoP` header; several joined by commas. */
  readonly proof: string | undefined
  readonly method: string
  /** Path and query, as asked. */
  readonly target: string
}
