import type { Answer } from '@holdfast/core'

import type { Refusal } from './refusal.ts'

/**
 * What `guard.authorize` and `guard.prepare` throw: the reason as `code`, the facts, and the answer that is due.
 */
export class GuardError extends Error {
  override readonly name = 'GuardError'
  /** One reason of core's list, such as `token_certificate_mismatch`. */
  readonly code: Refusal['failure']['reason']
  readonly facts: Readonly<Record<string, unknown>>
  readonly correlationId: string
  /** Fastify, Express, Koa and Hono read these from an error. */
  readonly status: number
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly answer: Answer

  constructor(refusal: Refusal, answer: Answer) {
    const { reason, ...facts } = refusal.failure
    const cause = (facts as { cause?: unknown }).cause
    super(`${reason} (reference ${refusal.correlationId})`, cause === undefined ? undefined : { cause })
    this.code = reason
    this.facts = facts
    this.correlationId = refusal.correlationId
    this.status = answer.status
    this.statusCode = answer.status
    this.headers = answer.headers
    this.answer = answer
  }
}
