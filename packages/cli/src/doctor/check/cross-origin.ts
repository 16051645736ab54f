import { type Check, type Found, found, unknown } from '../verdict.ts'

/** Check 24: no page of elsewhere may use the certificate of whoever opens it (Fetch standard, CORS protocol). */
export const crossOrigin: Check = {
  number: 24,
  title: 'no page of elsewhere may ask with credentials',
  decide: ({ crossOrigin: tried, deployment }) => {
    if (tried.length === 0) return unknown('nobody answered')
    const findings = tried.flatMap(({ side, origin, seen }): readonly Found[] => {
      if (seen.kind !== 'answer') return []
      const allowed = seen.headers['access-control-allow-origin']
      const withCredentials = seen.headers['access-control-allow-credentials'] === 'true'
      if (allowed !== origin || !withCredentials) return []
      const { authority } = (side === 'main' ? deployment.main : deployment.mtls) ?? deployment.main
      return [
        {
          cause: 'cross_origin_credentials',
          severity: 'fault',
          what: `${authority} lets a page of ${origin} send requests with credentials, as it would any other`,
        },
      ]
    })
    return found(findings, 'none is let')
  },
}
