import type { HostConfiguration } from './configuration.ts'
import type { LoginApplicationFile, PeopleFile } from './people-shape.ts'
import type { Resolution } from './resolution.ts'

/** A login application of the operator's own. */
export interface LoginApplicationConfiguration {
  /** Where browsers are sent, with the handle behind. */
  readonly url: string
  readonly label: string
  /** How the application proves itself when it says who has logged in. */
  readonly proof:
    | { readonly kind: 'secret'; readonly secret: string }
    | { readonly kind: 'certificate'; readonly trust: string; readonly dns: string }
  readonly unknownPeople: 'refuse' | 'add'
  /** Every `acr` that it may say. */
  readonly acrValues: readonly string[]
  readonly start: 'button' | 'at-once'
}

/** `people.login-application` of the file, with the rules that it must keep. */
export function resolveLoginApplication(
  people: PeopleFile,
  hosts: ReadonlyMap<string, HostConfiguration>,
  trust: readonly string[],
  here: Resolution,
): LoginApplicationConfiguration | undefined {
  const file = people['login-application']
  if (file === undefined) return undefined
  const url = checkedUrl(file, hosts, here)
  for (const [index, acr] of file['acr-values'].entries())
    if (/\s/.test(acr))
      here.report([...at, 'acr-values', index], 'has a blank in it', 'acr_values are told apart by blanks')
  if (file.start === 'at-once') checkAlone(people, here)
  return {
    url: file.url,
    label: file.label ?? url?.hostname ?? '',
    proof: proofOf(file, hosts, trust, here),
    unknownPeople: file['unknown-people'],
    acrValues: file['acr-values'],
    start: file.start,
  }
}

function checkedUrl(
  file: LoginApplicationFile,
  hosts: ReadonlyMap<string, HostConfiguration>,
  here: Resolution,
): URL | undefined {
  const url = URL.canParse(file.url) ? new URL(file.url) : undefined
  const loopback = url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
  const report = (problem: string, hint?: string): undefined => here.report([...at, 'url'], problem, hint)
  if (url === undefined || (url.protocol !== 'https:' && !loopback))
    return report('not an https URL', 'the handle travels in it')
  if (url.username !== '' || url.password !== '' || url.hash !== '') report('has a user or a fragment in it')
  if (url.searchParams.has('handle')) report('has a parameter handle already')
  const asks = [...hosts].some(([host, { role }]) => role === 'mtls' && host.replace(/:[0-9]+$/, '') === url.hostname)
  if (asks) report('is a host that asks for certificates', 'browsers would be asked for one there')
  return url
}

function proofOf(
  file: LoginApplicationFile,
  hosts: ReadonlyMap<string, HostConfiguration>,
  trust: readonly string[],
  here: Resolution,
): LoginApplicationConfiguration['proof'] {
  const { certificate } = file
  const secretFile = file['secret-file']
  if ((certificate === undefined) === (secretFile === undefined))
    here.report(at, 'wants one proof of who the application is', 'either secret-file or certificate')
  if (certificate !== undefined) {
    if (!trust.includes(certificate.trust))
      here.report([...at, 'certificate', 'trust'], `${certificate.trust} is not in trust`)
    if (![...hosts.values()].some(({ role, login }) => role === 'mtls' && login === undefined))
      here.report([...at, 'certificate'], 'no host has the role mtls, where the application could show it')
    return { kind: 'certificate', trust: certificate.trust, dns: certificate.dns.toLowerCase() }
  }
  const secret = secretFile === undefined ? undefined : here.readFile(here.path(secretFile))?.trim()
  if (secretFile !== undefined && !bearerToken.test(secret ?? ''))
    here.report(
      [...at, 'secret-file'],
      'not readable, shorter than 32 characters, or with a blank in it',
      'openssl rand -base64 32',
    )
  return { kind: 'secret', secret: secret ?? '' }
}

/** Who is sent on at once never sees the other ways. */
function checkAlone(people: PeopleFile, here: Resolution): void {
  const others = [
    ...(people.password === 'on' ? ['password'] : []),
    ...(people.passkeys === 'on' ? ['passkeys'] : []),
    ...(Object.keys(people.upstream).length > 0 ? ['upstream'] : []),
    ...(people.certificates === undefined ? [] : ['certificates']),
    ...(people.header === undefined ? [] : ['header']),
  ]
  if (others.length > 0)
    here.report([...at, 'start'], `at-once would hide ${others.join(', ')}`, 'start: button, or switch them off')
}

const at = ['people', 'login-application']

/** RFC 6750 §2.1, with at least 192 bits in base64. */
const bearerToken = /^[A-Za-z0-9._~+/=-]{32,512}$/
