import type { RegistrationRules } from '@holdfast/core'
import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import type { Configuration, HostConfiguration, ListenerConfiguration, LogDestination } from './configuration.ts'
import type { ConfigurationFile } from './configuration-file.ts'
import { configuredClients } from './configured-clients.ts'
import type { ConfiguredClients } from './configured-clients.ts'
import { durationSeconds } from './duration.ts'
import { listenAddress } from './listen-address.ts'
import type { ConfigurationSource } from './load-configuration.ts'
import { nearestName } from './nearest-name.ts'
import { resolveAuthorization, securityProfile } from './resolve-authorization.ts'
import { registrationRules, resolveClients } from './resolve-clients.ts'
import type { ResolvedClient } from './resolve-clients.ts'
import { resolveListener, resolveTls } from './resolve-listener.ts'
import { checkProxyTrust, resolveTrust } from './resolve-trust.ts'
import { resolveStore } from './resolve-store.ts'
import { resolveRegistration } from './resolve-registration.ts'
import { resolvePeople, resolveUi } from './resolve-people.ts'
import { createResolution } from './resolution.ts'
import type { Report, Resolution, UnplacedProblem } from './resolution.ts'

/** Puts the clients together: by `resolve` those of the file, with every problem of every one. */
export type TakeClients = (resolve: () => readonly ResolvedClient[], rules: RegistrationRules) => ConfiguredClients

/**
 * Turns the checked file into settings: paths absolute, durations in seconds, names lower case; and holds the rules that span
 * several keys. All problems at once. `readFile` answers the text of a named secret.
 */
export function resolveConfiguration(
  file: ConfigurationFile,
  source: ConfigurationSource,
  directory: string,
  readFile: (path: string) => string | undefined,
  take: TakeClients = (resolve) => configuredClients(resolve().map(({ client }) => client)),
): Result<Configuration, { readonly problems: readonly UnplacedProblem[] }> {
  const here = createResolution(directory, readFile)
  const { report, dangers } = here

  const hosts = resolveHosts(file, here)
  const issuer = checkIssuer(file, hosts, here)
  const trust = resolveTrust(file, here)
  const listeners = file.listeners.map((listener, index) =>
    resolveListener(listener, index, hosts, [...trust.keys()], here),
  )
  checkProxyTrust(listeners, trust, here)
  const rules = registrationRules(file, hosts, trust)
  const clients = take(() => resolveClients(file, rules, here), rules)
  const people = resolvePeople(file.people, hosts, listeners, [...trust.keys()], here)
  const registration = resolveRegistration(file, rules, here)
  const management = resolveManagement(file, report)
  const doctor = resolveDoctor(file, here)
  const store = resolveStore(file.store, here)
  const masterKeyFile = file.keys['master-key-file']
  if (masterKeyFile === undefined && !(store.kind === 'sqlite' && store.path === ':memory:')) {
    report(['keys', 'master-key-file'], 'missing: it seals the signing keys in the store', 'holdfast init writes one')
  }
  if (securityProfile(file) !== 'none' && file.keys.algorithm === 'RS256') {
    report(['keys', 'algorithm'], `RS256 is not allowed by the profile ${file.profile}`, 'ES256, EdDSA or PS256')
  }
  if (securityProfile(file) === 'brazil' && file.keys['request-encryption'] === 'EC') {
    report(['keys', 'request-encryption'], 'Open Finance Brasil encrypts with RSA-OAEP only', 'RSA')
  }
  if (file.tokens.dpop === 'offered-with-nonce' && masterKeyFile === undefined) {
    report(['tokens', 'dpop'], 'nonces are made with the master key: keys.master-key-file', 'holdfast init writes one')
  }
  const authorization = resolveAuthorization(file, here)
  checkServedHosts(hosts, listeners, report)

  if (here.problems.length > 0) return fail({ problems: here.problems })
  return ok({
    source,
    issuer,
    hosts,
    listeners,
    trust,
    clients,
    tokens: {
      accessTokenLifetime: durationSeconds(file.tokens['access-token-lifetime']),
      accessTokenFormat: file.tokens['access-token-format'],
      audience: file.tokens.audience ?? issuer,
      binding: file.tokens.binding,
      dpop: file.tokens.dpop,
      encryptedAnswers: file.tokens['encrypted-answers'],
    },
    authorization,
    keys: {
      algorithm: file.keys.algorithm,
      requestEncryption: file.keys['request-encryption'],
      masterKeyFile: masterKeyFile === undefined ? undefined : here.path(masterKeyFile),
      previousMasterKeyFiles: file.keys['previous-master-key-files'].map(here.path),
      rotateEvery: durationSeconds(file.keys['rotate-every']),
      publishBefore: durationSeconds(file.keys['publish-before']),
      keepAfter: durationSeconds(file.keys['keep-after']),
    },
    store,
    profile: securityProfile(file),
    registration,
    management: { address: management, doctor },
    log: { level: file.log.level, destination: logDestination(file.log.destination, here) },
    audit: {
      destination: file.audit.destination === 'off' ? undefined : logDestination(file.audit.destination, here),
      chain: file.audit.chain,
    },
    limits: {
      workers: file.limits.workers,
      bodyBytes: file.limits['body-bytes'],
      connections: file.limits.connections,
      handshakes: file.limits.handshakes,
      handshakesPerAddress: file.limits['handshakes-per-address'],
      handshakeTimeout: durationSeconds(file.limits['handshake-timeout']),
      headersTimeout: durationSeconds(file.limits['headers-timeout']),
      requestTimeout: durationSeconds(file.limits['request-timeout']),
      keepAliveTimeout: durationSeconds(file.limits['keep-alive-timeout']),
      replayEntries: file.limits['replay-entries'],
      cachedCertificates: file.limits['cached-certificates'],
      jwksUriPrivateAddresses: file.limits['jwks-uri-private-addresses'],
    },
    people,
    ui: resolveUi(file.ui, here),
    dangers,
    advice: here.advice,
  })
}

function resolveHosts(file: ConfigurationFile, here: Resolution): ReadonlyMap<string, HostConfiguration> {
  const hosts = new Map<string, HostConfiguration>()
  for (const [written, value] of Object.entries(file.hosts)) {
    const host = written.toLowerCase()
    if (!hostName.test(host) && !ipv6Literal.test(host)) {
      const hint = `a DNS name, with :PORT in port style or ${mtlsPath} in path style; no scheme`
      here.report(['hosts', written], 'not a host name', hint)
    } else if (hosts.has(host)) {
      here.report(['hosts', written], 'named twice, in different spelling')
    } else {
      const tls = resolveTls(value.tls, here)
      const { role } = value
      hosts.set(host, role === 'login-certificate' ? { role: 'mtls', tls, login: 'certificate' } : { role, tls })
    }
  }
  if (![...hosts.values()].some((host) => host.role === 'main')) here.report(['hosts'], 'no host has the role main')
  checkAskingHosts(hosts, here)
  for (const [host, { role, tls }] of hosts) if (host.endsWith(mtlsPath)) checkPathHost(host, role, tls, hosts, here)
  return hosts
}

/** Where people are asked for certificates nothing else is served, so the host must be told from the one of clients by its name. */
function checkAskingHosts(hosts: ReadonlyMap<string, HostConfiguration>, { report }: Resolution): void {
  const named = [...hosts].map(([host, { role, login }]) => ({
    host,
    role,
    login,
    name: host.replace(/(:[0-9]+)?(\/mtls)?$/, ''),
  }))
  const [first, ...more] = named.filter(({ login }) => login !== undefined)
  for (const { host } of more) report(['hosts', host, 'role'], `${first?.host ?? ''} is the host for this already`)
  const shared = named.find(({ name, role, login }) => name === first?.name && role === 'mtls' && login === undefined)
  if (first !== undefined && shared !== undefined)
    report(
      ['hosts', first.host, 'role'],
      `${shared.host} has the same name`,
      'people and clients need names of their own',
    )
}

function checkPathHost(
  host: string,
  role: HostConfiguration['role'],
  tls: HostConfiguration['tls'],
  hosts: ReadonlyMap<string, HostConfiguration>,
  { report }: Resolution,
): void {
  const name = host.slice(0, -mtlsPath.length)
  if (role !== 'mtls') report(['hosts', host, 'role'], 'a path is there to ask for certificates', 'role: mtls')
  if (tls !== undefined) report(['hosts', host, 'tls'], `a path has the certificate of its host`, `say it at ${name}`)
  if (hosts.get(name)?.role !== 'main') report(['hosts', host], `its host ${name} is no host of role main`)
}

function checkIssuer(
  file: ConfigurationFile,
  hosts: ReadonlyMap<string, HostConfiguration>,
  { report, dangers }: Resolution,
): string {
  const url = URL.canParse(file.issuer) ? new URL(file.issuer) : undefined
  if (url === undefined) {
    report(['issuer'], 'not a URL')
    return file.issuer
  }
  const http = url.protocol === 'http:' && file['dangerously-allow-http-issuer']
  if (http) dangers.push('dangerously-allow-http-issuer')
  if (url.protocol !== 'https:' && !http) report(['issuer'], 'must be https', 'RFC 8414 §2')
  if (/[?#]/.test(file.issuer) || url.username !== '' || url.password !== '') {
    report(['issuer'], 'must have no query, fragment or user', 'RFC 8414 §2')
  }
  if (url.pathname !== '/' || file.issuer.endsWith('/')) {
    report(['issuer'], 'must have no path and no slash at its end', `write ${url.origin}`)
  } else if (file.issuer !== url.origin) {
    report(['issuer'], 'not in its normal form', `write ${url.origin}`)
  }
  const host = hosts.get(url.host) ?? hosts.get(url.hostname)
  if (host?.role !== 'main') {
    const near = nearestName(url.host, hosts.keys())
    report(['issuer'], `its host ${url.host} is no host of role main`, near && `did you mean ${near}?`)
  }
  return file.issuer
}

function resolveManagement(file: ConfigurationFile, report: Report): Configuration['management']['address'] {
  if (file.management.address === 'off') return undefined
  const address = listenAddress(file.management.address)
  if (address === undefined) report(['management', 'address'], 'not an address', 'HOST:PORT, unix:/path or off')
  return address
}

function resolveDoctor(file: ConfigurationFile, here: Resolution): Configuration['management']['doctor'] {
  const tokenFile = file.management['doctor-token-file']
  if (tokenFile === undefined) return undefined
  const token = here.readFile(here.path(tokenFile))?.trim() ?? ''
  if (token.length < minimumDoctorToken) {
    here.report(
      ['management', 'doctor-token-file'],
      `not readable, or shorter than ${minimumDoctorToken} characters`,
      'openssl rand -base64 32 > FILE',
    )
  }
  return { token, validFor: durationSeconds(file.management['doctor-valid-for']) }
}

function checkServedHosts(
  hosts: ReadonlyMap<string, HostConfiguration>,
  listeners: readonly ListenerConfiguration[],
  report: Report,
): void {
  const served = new Set(listeners.flatMap((listener) => listener.hosts))
  for (const name of hosts.keys()) {
    if (!served.has(name)) report(['hosts', name], 'served by no listener', 'name it in the hosts of a listener')
  }
}

const hostName = /^([a-z0-9_-]+\.)*[a-z0-9_-]+(:[0-9]{1,5})?(\/mtls)?$/
const ipv6Literal = /^\[[0-9a-f:.]+\](:[0-9]{1,5})?$/
/** The one path below which certificates are asked for. */
const mtlsPath = '/mtls'

function logDestination(text: string, here: Resolution): LogDestination {
  return text === 'stderr' || text === 'stdout' ? { kind: text } : { kind: 'file', path: here.path(text) }
}

/** 192 bits in base64. */
const minimumDoctorToken = 32
