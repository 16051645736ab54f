import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'

import type { Guard } from '../create-guard.ts'

/** What the hook needs of Fastify's request. */
export interface FastifyGuardRequest {
  readonly raw: IncomingMessage | Http2ServerRequest
}

/** What the hook needs of Fastify's reply. */
export interface FastifyGuardReply {
  code(status: number): this
  headers(headers: Record<string, string>): this
  send(body: string): this
}

/**
 * Hook for Fastify 5.
 *
 * ```ts
 * app.addHook('onRequest', fastifyGuard(guard))
 * app.get('/orders', { onRequest: fastifyGuard(guard.requiring('orders:read')) }, async (request) => ({
 *   client: guard.accessOf(request).token.clientId,
 * }))
 * ```
 */
export function fastifyGuard(
  guard: Guard,
): (request: FastifyGuardRequest, reply: FastifyGuardReply) => Promise<unknown> {
  return async (request, reply) => {
    const decision = await guard.check(guard.factsOfNode(request.raw))
    if (!decision.granted) {
      const { status, headers, body } = decision.answer
      return reply.code(status).headers(headers).send(body)
    }
    guard.admit(request, decision.access)
    return undefined
  }
}
