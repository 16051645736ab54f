import { reachedContexts } from '../people/authentication-context.ts'
import type { Proof } from '../people/authentication-context.ts'
import type { Person } from '../people/person.ts'
import { normalizedName } from '../people/person.ts'
import type { HostConfiguration, ListenerConfiguration } from './configuration.ts'
import { durationSeconds } from './duration.ts'
import type { PeopleFile, UiFile } from './people-shape.ts'
import type { Resolution } from './resolution.ts'
import { resolveLoginApplication } from './resolve-login-application.ts'
import type { LoginApplicationConfiguration } from './resolve-login-application.ts'

/** Who can log in, and how. Lengths of time in seconds. */
export interface PeopleConfiguration {
  /** By subject. */
  readonly users: ReadonlyMap<string, Person>
  readonly password: 'on' | 'off'
  readonly passkeys: 'on' | 'off'
  readonly sessionIdle: number
  readonly sessionLifetime: number
  readonly upstream: readonly UpstreamConfiguration[]
  readonly header: { readonly name: string; readonly unknownPeople: 'refuse' | 'add' } | undefined
  readonly certificates:
    | {
        readonly trust: string
        readonly identifyBy: 'email' | 'subject' | 'thumbprint'
        readonly kind: 'certificate' | 'smart-card'
        readonly host: string
      }
    | undefined
  readonly loginApplication: LoginApplicationConfiguration | undefined
  /** `acr` that a login can have, the strongest first; those of upstream providers are not known. */
  readonly contexts: readonly string[]
}

export interface UpstreamConfiguration {
  readonly name: string
  readonly issuer: string
  readonly label: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly scope: string
  readonly unknownPeople: 'refuse' | 'add'
}

/** How pages look and speak; files as absolute paths. */
export interface UiConfiguration {
  readonly serviceDocumentation: string | undefined
  readonly policyUri: string | undefined
  readonly tosUri: string | undefined
  readonly serviceName: string | undefined
  readonly languages: readonly string[]
  readonly texts: Readonly<Record<string, string>>
  readonly scopes: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly theme: Readonly<Record<string, string>>
  readonly stylesheet: string | undefined
  readonly logo: string | undefined
  readonly template: string | undefined
}

/** `people` of the file, with the rules that it must keep. */
export function resolvePeople(
  file: PeopleFile | undefined,
  hosts: ReadonlyMap<string, HostConfiguration>,
  listeners: readonly ListenerConfiguration[],
  trust: readonly string[],
  here: Resolution,
): PeopleConfiguration | undefined {
  if (file === undefined) return undefined
  const header = file.header
  if (header !== undefined) checkHeaderLogin(hosts, listeners, here)
  const sessionIdle = durationSeconds(file['session-idle'])
  const sessionLifetime = durationSeconds(file['session-lifetime'])
  if (sessionIdle < 60) here.report(['people', 'session-idle'], 'shorter than a minute')
  if (sessionLifetime < sessionIdle) here.report(['people', 'session-lifetime'], 'shorter than session-idle')
  const proofs: readonly Proof[] = [
    ...(file.password === 'on' ? (['password', 'code'] as const) : []),
    ...(file.passkeys === 'on' ? (['passkey'] as const) : []),
    ...(file.certificates === undefined ? [] : [file.certificates.kind]),
  ]
  return {
    users: resolveUsers(file, here),
    password: file.password,
    passkeys: file.passkeys,
    sessionIdle,
    sessionLifetime,
    upstream: resolveUpstream(file, here),
    header: header && { name: header.name.toLowerCase(), unknownPeople: header['unknown-people'] },
    certificates: resolveCertificates(file, hosts, trust, here),
    loginApplication: resolveLoginApplication(file, hosts, trust, here),
    contexts: [...new Set([...reachedContexts(proofs), ...(file['login-application']?.['acr-values'] ?? [])])],
  }
}

/** `ui` of the file. */
export function resolveUi(file: UiFile, here: Resolution): UiConfiguration {
  const path = (written: string | undefined): string | undefined =>
    written === undefined ? undefined : here.path(written)
  return {
    serviceDocumentation: file['service-documentation'],
    policyUri: file['policy-uri'],
    tosUri: file['tos-uri'],
    serviceName: file['service-name'],
    languages: file.languages,
    texts: Object.fromEntries(Object.entries(file.texts).map(([tag, written]) => [tag, here.path(written)])),
    scopes: file.scopes,
    theme: file.theme,
    stylesheet: path(file.stylesheet),
    logo: path(file.logo),
    template: path(file.template),
  }
}

function resolveUsers(file: PeopleFile, here: Resolution): ReadonlyMap<string, Person> {
  const users = new Map<string, Person>()
  const names = new Map<string, number>()
  for (const [index, user] of file.users.entries()) {
    const at = ['people', 'users', index]
    if (users.has(user.subject)) here.report([...at, 'subject'], `${user.subject} is there twice`)
    const name = user.username && normalizedName(user.username)
    const before = name === undefined ? undefined : names.get(name)
    if (before !== undefined) here.report([...at, 'username'], `${user.username} is already people.users[${before}]`)
    if (name !== undefined) names.set(name, before ?? index)
    if (user.password_hash !== undefined && !user.password_hash.startsWith('$argon2id$'))
      here.report([...at, 'password_hash'], 'not an argon2id hash in PHC form', 'holdfast user hash prints one')
    if (Object.hasOwn(user.claims, 'sub')) here.report([...at, 'claims', 'sub'], 'the subject says it')
    for (const provider of Object.keys(user.upstream))
      if (!Object.hasOwn(file.upstream, provider)) here.report([...at, 'upstream', provider], 'not in people.upstream')
    for (const [position, certificate] of user.certificates.entries())
      if (!/^(email|subject|x5t#S256):./.test(certificate))
        here.report(
          [...at, 'certificates', position],
          'not the name of a certificate',
          'email:…, subject:… or x5t#S256:…',
        )
    users.set(user.subject, {
      claims: user.claims,
      passkeys: [],
      upstream: Object.entries(user.upstream).map(([provider, subject]) => ({ provider, subject })),
      certificates: user.certificates,
      ...(user.username === undefined ? {} : { userName: user.username }),
      ...(user.password_hash === undefined ? {} : { passwordHash: user.password_hash }),
      ...(user.disabled ? { disabled: true } : {}),
    })
  }
  return users
}

function resolveUpstream(file: PeopleFile, here: Resolution): readonly UpstreamConfiguration[] {
  return Object.entries(file.upstream).map(([name, upstream]) => {
    const at = ['people', 'upstream', name]
    const url = URL.canParse(upstream.issuer) ? new URL(upstream.issuer) : undefined
    const loopback = url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
    if (url?.protocol !== 'https:' && !loopback)
      here.report([...at, 'issuer'], 'not an https URL', 'OpenID Connect Discovery §3')
    const secretFile = upstream['client-secret-file']
    const clientSecret = secretFile === undefined ? undefined : here.readFile(here.path(secretFile))?.trim()
    if (secretFile !== undefined && (clientSecret ?? '') === '')
      here.report([...at, 'client-secret-file'], 'not readable, or empty')
    if (!upstream.scope.split(' ').includes('openid')) here.report([...at, 'scope'], 'openid is missing')
    return {
      name,
      issuer: upstream.issuer,
      label: upstream.label ?? url?.hostname ?? name,
      clientId: upstream['client-id'],
      clientSecret,
      scope: upstream.scope,
      unknownPeople: upstream['unknown-people'],
    }
  })
}

/** Whoever reaches the listener past the proxy could say that he is anybody. */
function checkHeaderLogin(
  hosts: ReadonlyMap<string, HostConfiguration>,
  listeners: readonly ListenerConfiguration[],
  here: Resolution,
): void {
  const open = listeners.findIndex(
    ({ address, hosts: served }) => address.kind !== 'unix' && served.some((host) => hosts.get(host)?.role === 'main'),
  )
  if (open !== -1)
    here.report(
      ['people', 'header'],
      `listeners[${open}] serves a main host over TCP, where anybody could send the header`,
      'reach every main host by unix:/path, from the proxy that sets the header and nobody else',
    )
}

function resolveCertificates(
  file: PeopleFile,
  hosts: ReadonlyMap<string, HostConfiguration>,
  trust: readonly string[],
  here: Resolution,
): PeopleConfiguration['certificates'] {
  if (file.certificates === undefined) return undefined
  const at = ['people', 'certificates']
  const host = [...hosts].find(([, { login }]) => login === 'certificate')?.[0]
  if (host === undefined)
    here.report(
      at,
      'no host has the role login-certificate',
      'add one to hosts: people are asked for a certificate there',
    )
  if (!trust.includes(file.certificates.trust))
    here.report([...at, 'trust'], `${file.certificates.trust} is not in trust`)
  const { kind, 'identify-by': identifyBy } = file.certificates
  return { trust: file.certificates.trust, identifyBy, kind, host: host ?? '' }
}
