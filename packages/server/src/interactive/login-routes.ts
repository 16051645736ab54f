import type { BrowserAnswer } from '../http/browser-answer.ts'
import { seeOther } from '../http/browser-answer.ts'
import { loginRefused } from '../http/browser-audit.ts'
import type { BrowserLogin } from '../http/browser-login.ts'
import { servePage } from '../http/browser-pages.ts'
import type { BrowserPagesOptions, Page } from '../http/browser-pages.ts'
import { errorAnswer } from '../http/browser-site.ts'
import { browserUpstream } from '../http/browser-upstream.ts'
import type { Route } from '../http/routes.ts'
import { authenticationBy } from '../people/authentication-context.ts'
import { upstreamPath } from './open-ways.ts'
import type { OpenedWays } from './open-ways.ts'

/** Where browsers come back to from a login elsewhere, by path: always there, since a reload may add the way that leads there. */
export function loginRoutes(
  serving: Pick<BrowserPagesOptions, 'site' | 'bodyLimit' | 'log'>,
  login: BrowserLogin,
  opened: () => OpenedWays,
): Readonly<Record<string, Route>> {
  const { site } = serving
  const get = (page: Page): Route => ({
    endpoint: 'login',
    methods: { GET: { kind: 'exchange', serve: servePage(serving, 'login', page) } },
  })
  return {
    [upstreamPath]: get((visit) => {
      const provider = opened().providers.get(visit.request.path.slice(upstreamPath.length))
      if (provider === undefined) return Promise.resolve(errorAnswer(site, visit, 404, 'error-not-found'))
      return browserUpstream(site, provider, login, visit)
    }),
    '/login/certificate': get(async (visit) => {
      const { certificate } = opened()
      if (certificate === undefined) return errorAnswer(site, visit, 404, 'error-not-found')
      const handed = await certificate.finish(visit.browser, visit.request.parameters.get('handover') ?? undefined)
      if (handed === undefined) {
        await loginRefused(site, visit, 'certificate', { reason: 'handover_unknown' })
        return errorAnswer(site, visit, 400, 'error-interaction')
      }
      const { ticket, known } = handed
      if (known === undefined) return login.again(visit, ticket, { key: 'login-certificate-failed', status: 403 })
      const authentication = authenticationBy(certificate.kind, site.clock.now())
      return login.finish(visit, ticket, known, 'certificate', authentication)
    }),
    '/login/application': get(async (visit) => {
      const application = opened().application?.application
      if (application === undefined) return errorAnswer(site, visit, 404, 'error-not-found')
      const finished = await application.finish(visit.browser, visit.request.parameters.get('return') ?? undefined)
      if (finished === undefined) {
        await loginRefused(site, visit, 'application', { reason: 'return_unknown' })
        return errorAnswer(site, visit, 400, 'error-interaction')
      }
      const { ticket, who } = finished
      if (who !== undefined) return login.finish(visit, ticket, who.known, 'application', who.authentication)
      await loginRefused(site, visit, 'application', { reason: 'application_refused' })
      return login.refused(visit, ticket, { key: 'login-application-failed', status: 403 })
    }),
  }
}

/** What is found on the host that asks people for certificates. */
export function askingRoutes(opened: () => OpenedWays): Readonly<Record<string, Route>> {
  return {
    '/login': {
      endpoint: 'certificate_login',
      methods: {
        GET: {
          kind: 'exchange',
          serve: async ({ request, certificate, certificateRefusal, remoteAddress }, correlationId) => {
            const way = opened().certificate
            if (way === undefined) return notFound
            const query = new URL(request.url ?? '', way.origin).searchParams
            const shown = { certificate, certificateRefusal, correlationId, address: remoteAddress ?? 'unknown' }
            return seeOther(await way.judge(shown, query.get('handover') ?? undefined))
          },
        },
      },
    },
  }
}

const notFound: BrowserAnswer = {
  status: 404,
  headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' },
  body: '',
}
