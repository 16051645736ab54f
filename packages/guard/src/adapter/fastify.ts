import type { FastifyReply, FastifyRequest } from 'fastify'

import type { Guard } from '../create-guard.ts'

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
export function fastifyGuard(guard: Guard): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
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
