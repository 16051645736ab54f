import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'

import type { Guard } from '../create-guard.ts'
import { answerResponse } from './fetch.ts'

/** What the middleware needs of Hono's context. */
export interface HonoContext {
  readonly req: { readonly raw: Request }
  /** On Node (`@hono/node-server`) the request of `node:http` is in it. */
  readonly env: unknown
}

/**
 * Middleware for Hono 4.
 *
 * On Node it sees the connection; elsewhere only a certificate header can be read.
 *
 * ```ts
 * app.use(honoGuard(guard))
 * app.get('/orders', honoGuard(guard.requiring('orders:read')), (c) =>
 *   c.json({ client: guard.accessOf(c.req.raw).token.clientId }),
 * )
 * ```
 */
export function honoGuard(
  guard: Guard,
): (context: HonoContext, next: () => Promise<void>) => Promise<Response | undefined> {
  return async (context, next) => {
    const { incoming } = (context.env ?? {}) as { incoming?: IncomingMessage | Http2ServerRequest }
    const facts = incoming === undefined ? guard.factsOfFetch(context.req.raw) : guard.factsOfNode(incoming)
    const decision = await guard.check(facts)
    if (!decision.granted) return answerResponse(decision.answer)
    guard.admit(context.req.raw, decision.access)
    await next()
    return undefined
  }
}
