import type { AllowedRequest, Answer } from '@holdfast/core'

import type { Refusal } from './refusal.ts'

/** What becomes of one request. */
export type Decision =
  | { readonly granted: true; readonly access: AllowedRequest }
  | { readonly granted: false; readonly answer: Answer; readonly refusal: Refusal }
