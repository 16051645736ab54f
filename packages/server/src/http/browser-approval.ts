import { approvalPage } from '@holdfast/ui'
import type { TextKey } from '@holdfast/ui'
import { pageAnswer, withCookies } from './browser-answer.ts'
import type { BrowserAnswer } from './browser-answer.ts'
import { askedView } from './browser-consent.ts'
import { detailsOf } from './browser-device.ts'
import type { BrowserLogin } from './browser-login.ts'
import { field } from './browser-request.ts'
import { cameFromOurPage, clientView, errorAnswer, pageContext } from './browser-site.ts'
import type { BrowserSite, Visit } from './browser-site.ts'
import type { GrantDecoupled } from './grant-decoupled.ts'

/** `/approve`: where a person decides about what clients asked for over another channel (OpenID CIBA). */
export async function browserApproval(
  site: BrowserSite,
  login: BrowserLogin,
  grant: GrantDecoupled,
  visit: Visit,
): Promise<BrowserAnswer> {
  const { request, session } = visit
  if (session === undefined) return login.before(visit, '/approve')
  const { subject } = session.login
  const waiting = await site.decoupled.ofSubject(subject, site.clock.now(), mostShown)
  if (request.method === 'GET') return show({})
  if (!cameFromOurPage(site, visit, 'session')) return errorAnswer(site, visit, 403, 'error-forged')
  const id = field(request, 'id')
  const action = field(request, 'action')
  const chosen = waiting.find(({ digest }) => site.sealed.isProof('waiting', digest, id))
  const decision = action === 'allow' || action === 'deny' ? action : undefined
  const done =
    chosen !== undefined &&
    decision !== undefined &&
    (await grant(session, chosen.digest, chosen.record, decision, request.correlationId))
  if (!done) return show({ error: 'approval-gone' }, 409)
  return show({ done: decision === 'allow' ? 'approval-approved' : 'approval-denied', except: chosen.digest })

  async function show(
    { done, error, except }: { done?: TextKey; error?: TextKey; except?: string },
    status: number = 200,
  ): Promise<BrowserAnswer> {
    const context = pageContext(site, visit, { address: '/approve', binding: 'session' })
    const shown = waiting.filter(({ digest }) => digest !== except)
    const body = approvalPage(context, {
      person: session?.name ?? '',
      waiting: await Promise.all(
        shown.map(async ({ digest, record }) => ({
          id: site.sealed.proof('waiting', digest),
          client: await clientView(site, record.clientId),
          asked: askedView(site, context, { ...record, details: detailsOf(record), choice: 'fixed' }),
          until: record.expiresAt,
          ...(record.bindingMessage === undefined ? {} : { bindingMessage: record.bindingMessage }),
        })),
      ),
      ...(done === undefined ? {} : { done }),
      ...(error === undefined ? {} : { error }),
    })
    return withCookies(pageAnswer(status, body), visit.cookies)
  }
}

const mostShown = 20
