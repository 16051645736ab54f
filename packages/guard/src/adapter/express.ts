import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Guard } from '../create-guard.ts'
import { writeAnswer } from './node.ts'

/**
 * Middleware for Express 5, and for everything that calls `(request, response, next)`.
 *
 * ```ts
 * app.use(expressGuard(guard))
 * app.get('/orders', expressGuard(guard.requiring('orders:read')), (request, response) => {
 *   response.json({ client: guard.accessOf(request).token.clientId })
 * })
 * ```
 */
export function expressGuard(
  guard: Guard,
): (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void {
  return (request, response, next) => {
    Promise.resolve(guard.check(guard.factsOfNode(request))).then((decision) => {
      if (!decision.granted) return writeAnswer(response, decision.answer)
      guard.admit(request, decision.access)
      next()
    }, next)
  }
}
