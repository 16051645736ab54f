import type { KnownPerson, PeopleDirectory } from '../people/people-directory.ts'
import { upstreamName } from '../people/person.ts'
import type { UpstreamProvider } from '../people/upstream-provider.ts'
import type { BrowserAnswer } from './browser-answer.ts'
import { loginRefused } from './browser-audit.ts'
import type { BrowserLogin } from './browser-login.ts'
import { errorAnswer } from './browser-site.ts'
import type { BrowserSite, Visit } from './browser-site.ts'

/** `/login/upstream/NAME`: a person comes back from an upstream provider. */
export async function browserUpstream(
  site: BrowserSite,
  provider: UpstreamProvider,
  login: BrowserLogin,
  visit: Visit,
): Promise<BrowserAnswer> {
  const values = { provider: provider.label }
  const finished = await provider.finish(visit.browser, visit.request.parameters)
  if (!finished.ok) {
    const { problem, ticket } = finished.failure
    await loginRefused(site, visit, 'upstream', { reason: 'upstream_failed', provider: provider.name, problem })
    if (ticket === undefined) return errorAnswer(site, visit, 400, 'error-interaction')
    return login.again(visit, ticket, { key: 'login-upstream-failed', values, status: 400 })
  }
  const { ticket, subject, claims, authentication } = finished.value
  const link = { provider: provider.name, subject }
  const known =
    (await site.people.findByLogin({ kind: 'upstream', value: upstreamName(link) })) ??
    (provider.unknownPeople === 'add' ? await addPerson(site, link, claims) : undefined)
  if (known === undefined || known.person.disabled === true) {
    const reason = known === undefined ? 'person_unknown' : 'user_disabled'
    await loginRefused(site, visit, 'upstream', { reason, provider: link.provider, there: subject }, known?.subject)
    return login.again(visit, ticket, { key: 'login-upstream-unknown', values, status: 403 })
  }
  return login.finish(visit, ticket, known, 'upstream', authentication)
}

/** Somebody new, as the provider describes him. His e-mail address is a claim, and opens no account that is there (account takeover). */
async function addPerson(
  { people, tokens }: { readonly people: PeopleDirectory; readonly tokens: BrowserSite['tokens'] },
  link: { readonly provider: string; readonly subject: string },
  claims: Readonly<Record<string, unknown>>,
): Promise<KnownPerson | undefined> {
  const told = Object.fromEntries(Object.entries(claims).filter(([name]) => takenClaims.includes(name)))
  const subject = tokens.identifier()
  const person = { claims: told, passkeys: [], upstream: [link], certificates: [] }
  const fresh: KnownPerson = { subject, person, source: 'store', version: 0 }
  const saved = await people.change(fresh, person)
  if (saved === 'login_taken') {
    const { email: _, email_verified: __, ...rest } = told
    await people.change(fresh, { ...person, claims: rest })
  }
  return people.findByLogin({ kind: 'upstream', value: upstreamName(link) })
}

const takenClaims: readonly string[] = [
  'name',
  'given_name',
  'family_name',
  'preferred_username',
  'picture',
  'locale',
  'email',
  'email_verified',
]
