import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'

import type { AllowedRequest } from '@holdfast/core'
import type { MiddlewareHandler } from 'hono'

import type { Guard } from '../create-guard.ts'
import { answerResponse } from './fetch.ts'

/** What the middleware leaves in the context. */
export interface HonoGuardEnv {
  Variables: { access: AllowedRequest }
}

/**
 * Middleware for Hono 4.
 *
 * On Node (`@hono/node-server`) it sees the connection; elsewhere only a certificate header can be read.
 *
 * ```ts
 * app.use(honoGuard(guard))
 * app.get('/orders', honoGuard(guard.requiring('orders:read')), (c) => c.json({ client: c.get('access').token.clientId }))
 * ```
 */
export function honoGuard(guard: Guard): MiddlewareHandler<HonoGuardEnv> {
  return async (context, next) => {
    const { incoming } = (context.env ?? {}) as { incoming?: IncomingMessage | Http2ServerRequest }
    const facts = incoming === undefined ? guard.factsOfFetch(context.req.raw) : guard.factsOfNode(incoming)
    const decision = await guard.check(facts)
    if (!decision.granted) return answerResponse(decision.answer)
    guard.admit(context.req.raw, decision.access)
    context.set('access', decision.access)
    await next()
    return undefined
  }
}
