import type { Failure } from '@holdfast/core'

/** Why a request was refused: for the operator, with all facts. The peer gets a code and a fixed sentence. */
export interface Refusal {
  /** Stands in the answer too, so that the one who asks and the one who looks find each other. */
  readonly correlationId: string
  readonly status: number
  readonly failure: Failure
}
