import { randomUUID } from 'node:crypto'
import type { SecurityProfile, UserinfoEndpoint } from '@holdfast/core'
import type { Route } from './routes.ts'
import { authorizationHeaders, joined } from './authorization-headers.ts'

/** The route of the userinfo endpoint: everything it looks at stands in the headers, so that no body is read. */
export function userinfoRoute(endpoint: () => UserinfoEndpoint | undefined, profile: () => SecurityProfile): Route {
  const serve = (method: 'GET' | 'POST'): NonNullable<Route['methods']['GET']> => ({
    kind: 'exchange',
    serve: async ({ request, certificate, certificateRefusal, role }, correlationId) => {
      const userinfo = endpoint()
      if (userinfo === undefined) return { status: 404, headers: {}, body: '' }
      const answer = await userinfo({
        method,
        authorization: authorizationHeaders(request),
        dpop: joined(request.headers['dpop']),
        certificate,
        certificateRefusal,
        role,
        correlationId,
      })
      const interaction = interactionId(request.headers['x-fapi-interaction-id'], profile())
      return interaction === undefined
        ? answer
        : { ...answer, headers: { ...answer.headers, 'x-fapi-interaction-id': interaction } }
    },
  })
  return { endpoint: 'userinfo', methods: { GET: serve('GET'), POST: serve('POST') } }
}

/** FAPI 1.0 Baseline §6.2.1 (11): what the client sent, where it is a UUID; by the profiles that demand it else one of our own. */
function interactionId(sent: string | readonly string[] | undefined, profile: SecurityProfile): string | undefined {
  if (typeof sent === 'string' && uuid.test(sent)) return sent
  return profile === 'fapi1-advanced' || profile === 'brazil' ? randomUUID() : undefined
}

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i
