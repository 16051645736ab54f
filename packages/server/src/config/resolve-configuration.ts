import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { fail, ok } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import type {
  ClientConfiguration,
  Configuration,
  HostConfiguration,
  ListenerConfiguration,
  LogDestination,
  ProxyProof,
  TlsConfiguration,
  TrustConfiguration,
} from './configuration.ts'
import type {
  ClientCertificateFile,
  ConfigurationFile,
  DurationText,
  ListenerFile,
  TlsFile,
} from './configuration-file.ts'
import { formatPath } from './configuration-problem.ts'
import { listenAddress } from './listen-address.ts'
import type { ConfigurationSource, UnplacedProblem } from './load-configuration.ts'
import { nearestName } from './nearest-name.ts'

/**
 * Turns the checked file into settings: paths absolute, durations in seconds, names lower case; and holds the rules that span
 * several keys. All problems at once. `readFile` answers the text of a named secret.
 */
export function resolveConfiguration(
  file: ConfigurationFile,
  source: ConfigurationSource,
  directory: string,
  readFile: (path: string) => string | undefined,
): Result<Configuration, { readonly problems: readonly UnplacedProblem[] }> {
  const problems: UnplacedProblem[] = []
  const report: Report = (at, problem, hint) =>
    problems.push({ at, path: formatPath(at), line: undefined, problem, expected: undefined, hint })
  const here: Here = { path: (path) => resolve(directory, path), readFile, report }
  const dangers: string[] = []

  const hosts = resolveHosts(file, here)
  const issuer = checkIssuer(file, hosts, report, dangers)
  const trust = new Map<string, TrustConfiguration>(
    Object.entries(file.trust).map(([name, value]) => [
      name,
      {
        anchors: value.anchors.map(here.path),
        intermediates: value.intermediates.map(here.path),
        extendedKeyUsage: value['extended-key-usage'],
        profile: value.profile,
        revocation: value.revocation && {
          crl: value.revocation.crl.map(here.path),
          whenUnknown: value.revocation['when-unknown'],
        },
      },
    ]),
  )
  const listeners = file.listeners.map((listener, index) =>
    resolveListener(listener, index, hosts, trust, here, dangers),
  )
  const clients = resolveClients(file, hosts, trust, here)
  const management = resolveManagement(file, report)
  const storePath = resolveStore(file.store.url, here)
  const masterKeyFile = file.keys['master-key-file']
  if (masterKeyFile === undefined && storePath !== ':memory:') {
    report(['keys', 'master-key-file'], 'missing: it seals the signing keys in the store', 'holdfast init writes one')
  }
  checkServedHosts(hosts, listeners, report)

  if (problems.length > 0) return fail({ problems })
  return ok({
    source,
    issuer,
    hosts,
    listeners,
    trust,
    clients,
    tokens: {
      accessTokenLifetime: seconds(file.tokens['access-token-lifetime']),
      accessTokenFormat: file.tokens['access-token-format'],
      audience: [file.tokens.audience ?? []].flat(),
      binding: file.tokens.binding,
    },
    keys: {
      algorithm: file.keys.algorithm,
      alsoSignWith: file.keys['also-sign-with'].filter((algorithm) => algorithm !== file.keys.algorithm),
      masterKeyFile: masterKeyFile === undefined ? undefined : here.path(masterKeyFile),
      previousMasterKeyFiles: file.keys['previous-master-key-files'].map(here.path),
      rotateEvery: seconds(file.keys['rotate-every']),
      publishBefore: seconds(file.keys['publish-before']),
      keepAfter: seconds(file.keys['keep-after']),
    },
    store: { path: storePath, busyTimeoutSeconds: seconds(file.store['busy-timeout']) },
    profile: file.profile,
    management: { address: management },
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
      handshakeTimeout: seconds(file.limits['handshake-timeout']),
      headersTimeout: seconds(file.limits['headers-timeout']),
      requestTimeout: seconds(file.limits['request-timeout']),
      keepAliveTimeout: seconds(file.limits['keep-alive-timeout']),
      replayEntries: file.limits['replay-entries'],
      cachedCertificates: file.limits['cached-certificates'],
      jwksUriPrivateAddresses: file.limits['jwks-uri-private-addresses'],
    },
    ui: {
      serviceDocumentation: file.ui['service-documentation'],
      policyUri: file.ui['policy-uri'],
      tosUri: file.ui['tos-uri'],
    },
    dangers,
  })
}

type Report = (at: readonly PropertyKey[], problem: string, hint?: string) => void

interface Here {
  readonly path: (path: string) => string
  readonly readFile: (path: string) => string | undefined
  readonly report: Report
}

function resolveHosts(file: ConfigurationFile, here: Here): ReadonlyMap<string, HostConfiguration> {
  const hosts = new Map<string, HostConfiguration>()
  for (const [written, value] of Object.entries(file.hosts)) {
    const host = written.toLowerCase()
    if (!/^([a-z0-9_-]+\.)*[a-z0-9_-]+(:[0-9]{1,5})?$/.test(host) && !/^\[[0-9a-f:.]+\](:[0-9]{1,5})?$/.test(host)) {
      here.report(['hosts', written], 'not a host name', 'a DNS name, with :PORT in port style; no scheme, no path')
    } else if (hosts.has(host)) {
      here.report(['hosts', written], 'named twice, in different spelling')
    } else {
      hosts.set(host, { role: value.role, tls: resolveTls(value.tls, here) })
    }
  }
  if (![...hosts.values()].some((host) => host.role === 'main')) here.report(['hosts'], 'no host has the role main')
  return hosts
}

function checkIssuer(
  file: ConfigurationFile,
  hosts: ReadonlyMap<string, HostConfiguration>,
  report: Report,
  dangers: string[],
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

function resolveListener(
  listener: ListenerFile,
  index: number,
  hosts: ReadonlyMap<string, HostConfiguration>,
  trust: ReadonlyMap<string, TrustConfiguration>,
  here: Here,
  dangers: string[],
): ListenerConfiguration {
  const at = ['listeners', index]
  const address = listenAddress(listener.address)
  if (address === undefined) {
    here.report([...at, 'address'], 'not an address', 'HOST:PORT, [IPV6]:PORT or unix:/path/of/socket')
  }
  const names = (listener.hosts ?? [...hosts.keys()]).map((name) => name.toLowerCase())
  for (const [position, name] of names.entries()) {
    if (hosts.has(name)) continue
    const near = nearestName(name, hosts.keys())
    here.report([...at, 'hosts', position], `${name} is not in hosts`, near && `did you mean ${near}?`)
  }
  const served = names.filter((name) => hosts.has(name))
  const tls = resolveTls(listener.tls, here)
  const file = listener['client-certificate']
  const unix = address?.kind === 'unix'
  const clientCertificate =
    file === undefined
      ? undefined
      : resolveClientCertificate(file, [...at, 'client-certificate'], unix, trust, here, dangers)
  if (clientCertificate !== undefined && served.some((name) => hosts.get(name)?.role === 'main')) {
    here.report(
      [...at, 'client-certificate'],
      'a listener that takes certificates must not serve a main host',
      'give the main host a listener of its own: one listener per trust level',
    )
  }
  if (listener['proxy-protocol'] === 'optional' && !unix && listener['proxy-protocol-from'] === undefined) {
    here.report(
      [...at, 'proxy-protocol'],
      'optional on a TCP listener lets anyone name his own address',
      'say proxy-protocol-from',
    )
  }
  return {
    address: address?.kind === 'unix' ? { kind: 'unix', path: here.path(address.path) } : (address ?? nowhere),
    tls,
    hosts: served,
    clientCertificate,
    proxyProtocol: listener['proxy-protocol'],
    proxyProtocolFrom: listener['proxy-protocol-from'] ?? [],
    socketMode: Number.parseInt(listener['socket-mode'], 8),
  }
}

function resolveClientCertificate(
  file: ClientCertificateFile,
  at: readonly PropertyKey[],
  unix: boolean,
  trust: ReadonlyMap<string, TrustConfiguration>,
  here: Here,
  dangers: string[],
): ListenerConfiguration['clientCertificate'] {
  const secretFile = file['proxy-secret-file']
  const secret =
    file['proxy-secret'] ?? (secretFile === undefined ? undefined : here.readFile(here.path(secretFile))?.trim())
  const addresses = file['dangerously-trust-addresses']
  const proofs = [file['proxy-secret'], secretFile, file['proxy-trust'], addresses].filter(
    (proof) => proof !== undefined,
  )
  if (proofs.length > 1) here.report(at, 'more than one proof of the proxy', 'choose one')
  if (secretFile !== undefined && (secret === undefined || secret.length < 16)) {
    here.report([...at, 'proxy-secret-file'], 'not readable, or shorter than 16 characters')
  }
  const proxyTrust = file['proxy-trust']
  if (proxyTrust !== undefined && !trust.has(proxyTrust)) {
    here.report([...at, 'proxy-trust'], `there is no trust ${proxyTrust}`, near(proxyTrust, trust.keys()))
  }
  for (const address of addresses ?? []) {
    if (isIP(address.split('/')[0] ?? '') === 0)
      here.report([...at, 'dangerously-trust-addresses'], `${address} is no IP address`)
  }
  if (addresses !== undefined) dangers.push(`${formatPath(at)}.dangerously-trust-addresses`)
  if (proofs.length === 0 && !unix) {
    here.report(
      at,
      'a TCP listener must know its proxy before it believes a header',
      'set proxy-secret-file or proxy-trust, or listen on unix:/path',
    )
  }
  return { from: file.from, header: file.header, proof: proxyProof(file, secret) }
}

function proxyProof(file: ClientCertificateFile, secret: string | undefined): ProxyProof {
  if (secret !== undefined) return { kind: 'secret', header: file['proxy-secret-header'], secret }
  if (file['proxy-trust'] !== undefined) return { kind: 'mutual-tls', trust: file['proxy-trust'] }
  const addresses = file['dangerously-trust-addresses']
  return addresses === undefined ? { kind: 'socket' } : { kind: 'dangerously-address', addresses }
}

function resolveClients(
  file: ConfigurationFile,
  hosts: ReadonlyMap<string, HostConfiguration>,
  trust: ReadonlyMap<string, TrustConfiguration>,
  here: Here,
): readonly ClientConfiguration[] {
  const first = new Map<string, number>()
  const mtlsHost = [...hosts.values()].some((host) => host.role === 'mtls')
  return file.clients.map((record, index) => {
    const at = ['clients', index]
    const { client_secret, client_secret_file, client_secret_hash, disabled, access_token_lifetime, ...rest } = record
    const metadata: Record<string, unknown> = rest
    const clientId = String(metadata['client_id'])
    const before = first.get(clientId)
    if (before !== undefined) here.report([...at, 'client_id'], `${clientId} is already clients[${before}]`)
    first.set(clientId, before ?? index)

    const secrets = [client_secret, client_secret_file, client_secret_hash].filter((secret) => secret !== undefined)
    if (secrets.length > 1) here.report(at, 'more than one of client_secret, client_secret_file and client_secret_hash')
    const fromFile = typeof client_secret_file === 'string' ? here.readFile(here.path(client_secret_file)) : undefined
    if (client_secret_file !== undefined && fromFile === undefined)
      here.report([...at, 'client_secret_file'], 'not readable')
    const method = metadata['token_endpoint_auth_method'] ?? 'client_secret_basic'
    const wantsSecret = method === 'client_secret_basic' || method === 'client_secret_post'
    if (wantsSecret && secrets.length === 0) here.report(at, `${String(method)} needs a client secret`)
    if (!wantsSecret && secrets.length > 0) here.report(at, `${String(method)} takes no client secret`)

    const named = metadata['trust']
    if (typeof named === 'string' && !trust.has(named)) {
      here.report([...at, 'trust'], `there is no trust ${named}`, near(named, trust.keys()))
    }
    if (method === 'tls_client_auth' && named === undefined) {
      if (trust.size === 0) here.report(at, 'tls_client_auth needs a trust that may vouch for this client')
      else
        here.report(
          [...at, 'trust'],
          'missing: which trust may vouch for this client?',
          `one of ${[...trust.keys()].join(', ')}`,
        )
    }
    if ((method === 'tls_client_auth' || method === 'self_signed_tls_client_auth') && !mtlsHost) {
      here.report(
        [...at, 'token_endpoint_auth_method'],
        `${String(method)} needs a host of role mtls`,
        'add one to hosts',
      )
    }
    if (access_token_lifetime !== undefined)
      metadata['access_token_lifetime'] = seconds(access_token_lifetime as DurationText)
    return {
      metadata,
      clientId,
      secret: typeof client_secret === 'string' ? client_secret : fromFile?.replace(/\r?\n$/, ''),
      secretHash: typeof client_secret_hash === 'string' ? client_secret_hash : undefined,
      disabled: disabled === true,
    }
  })
}

function resolveManagement(file: ConfigurationFile, report: Report): Configuration['management']['address'] {
  if (file.management.address === 'off') return undefined
  const address = listenAddress(file.management.address)
  if (address === undefined) report(['management', 'address'], 'not an address', 'HOST:PORT, unix:/path or off')
  return address
}

function resolveStore(url: string, here: Here): string {
  if (url === 'memory:') return ':memory:'
  if (url.startsWith('sqlite:') && url.length > 'sqlite:'.length) return here.path(url.slice('sqlite:'.length))
  here.report(['store', 'url'], 'not a store that we know', 'sqlite:PATH')
  return ':memory:'
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

function resolveTls(tls: TlsFile | undefined, here: Here): TlsConfiguration | undefined {
  return tls === undefined ? undefined : { certificate: here.path(tls.certificate), key: here.path(tls.key) }
}

function logDestination(text: string, here: Here): LogDestination {
  return text === 'stderr' || text === 'stdout' ? { kind: text } : { kind: 'file', path: here.path(text) }
}

/** Seconds of a checked duration. */
function seconds(duration: DurationText): number {
  if (typeof duration === 'number') return duration
  return Number(duration.slice(0, -1)) * (unit[duration.at(-1) ?? 's'] ?? 1)
}

function near(name: string, known: Iterable<string>): string | undefined {
  const nearest = nearestName(name, known)
  return nearest === undefined ? undefined : `did you mean ${nearest}?`
}

const unit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
const nowhere = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const
