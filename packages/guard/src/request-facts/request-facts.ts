import type { ResourceRequestFacts } from '@holdfast/core'

/** Everything of one request that the guard looks at. */
export interface RequestFacts extends ResourceRequestFacts {
  /** The value of the `Authorization` header; a list when there is more than one line, which is refused. */
  readonly authorization: string | readonly string[] | undefined
}
