import type { Failure } from '@holdfast/core'
import type { EdgeRequest, Exchange } from '@holdfast/edge'
import { createGuard } from '@holdfast/guard'
import type { Addresses } from '../deployment/addresses.ts'

/** An API of one page, behind the guard. */
export interface SampleApi {
  readonly handler: (exchange: Exchange) => void
}

/** How the API answered a request: what its operator would read in the log. */
export interface ApiDecision {
  readonly status: number
  /** Who was let in. */
  readonly clientId: string | undefined
  /** Why nobody was. */
  readonly failure: Failure | undefined
}

/**
 * Makes the API: every path says hello to whom the guard lets in. `ca` is the PEM of whom to trust as issuer. `decided` is
 * told of each request before it is answered.
 */
export function createSampleApi(addresses: Addresses, ca: string, decided: (decision: ApiDecision) => void): SampleApi {
  const guard = createGuard({
    issuer: addresses.issuer,
    audience: addresses.api,
    certificate: { from: 'tls' },
    ca,
  })
  const serve = async ({ request, response, certificate, certificateRefusal }: Exchange): Promise<void> => {
    const decision = await guard.check({
      authorization: authorizationOf(request),
      certificateThumbprint: certificate?.thumbprint,
      certificateRefusal: certificateRefusal && { ...certificateRefusal },
    })
    request.resume()
    if (!decision.granted) {
      const { status, headers, body } = decision.answer
      decided({ status, clientId: undefined, failure: decision.refusal.failure })
      response.writeHead(status, { ...headers })
      response.end(body)
      return
    }
    const { token } = decision.access
    decided({ status: 200, clientId: token.clientId, failure: undefined })
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(`${JSON.stringify({ hello: token.clientId, scope: token.scope.join(' ') })}\n`)
  }
  return {
    handler: (exchange) => {
      serve(exchange).catch(() => exchange.response.destroy())
    },
  }
}

/** All of them, so that a request with two is refused. */
function authorizationOf({ rawHeaders }: EdgeRequest): readonly string[] | string | undefined {
  const values = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'authorization')
  return values.length > 1 ? values : values[0]
}
