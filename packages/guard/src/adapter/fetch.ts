import type { AllowedRequest, Answer } from '@holdfast/core'

import type { Guard } from '../create-guard.ts'

/** A fetch handler that gets to know with which token the request came. */
export type GuardedHandler = (request: Request, access: AllowedRequest) => Response | Promise<Response>

/**
 * Puts the guard before a handler `(Request) → Response`.
 *
 * A `Request` knows nothing of TLS. With `certificate: { from: 'caller' }` whoever calls the handler passes the client's
 * certificate, DER, which he has from his TLS layer; otherwise it is read from the configured header.
 */
export function guardedFetch(
  guard: Guard,
  handler: GuardedHandler,
): (request: Request, connection?: { readonly certificate?: Uint8Array | undefined }) => Promise<Response> {
  return async (request, connection) => {
    const decision = await guard.check(guard.factsOfFetch(request, connection?.certificate))
    return decision.granted ? handler(request, decision.access) : answerResponse(decision.answer)
  }
}

/** A refusal as a `Response`. */
export function answerResponse(answer: Answer): Response {
  return new Response(answer.body, { status: answer.status, headers: answer.headers })
}
