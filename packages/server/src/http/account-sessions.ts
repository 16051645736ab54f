import type { SessionRecord } from '@holdfast/core'
import type { EndedBy, EndSession } from '../people/end-session.ts'
import type { LiveSession } from '../people/login-sessions.ts'
import { sessionCookie } from './browser-site.ts'
import type { BrowserSite, Visit } from './browser-site.ts'

interface Ending {
  readonly site: BrowserSite
  readonly visit: Visit
  readonly session: LiveSession
  readonly endSession: EndSession
}

/** Ends all sessions of the person, and begins this one anew: a token that somebody copied opens nothing any more. */
export async function endOthers(ending: Ending, by: EndedBy): Promise<Visit> {
  const { site, visit, session } = ending
  const { subject, sessionId, authentication } = session.login
  const { token } = await site.sessions.begin(subject, authentication, visit.sessionToken)
  const now = await site.sessions.find(token)
  const all = await site.sessionStore.ofSubject(subject, mostSessions)
  for (const other of all) {
    if (other.sessionId === sessionId || other.sessionId === now?.login.sessionId) continue
    await endOther(ending, other, by)
  }
  return { ...visit, session: now, sessionToken: token, cookies: [...visit.cookies, sessionCookie(site, token)] }
}

/** The clients are told by a message that is kept before the session is gone. */
export async function endOther({ site, visit, endSession }: Ending, other: SessionRecord, by: EndedBy): Promise<void> {
  await endSession(other, by, visit.request.correlationId)
  await site.sessionStore.endOne(other.subject, other.sessionId)
}

/** Of one person. */
const mostSessions = 100
