import type { BrowserSite, Visit } from './browser-site.ts'

/** What is to be done after the login: go on with a client's request, or to a page of ours. */
export type Ticket =
  { readonly kind: 'interaction'; readonly interaction: string } | { readonly kind: 'page'; readonly address: string }

/** The ticket as text, good in this browser alone: a link to a login that somebody else began opens nothing. */
export function writeTicket(site: BrowserSite, visit: Visit, ticket: Ticket): string {
  const state = ticket.kind === 'interaction' ? { interaction: ticket.interaction } : { address: ticket.address }
  return site.sealed.seal(`ticket ${visit.browser}`, state, lifetime)
}

/** Undoes {@link writeTicket}; `undefined` when it is not ours, too old, or of another browser. */
export function readTicket(site: BrowserSite, visit: Visit, text: string | null | undefined): Ticket | undefined {
  const state = site.sealed.open(`ticket ${visit.browser}`, text ?? undefined)
  if (typeof state?.['interaction'] === 'string') return { kind: 'interaction', interaction: state['interaction'] }
  return typeof state?.['address'] === 'string' ? { kind: 'page', address: state['address'] } : undefined
}

/** Seconds: somebody looks for his password. The interaction itself may end sooner. */
const lifetime = 3600
