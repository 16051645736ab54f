import type { UserinfoEndpoint } from '@holdfast/core'
import type { Route } from './routes.ts'
import { authorizationHeaders, joined } from './authorization-headers.ts'

/** The route of the userinfo endpoint: everything it looks at stands in the headers, so that no body is read. */
export function userinfoRoute(endpoint: () => UserinfoEndpoint | undefined): Route {
  const serve = (method: 'GET' | 'POST'): NonNullable<Route['methods']['GET']> => ({
    kind: 'exchange',
    serve: async ({ request, certificate, certificateRefusal, role }, correlationId) => {
      const userinfo = endpoint()
      if (userinfo === undefined) return { status: 404, headers: {}, body: '' }
      return userinfo({
        method,
        authorization: authorizationHeaders(request),
        dpop: joined(request.headers['dpop']),
        certificate,
        certificateRefusal,
        role,
        correlationId,
      })
    },
  })
  return { endpoint: 'userinfo', methods: { GET: serve('GET'), POST: serve('POST') } }
}
