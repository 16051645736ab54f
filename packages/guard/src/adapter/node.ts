import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'

import type { AllowedRequest, Answer } from '@holdfast/core'

import type { Guard } from '../create-guard.ts'

/** A request listener that gets to know with which token the request came. */
export type GuardedListener<Request, Response> = (request: Request, response: Response, access: AllowedRequest) => void

/**
 * Puts the guard before a listener of `node:http`, `node:https` or `node:http2` (compatibility interface).
 *
 * The listener runs only for requests that may pass; the others are answered.
 */
export function guarded<
  Request extends IncomingMessage | Http2ServerRequest,
  Response extends ServerResponse | Http2ServerResponse,
>(guard: Guard, listener: GuardedListener<Request, Response>): (request: Request, response: Response) => void {
  return (request, response) => {
    const decision = guard.check(guard.factsOfNode(request))
    if (decision instanceof Promise) {
      void decision.then((settled) => {
        if (settled.granted) listener(request, response, settled.access)
        else writeAnswer(response, settled.answer)
      })
    } else if (decision.granted) listener(request, response, decision.access)
    else writeAnswer(response, decision.answer)
  }
}

/** Writes a refusal, unless something else, such as a time-out, has answered while it was decided. */
export function writeAnswer(response: ServerResponse | Http2ServerResponse, answer: Answer): void {
  if (response.headersSent) return
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value)
  response.statusCode = answer.status
  response.end(answer.body)
}
