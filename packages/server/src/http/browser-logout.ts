import { parseCompactJws } from '@holdfast/core'
import type { AccessTokenVerifier, RegisteredClient } from '@holdfast/core'
import { logoutPage } from '@holdfast/ui'
import type { EndedBy, EndSession } from '../people/end-session.ts'
import { formTarget, pageAnswer, seeOther, withCookies } from './browser-answer.ts'
import type { BrowserAnswer } from './browser-answer.ts'
import { field } from './browser-request.ts'
import { cameFromOurPage, clientView, errorAnswer, noSessionCookie, pageContext } from './browser-site.ts'
import type { BrowserSite, Visit } from './browser-site.ts'

/** `/logout` (OpenID Connect RP-Initiated Logout 1.0) and the answer to its question. */
export interface BrowserLogout {
  /** GET and POST /logout. */
  ask(visit: Visit): Promise<BrowserAnswer>
  /** POST /logout/confirm. */
  confirm(visit: Visit): Promise<BrowserAnswer>
}

export function createBrowserLogout(
  site: BrowserSite,
  issuer: string,
  verifier: AccessTokenVerifier,
  endSession: EndSession,
): BrowserLogout {
  return { ask, confirm }

  async function ask(visit: Visit): Promise<BrowserAnswer> {
    const { request, session } = visit
    if (request.form.outcome === 'too_large') return errorAnswer(site, visit, 413, 'error-too-large')
    const posted = request.form.outcome === 'read' ? request.form : undefined
    // As at /authorize: our cookie does not come with a form of somebody else, but with the GET that follows.
    if (posted !== undefined && session === undefined && posted.text.length <= longestQuery)
      return seeOther(`/logout?${posted.text.replaceAll('#', '%23')}`)
    const parameters = posted?.fields ?? request.parameters
    const hint = await readHint(parameters.get('id_token_hint') ?? undefined)
    const named = parameters.get('client_id') ?? undefined
    if (hint === 'invalid' || (hint !== undefined && named !== undefined && !hint.audience.includes(named)))
      return errorAnswer(site, visit, 400, 'error-request', {
        code: 'invalid_request',
        description: 'id_token_hint is none of ours.',
      })
    const client = await clientOf(hint, named)
    const asked = { back: backTo(client, parameters) }
    // Nobody is logged in, or the client shows the ID token of this very login: there is nothing to ask (§2).
    if (session === undefined) return done(visit, asked, 'no')
    if (hint?.sessionId === session.login.sessionId) return end(visit, asked, 'client')
    const ticket = site.sealed.seal(`logout ${visit.browser}`, asked, ticketLifetime)
    const context = pageContext(site, visit, {
      wishes: (parameters.get('ui_locales') ?? '').split(' ').slice(0, 10),
      binding: 'session',
    })
    const body = logoutPage(context, {
      step: 'ask',
      person: session.name,
      ticket,
      ...(client === undefined ? {} : { client: await clientView(site, client.clientId) }),
    })
    const target = asked.back === undefined ? undefined : formTarget(asked.back)
    return withCookies(pageAnswer(200, body, { formsLeadTo: target === undefined ? [] : [target] }), visit.cookies)
  }

  async function confirm(visit: Visit): Promise<BrowserAnswer> {
    if (!cameFromOurPage(site, visit, 'session')) return errorAnswer(site, visit, 403, 'error-forged')
    const asked = site.sealed.open(`logout ${visit.browser}`, field(visit.request, 'ticket'))
    if (asked === undefined) return errorAnswer(site, visit, 400, 'error-interaction')
    if (field(visit.request, 'action') !== 'logout') {
      const context = pageContext(site, visit, { binding: 'session' })
      return withCookies(pageAnswer(200, logoutPage(context, { step: 'stayed' })), visit.cookies)
    }
    return end(visit, { back: typeof asked['back'] === 'string' ? asked['back'] : undefined }, 'person')
  }

  async function end(visit: Visit, asked: Asked, by: EndedBy): Promise<BrowserAnswer> {
    // The clients are told by a message that is kept before the session is gone: a crash in between loses nobody's.
    const { session, request } = visit
    const told = session === undefined ? 0 : await endSession(session.record, by, request.correlationId)
    await site.sessions.end(visit.sessionToken)
    const answer = done(visit, asked, told > 0 ? 'yes' : 'no')
    return withCookies(answer, [noSessionCookie(site)])
  }

  function done(visit: Visit, { back }: Asked, told: 'yes' | 'no'): BrowserAnswer {
    if (back !== undefined) return seeOther(back, visit.cookies)
    const context = pageContext(site, visit, { binding: 'browser' })
    return withCookies(pageAnswer(200, logoutPage(context, { step: 'done', told })), visit.cookies)
  }

  async function clientOf(hint: Hint | undefined, named: string | undefined): Promise<RegisteredClient | undefined> {
    const clientId = named ?? hint?.audience[0]
    return clientId === undefined ? undefined : site.client(clientId)
  }

  /** Our own ID token, also an expired one (§2). */
  async function readHint(text: string | undefined): Promise<Hint | 'invalid' | undefined> {
    if (text === undefined) return undefined
    const parsed = parseCompactJws(text)
    if (!parsed.ok || (parsed.value.header['typ'] ?? 'JWT') !== 'JWT') return 'invalid'
    if ((await verifier.verify(parsed.value)) !== 'verified') return 'invalid'
    const { iss, aud, sid } = parsed.value.claims
    const audience =
      typeof aud === 'string' ? [aud] : Array.isArray(aud) ? aud.filter((one) => typeof one === 'string') : []
    if (iss !== issuer || audience.length === 0) return 'invalid'
    return { audience, sessionId: typeof sid === 'string' ? sid : undefined }
  }
}

interface Hint {
  readonly audience: readonly string[]
  readonly sessionId: string | undefined
}

interface Asked {
  readonly back: string | undefined
}

/** Only where the client registered exactly this address; else the person stays with us (§3). */
function backTo(client: RegisteredClient | undefined, parameters: URLSearchParams): string | undefined {
  const uri = parameters.get('post_logout_redirect_uri')
  const registered = client?.authorization?.postLogoutRedirectUris ?? []
  if (uri === null || client?.disabled === true || !registered.includes(uri)) return undefined
  const state = parameters.get('state')
  if (state === null) return uri
  const back = new URL(uri)
  back.searchParams.append('state', state)
  return back.href
}

const longestQuery = 6_000

/** Seconds to decide. */
const ticketLifetime = 900
