import type { Configuration } from '../config/configuration.ts'
import type { LoginApplicationConfiguration } from '../config/resolve-login-application.ts'
import type { UpstreamConfiguration } from '../config/resolve-people.ts'
import type { BrowserSite } from '../http/browser-site.ts'
import type { LoginWays, PasskeyAdding, PasskeyWay } from '../http/login-ways.ts'
import type { CertificateLogin } from '../people/certificate-login.ts'
import { createHeaderLogin } from '../people/header-login.ts'
import type { DecidedLogin, LoginApplication, WaitingLogin } from '../people/login-application.ts'
import type { UpstreamProvider } from '../people/upstream-provider.ts'
import type { PeopleBasis } from './open-people.ts'

/** The ways to log in under one version of the configuration, and what stands behind them. */
export interface OpenedWays {
  readonly ways: LoginWays
  readonly adding: (PasskeyWay & PasskeyAdding) | undefined
  readonly providers: ReadonlyMap<string, UpstreamProvider>
  readonly certificate: CertificateLogin | undefined
  readonly application:
    { readonly application: LoginApplication; readonly proof: LoginApplicationConfiguration['proof'] } | undefined
}

/** Loads what the configured ways need, and nothing of the others. `before`: what has not changed is taken from there. */
export async function openWays(
  configuration: Configuration,
  basis: PeopleBasis,
  site: BrowserSite,
  before?: { readonly configuration: Configuration; readonly opened: OpenedWays },
): Promise<OpenedWays> {
  const { people } = configuration
  const passkeys = people?.passkeys === 'on' ? (before?.opened.adding ?? (await openPasskeys(site))) : undefined
  const providers = new Map<string, UpstreamProvider>()
  for (const settings of people?.upstream ?? [])
    providers.set(settings.name, sameProvider(settings, before) ?? (await openUpstream(settings, basis, site)))
  const certificate = await openCertificates(configuration, basis, site)
  const application = await openApplication(configuration, basis, site)
  return {
    ways: {
      password: people?.password === 'off' ? 'no' : 'yes',
      passkeys,
      upstream: [...providers.values()],
      certificate,
      header:
        people?.header && createHeaderLogin(people.header.name, people.header.unknownPeople, site.people, basis.random),
      application: application?.application,
    },
    adding: passkeys,
    providers,
    certificate,
    application,
  }
}

/** Where browsers come back to from an upstream provider, in front of its name. */
export const upstreamPath = '/login/upstream/'

async function openPasskeys(site: BrowserSite): Promise<PasskeyWay & PasskeyAdding> {
  const { createPasskeys } = await import('../people/passkeys.ts')
  return createPasskeys(site, site.origin, () => site.look().serviceName)
}

/** One that did not change goes on with what it knows of the provider. */
function sameProvider(
  settings: UpstreamConfiguration,
  before: { readonly configuration: Configuration; readonly opened: OpenedWays } | undefined,
): UpstreamProvider | undefined {
  const old = before?.configuration.people?.upstream.find(({ name }) => name === settings.name)
  return JSON.stringify(old) === JSON.stringify(settings) ? before?.opened.providers.get(settings.name) : undefined
}

async function openUpstream(
  settings: UpstreamConfiguration,
  basis: PeopleBasis,
  site: BrowserSite,
): Promise<UpstreamProvider> {
  const { createUpstreamProvider } = await import('../people/upstream-provider.ts')
  const ports = { ...site, assertions: basis.assertions, fetch: globalThis.fetch }
  return createUpstreamProvider(settings, site.origin + upstreamPath + settings.name, ports)
}

async function openCertificates(
  { people }: Configuration,
  basis: PeopleBasis,
  site: BrowserSite,
): Promise<CertificateLogin | undefined> {
  if (people?.certificates === undefined) return undefined
  const { createCertificateLogin } = await import('../people/certificate-login.ts')
  const origins = { main: site.origin, asking: askingOrigin(site.origin, people.certificates.host) }
  return createCertificateLogin(people.certificates, origins, {
    people: site.people,
    sealed: site.sealed,
    replays: site.replays,
    trust: basis.trust,
    refused: async ({ correlationId, certificate, address }, failure, subject) =>
      site.audit.record({
        event: 'login_refused',
        correlationId,
        at: site.clock.now(),
        clientId: undefined,
        certificateThumbprint: certificate?.thumbprint,
        way: 'certificate',
        subject,
        failure,
        address,
      }),
  })
}

async function openApplication(
  { people }: Configuration,
  { stores, random, clock }: PeopleBasis,
  site: BrowserSite,
): Promise<OpenedWays['application']> {
  const settings = people?.loginApplication
  if (settings === undefined) return undefined
  const { createLoginApplication } = await import('../people/login-application.ts')
  const application = createLoginApplication(settings, `${site.origin}/login/application`, {
    waiting: stores.oneTime<WaitingLogin>('login_application'),
    decided: stores.oneTime<DecidedLogin>('login_application_decided'),
    tokens: random,
    people: site.people,
    clock,
  })
  return { application, proof: settings.proof }
}

/** The port of the issuer, unless the host has its own. */
function askingOrigin(main: string, host: string): string {
  const { port } = new URL(main)
  return `https://${host.includes(':') || port === '' ? host : `${host}:${port}`}`
}
