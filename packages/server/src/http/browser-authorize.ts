import { errorResponse, parseFormParameters } from '@holdfast/core'
import type { AuthorizationEndpoint, AuthorizationStep, RequestFailure } from '@holdfast/core'
import { formPostPage } from '@holdfast/ui'
import { fail } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import { formTarget, pageAnswer, seeOther, withCookies } from './browser-answer.ts'
import type { BrowserAnswer } from './browser-answer.ts'
import type { BrowserRequest } from './browser-request.ts'
import { errorAnswer, pageContext } from './browser-site.ts'
import type { BrowserSite, Visit } from './browser-site.ts'
import { writeTicket } from './browser-ticket.ts'

/** `/authorize`, by GET or POST: the rim of the authorization endpoint. */
export async function browserAuthorize(
  site: BrowserSite,
  endpoint: AuthorizationEndpoint,
  visit: Visit,
): Promise<BrowserAnswer> {
  const { request, session } = visit
  const { correlationId } = request
  // A page of the client posts here: no browser sends our `Lax` cookie along then, but with the GET that follows it does.
  if (request.form.outcome === 'read' && session === undefined && request.form.text.length <= longestQuery)
    return seeOther(`/authorize?${request.form.text.replaceAll('#', '%23')}`)
  const step = await endpoint.begin({ parameters: requestParameters(request), session: session?.login, correlationId })
  return answerStep(site, visit, step)
}

/** What a step of an authorization looks like to a browser. `cookies` are those of a session that just began. */
export function answerStep(
  site: BrowserSite,
  visit: Visit,
  step: AuthorizationStep,
  cookies: readonly string[] = [],
): BrowserAnswer {
  const all = [...visit.cookies, ...cookies]
  switch (step.kind) {
    case 'login':
    case 'consent': {
      const ticket = writeTicket(site, visit, { kind: 'interaction', interaction: step.interaction })
      const locales =
        'uiLocales' in step && step.uiLocales.length > 0
          ? `&ui_locales=${encodeURIComponent(step.uiLocales.join(' '))}`
          : ''
      return seeOther(`/${step.kind}?ticket=${ticket}${locales}`, all)
    }
    case 'redirect':
      return seeOther(step.location, all)
    case 'form_post': {
      const body = formPostPage(pageContext(site, visit, { binding: 'browser' }), step)
      const target = formTarget(step.action)
      const rules = { scripts: 'own', formsLeadTo: target === undefined ? [] : [target] } as const
      return withCookies(pageAnswer(200, body, rules), all)
    }
    case 'error': {
      const { status, body } = errorResponse(step.failure, step.correlationId)
      const told = JSON.parse(body) as { readonly error: string; readonly error_description: string }
      const what =
        status >= 500
          ? 'error-unavailable'
          : step.failure.reason.startsWith('interaction_')
            ? 'error-interaction'
            : 'error-request'
      return withCookies(
        errorAnswer(site, visit, status === 401 ? 400 : status, what, {
          code: told.error,
          description: told.error_description,
        }),
        cookies,
      )
    }
  }
}

function requestParameters(request: BrowserRequest): Result<ReadonlyMap<string, string>, RequestFailure> {
  if (request.method === 'GET') return parseFormParameters(request.query)
  switch (request.form.outcome) {
    case 'read':
      return parseFormParameters(request.form.text)
    case 'too_large':
      return fail({ reason: 'form_too_large', limit: longestForm })
    default:
      return fail({ reason: 'content_type_unsupported', presented: request.header('content-type') })
  }
}

/** An address that every browser and proxy takes. */
const longestQuery = 6_000
const longestForm = 65_536
