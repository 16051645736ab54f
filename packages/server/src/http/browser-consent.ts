import type { AuthorizationEndpoint, AuthorizationStep, PersonsDecision } from '@holdfast/core'
import { consentPage } from '@holdfast/ui'
import type { AskedView, PageContext } from '@holdfast/ui'
import { formTarget, pageAnswer, withCookies } from './browser-answer.ts'
import type { BrowserAnswer } from './browser-answer.ts'
import { answerStep } from './browser-authorize.ts'
import { field } from './browser-request.ts'
import { cameFromOurPage, errorAnswer, pageContext, scopeDescription } from './browser-site.ts'
import type { BrowserSite, Visit } from './browser-site.ts'
import { readTicket } from './browser-ticket.ts'

/** `/consent`: GET asks, POST takes the answer. */
export async function browserConsent(
  site: BrowserSite,
  endpoint: AuthorizationEndpoint,
  visit: Visit,
): Promise<BrowserAnswer> {
  const { request, session } = visit
  if (request.form.outcome === 'too_large') return errorAnswer(site, visit, 413, 'error-too-large')
  if (request.method === 'POST' && !cameFromOurPage(site, visit, 'session'))
    return errorAnswer(site, visit, 403, 'error-forged')
  const ticketText = request.method === 'POST' ? field(request, 'ticket') : request.parameters.get('ticket')
  const ticket = readTicket(site, visit, ticketText)
  if (ticket?.kind !== 'interaction' || typeof ticketText !== 'string')
    return errorAnswer(site, visit, 400, 'error-interaction')
  const resume = (decision: PersonsDecision): Promise<AuthorizationStep> =>
    endpoint.resume(ticket.interaction, session?.login, decision, request.correlationId)

  const action = request.method === 'POST' ? field(request, 'action') : undefined
  if (action === 'deny') return answerStep(site, visit, await resume({ kind: 'cancelled' }))
  const step = await resume({ kind: 'logged_in' })
  if (step.kind !== 'consent' || session === undefined) return answerStep(site, visit, step)
  if (action === 'allow' && request.form.outcome === 'read') {
    const left = request.form.fields.getAll('scope')
    const scope = step.scope.filter((one) => one === alwaysAsked || left.includes(one))
    return answerStep(site, visit, await resume({ kind: 'consented', scope }))
  }

  const context = pageContext(site, visit, {
    address: `/consent?ticket=${ticketText}`,
    wishes: step.uiLocales,
    binding: 'session',
  })
  const { name, redirectUri, logo: _, ...client } = step.client
  const body = consentPage(context, {
    client: { ...client, ...(name === undefined ? {} : { name }) },
    asked: askedView(site, context, {
      scope: step.scope,
      audience: step.audience,
      details: step.authorizationDetails,
      choice: 'free',
    }),
    person: session.name,
    action: '/consent',
    ticket: ticketText,
  })
  const target = redirectUri === undefined ? undefined : formTarget(redirectUri)
  return withCookies(pageAnswer(200, body, { formsLeadTo: target === undefined ? [] : [target] }), visit.cookies)
}

/** What is asked, in words. */
export function askedView(
  site: BrowserSite,
  context: PageContext,
  asked: {
    readonly scope: readonly string[]
    readonly audience: readonly string[]
    readonly details: AskedView['details']
    readonly choice: 'free' | 'fixed'
  },
): AskedView {
  return {
    audience: asked.audience,
    details: asked.details,
    scope: asked.scope.map((scope) => {
      const description = scopeDescription(site, context, scope)
      return {
        scope,
        choice: scope === alwaysAsked ? 'fixed' : asked.choice,
        ...(description === undefined ? {} : { description }),
      }
    }),
  }
}

/** Without it there is no login to tell the client about (OpenID Connect Core §3.1.2.1). */
const alwaysAsked = 'openid'
