import type { Cause } from './cause.ts'
import type { Evidence } from './evidence.ts'
import type { Answered, Seen } from './probe/seen.ts'

/** Why a straight request was not served, where the answer itself tells: it is no refusal of the server for what was asked. */
export function trouble(
  seen: Seen | undefined,
): Extract<Cause, 'server_not_reached' | 'host_not_served' | 'redirected'> | undefined {
  if (seen?.kind !== 'answer') return undefined
  if (seen.status === misdirected) return 'host_not_served'
  // The server itself is no gateway; that it cannot answer it says in JSON.
  if (gateway.has(seen.status) || (unable.has(seen.status) && seen.body !== 'json')) return 'server_not_reached'
  return redirects.has(seen.status) ? 'redirected' : undefined
}

/** Whether no request at all is served on the certificate host, whatever it shows: nothing can be said of certificates then. */
export function troubleOfAll(evidence: Pick<Evidence, 'certificates'>): ReturnType<typeof trouble> {
  const straight = evidence.certificates.filter(({ kind }) => kind === 'none' || kind === 'plain')
  const told = trouble(straight[0]?.seen)
  return straight.every(({ seen }) => trouble(seen) === told) ? told : undefined
}

/**
 * The page that everybody meets, with a certificate and without: then it is not about certificates. `undefined` where there is none.
 *
 * Terminators that refuse for want of a certificate say another thing than those that do not like the one they were shown.
 */
export function pageForAll({ certificates }: Pick<Evidence, 'certificates'>): Answered | undefined {
  const pages = certificates
    .filter(({ kind }) => kind === 'none' || kind === 'plain')
    .map(({ seen }) => (seen.kind === 'answer' && seen.body === 'html' ? seen : undefined))
  const [first] = pages
  return pages.every((page) => page?.status === first?.status && page?.text === first?.text) ? first : undefined
}

const misdirected = 421
const gateway: ReadonlySet<number> = new Set([502, 504])
const unable: ReadonlySet<number> = new Set([500, 503])
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
