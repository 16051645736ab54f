import type { ClientAuthenticationPorts } from '@holdfast/core'
import type { BrowserAnswer } from '../http/browser-answer.ts'
import { seeOther } from '../http/browser-answer.ts'
import type { BrowserLogin } from '../http/browser-login.ts'
import { phishingResistant } from '../http/browser-login.ts'
import { errorAnswer } from '../http/browser-site.ts'
import type { BrowserSite, Visit } from '../http/browser-site.ts'
import type { LoginWays, PasskeyAdding } from '../http/login-ways.ts'
import type { Route } from '../http/routes.ts'
import type { CertificateLogin } from '../people/certificate-login.ts'
import { createHeaderLogin } from '../people/header-login.ts'
import type { KnownPerson, PeopleDirectory } from '../people/people-directory.ts'
import { upstreamName } from '../people/person.ts'
import type { UpstreamProvider } from '../people/upstream-provider.ts'
import type { PeopleBasis } from './open-people.ts'

/** The ways to log in, and the pages that belong to some of them. */
export interface OpenedWays {
  readonly ways: LoginWays
  readonly adding: PasskeyAdding | undefined
  /** By path, on the main host. */
  readonly pages: Readonly<Record<string, (visit: Visit, login: BrowserLogin) => Promise<BrowserAnswer>>>
  /** By path, on hosts that ask for certificates. */
  readonly asking: Readonly<Record<string, Route>>
}

/** Loads what the configured ways need, and nothing of the others. */
export async function openWays(
  basis: PeopleBasis,
  site: BrowserSite,
  trust: () => ClientAuthenticationPorts | undefined,
): Promise<OpenedWays> {
  const { people } = basis.configuration()
  const passkeys = people?.passkeys === 'on' ? await openPasskeys(site) : undefined
  const providers = people === undefined || people.upstream.length === 0 ? [] : await openUpstream(basis, site)
  const certificate = await openCertificates(basis, site, trust)
  return {
    ways: {
      password: people?.password === 'off' ? 'no' : 'yes',
      passkeys,
      upstream: providers,
      certificate: certificate?.login,
      header:
        people?.header && createHeaderLogin(people.header.name, people.header.unknownPeople, site.people, basis.random),
    },
    adding: passkeys,
    pages: {
      ...Object.fromEntries(
        providers.map((provider) => [
          upstreamPath(provider.name),
          (visit: Visit, login: BrowserLogin) => comeBack(site, provider, visit, login),
        ]),
      ),
      ...certificate?.pages,
    },
    asking: certificate?.asking ?? {},
  }
}

async function openPasskeys(site: BrowserSite): Promise<LoginWays['passkeys'] & PasskeyAdding> {
  const { createPasskeys } = await import('../people/passkeys.ts')
  return createPasskeys(site, site.origin, () => site.look().serviceName)
}

async function openUpstream(basis: PeopleBasis, site: BrowserSite): Promise<readonly UpstreamProvider[]> {
  const { createUpstreamProvider } = await import('../people/upstream-provider.ts')
  const ports = { ...site, assertions: basis.assertions, fetch: globalThis.fetch }
  const upstream = basis.configuration().people?.upstream ?? []
  return upstream.map((settings) => createUpstreamProvider(settings, site.origin + upstreamPath(settings.name), ports))
}

/** A person comes back from an upstream provider. */
async function comeBack(
  site: BrowserSite,
  provider: UpstreamProvider,
  visit: Visit,
  login: BrowserLogin,
): Promise<BrowserAnswer> {
  const { correlationId } = visit.request
  const values = { provider: provider.label }
  const finished = await provider.finish(visit.browser, visit.request.parameters)
  if (!finished.ok) {
    const { problem, ticket } = finished.failure
    site.log.loginRefused({ correlationId, way: 'upstream', failure: { provider: provider.name, problem } })
    if (ticket === undefined) return errorAnswer(site, visit, 400, 'error-interaction')
    return login.again(visit, ticket, { key: 'login-upstream-failed', values, status: 400 })
  }
  const { ticket, subject, claims, authentication } = finished.value
  const link = { provider: provider.name, subject }
  const known =
    (await site.people.findByLogin({ kind: 'upstream', value: upstreamName(link) })) ??
    (provider.unknownPeople === 'add' ? await addPerson(site, link, claims) : undefined)
  if (known === undefined || known.person.disabled === true) {
    site.log.loginRefused({ correlationId, way: 'upstream', failure: { reason: 'person_unknown', ...link } })
    return login.again(visit, ticket, { key: 'login-upstream-unknown', values, status: 403 })
  }
  return login.finish(visit, ticket, known, authentication)
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

interface OpenedCertificates {
  readonly login: CertificateLogin
  readonly pages: OpenedWays['pages']
  readonly asking: OpenedWays['asking']
}

async function openCertificates(
  basis: PeopleBasis,
  site: BrowserSite,
  trust: () => ClientAuthenticationPorts | undefined,
): Promise<OpenedCertificates | undefined> {
  const certificates = basis.configuration().people?.certificates
  if (certificates === undefined) return undefined
  const { createCertificateLogin } = await import('../people/certificate-login.ts')
  const origins = { main: site.origin, asking: askingOrigin(site.origin, certificates.host) }
  const login = createCertificateLogin(certificates, origins, {
    people: site.people,
    sealed: site.sealed,
    replays: site.replays,
    trust,
    refused: ({ correlationId, failure }) => site.log.loginRefused({ correlationId, way: 'certificate', failure }),
  })
  const { hostname } = new URL(origins.asking)
  return {
    login,
    pages: {
      '/login/certificate': async (visit, pages) => {
        const handed = await login.finish(visit.browser, visit.request.parameters.get('handover') ?? undefined)
        if (handed === undefined) return errorAnswer(site, visit, 400, 'error-interaction')
        const { ticket, known } = handed
        if (known === undefined) return pages.again(visit, ticket, { key: 'login-certificate-failed', status: 403 })
        const authentication = { time: site.clock.now(), amr: ['sc', 'hwk', 'mfa'], acr: phishingResistant }
        return pages.finish(visit, ticket, known, authentication)
      },
    },
    asking: {
      '/login': {
        endpoint: 'certificate_login',
        methods: {
          GET: {
            kind: 'exchange',
            serve: async ({ host, request, certificate, certificateRefusal }, correlationId) => {
              if (host !== hostname) return notFound
              const query = new URL(request.url ?? '', origins.asking).searchParams
              const shown = { certificate, certificateRefusal, correlationId }
              return seeOther(await login.judge(shown, query.get('handover') ?? undefined))
            },
          },
        },
      },
    },
  }
}

/** The port of the issuer, unless the host has its own. */
function askingOrigin(main: string, host: string): string {
  const { port } = new URL(main)
  return `https://${host.includes(':') || port === '' ? host : `${host}:${port}`}`
}

function upstreamPath(name: string): string {
  return `/login/upstream/${name}`
}

const notFound: BrowserAnswer = {
  status: 404,
  headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' },
  body: '',
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
