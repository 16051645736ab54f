import type { LoginWay, PersonEvent, PersonFailure } from '@holdfast/core'
import type { BrowserSite, Visit } from './browser-site.ts'

/** Writes down what a person did, before the answer leaves; rejects when it cannot be kept. */
export async function audited(
  site: Pick<BrowserSite, 'audit' | 'clock'>,
  { request }: Pick<Visit, 'request'>,
  event: PersonEvent,
  clientId?: string,
): Promise<void> {
  const { correlationId } = request
  await site.audit.record({ correlationId, at: site.clock.now(), clientId, certificateThumbprint: undefined, ...event })
}

/** Writes down that somebody was not let in; he is told less. */
export function loginRefused(
  site: Pick<BrowserSite, 'audit' | 'clock'>,
  visit: Pick<Visit, 'request'>,
  way: LoginWay,
  failure: PersonFailure,
  subject?: string,
): Promise<void> {
  return audited(site, visit, { event: 'login_refused', way, failure, subject, address: visit.request.address })
}
