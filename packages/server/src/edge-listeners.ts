import type {
  EdgeLimits,
  Exchange,
  ListenerOptions,
  PlainListenerOptions,
  TlsListenerOptions,
  TlsNameCertificate,
} from '@holdfast/edge'
import type { AnchorSet } from '@holdfast/x509'
import type { Configuration, ListenerConfiguration } from './config/configuration.ts'
import { identityName, towardsProxy } from './material/load-material.ts'
import type { ProxyRevocation } from './revocation/proxy-revocation.ts'

/** A TLS name that is served beside those of the configuration: an API on the port of the server, for instance. */
export interface FurtherHost extends TlsNameCertificate {
  readonly serverName: string
  /** `mtls` asks for a client certificate. */
  readonly role: 'main' | 'mtls'
  readonly handler: (exchange: Exchange) => void
}

/** What vouches for proxies. */
export interface ProxyTrusts {
  /** The anchors of a trust profile as they are now. */
  readonly anchors: (trust: string) => AnchorSet
  /** Whether it knows of a revocation. */
  readonly revocation: (trust: string) => ProxyRevocation
}

/** The listeners of the configuration as the edge wants them. */
export function edgeListeners(
  configuration: Configuration,
  identities: ReadonlyMap<string, TlsNameCertificate>,
  trusts: ProxyTrusts,
  furtherHosts: readonly FurtherHost[] = [],
): readonly ListenerOptions[] {
  return configuration.listeners.map((listener, index) =>
    listener.tls === undefined || listener.clientCertificate !== undefined
      ? plainListener(listener, index, configuration, identities.get(identityName(index, towardsProxy)), trusts)
      : tlsListener(listener, index, configuration, identities, furtherHosts),
  )
}

/** The name of a listener in logs, metrics and for replacing its certificates. */
export function listenerName(listener: ListenerConfiguration, index: number): string {
  const { address } = listener
  return address.kind === 'unix' ? `${index}:${address.path}` : `${index}:${address.host}:${address.port}`
}

/** `mtls.example.com` and 8443 of `mtls.example.com:8443`; in path style also `/mtls` of `example.com/mtls`. */
export function hostAndPort(host: string): {
  readonly name: string
  readonly port: number | undefined
  readonly path: string | undefined
} {
  const slash = host.indexOf('/')
  const path = slash < 0 ? undefined : host.slice(slash)
  const authority = slash < 0 ? host : host.slice(0, slash)
  const port = /:([0-9]+)$/.exec(authority)?.[1]
  if (port === undefined) return { name: authority, port, path }
  return { name: authority.slice(0, -port.length - 1), port: Number(port), path }
}

export function edgeLimits(limits: Configuration['limits']): Partial<EdgeLimits> {
  return {
    handshakeTimeout: limits.handshakeTimeout * 1000,
    headersTimeout: limits.headersTimeout * 1000,
    requestTimeout: limits.requestTimeout * 1000,
    keepAliveTimeout: limits.keepAliveTimeout * 1000,
    maxConnections: limits.connections,
    maxHandshakes: limits.handshakes,
    maxHandshakesPerAddress: limits.handshakesPerAddress,
  }
}

function tlsListener(
  listener: ListenerConfiguration,
  index: number,
  configuration: Configuration,
  identities: ReadonlyMap<string, TlsNameCertificate>,
  furtherHosts: readonly FurtherHost[],
): TlsListenerOptions {
  const { address } = listener
  if (address.kind === 'unix') throw new TypeError(`listeners[${index}]: a Unix socket has no TLS`)
  const names = listener.hosts.map((host) => {
    const { name, port } = hostAndPort(host)
    const identity = identities.get(identityName(index, host))
    if (identity === undefined) throw new TypeError(`listeners[${index}]: no certificate for ${host}`)
    const role = roleOf(configuration, host)
    return { serverName: name, role, ...identity, ...(port === undefined ? {} : { publicPort: port }) }
  })
  const main = names.find(({ role }) => role === 'main')?.serverName
  return {
    kind: 'tls',
    name: listenerName(listener, index),
    address: { host: address.host, port: address.port },
    names: [...names, ...furtherHosts.map(({ handler: _, ...name }) => name)],
    ...(listener.withoutServerName === 'main' && main !== undefined ? { otherwise: { main } } : {}),
    ...(listener.proxyProtocol === undefined ? {} : { proxyProtocol: listener.proxyProtocol }),
  }
}

function plainListener(
  listener: ListenerConfiguration,
  index: number,
  configuration: Configuration,
  identity: TlsNameCertificate | undefined,
  trusts: ProxyTrusts,
): PlainListenerOptions {
  const { address, clientCertificate } = listener
  return {
    kind: 'plain',
    name: listenerName(listener, index),
    address:
      address.kind === 'unix'
        ? { path: address.path, mode: listener.socketMode }
        : { host: address.host, port: address.port },
    hosts: listener.hosts.map((host) => {
      const { name, port, path } = hostAndPort(host)
      return {
        host: name,
        role: roleOf(configuration, host),
        ...(port === undefined ? {} : { publicPort: port }),
        ...(path === undefined ? {} : { path }),
      }
    }),
    ...(clientCertificate === undefined ? {} : { clientCertificate: headerOptions(clientCertificate) }),
    ...proofOptions(clientCertificate, identity, trusts),
    ...(listener.clientAddressHeader === undefined ? {} : { clientAddressHeader: listener.clientAddressHeader }),
    ...(listener.proxyProtocol === undefined ? {} : { proxyProtocol: listener.proxyProtocol }),
  }
}

function headerOptions(
  from: NonNullable<ListenerConfiguration['clientCertificate']>,
): NonNullable<PlainListenerOptions['clientCertificate']> {
  const { header, chainHeader, verdictHeader } = from
  return {
    from: from.from,
    verdict: from.verdict,
    xfccElement: from.xfccElement,
    ...(header === undefined ? {} : { header }),
    ...(chainHeader === undefined ? {} : { chainHeader }),
    ...(verdictHeader === undefined ? {} : { verdictHeader }),
  }
}

function proofOptions(
  from: ListenerConfiguration['clientCertificate'],
  tls: TlsNameCertificate | undefined,
  trusts: ProxyTrusts,
): Pick<PlainListenerOptions, 'proof'> {
  switch (from?.proof.kind) {
    case 'secret':
      return { proof: { secretHeader: from.proof.header, secrets: secretsOf(from.proof) } }
    case 'certificate':
      return { proof: { tls: presentIdentity(tls), proxyCertificate: { thumbprints: from.proof.thumbprints } } }
    case 'vouched-certificate': {
      const { trust, name } = from.proof
      const proxyCertificate = { anchors: () => trusts.anchors(trust), name, revocation: trusts.revocation(trust) }
      return { proof: { tls: presentIdentity(tls), proxyCertificate } }
    }
    case 'dangerously-address':
      return { proof: { dangerouslyTrustedAddresses: from.proof.addresses } }
    case 'socket':
    case undefined:
      return {}
  }
}

function secretsOf({ secret, previous }: { readonly secret: string; readonly previous: string | undefined }): string[] {
  return previous === undefined ? [secret] : [secret, previous]
}

function presentIdentity(identity: TlsNameCertificate | undefined): TlsNameCertificate {
  if (identity === undefined) throw new TypeError('listeners: no certificate to show to the proxy')
  return identity
}

function roleOf(configuration: Configuration, host: string): 'main' | 'mtls' {
  const found = configuration.hosts.get(host)
  if (found === undefined) throw new TypeError(`hosts: ${host} is not configured`)
  return found.role
}
