import { certificateHeaderSettings } from '@holdfast/edge'
import type { ProxyCertificateHeader, ProxyDeployment, ProxySite, ProxyUpstream } from '@holdfast/proxy-config'
import type { Configuration, ListenerConfiguration } from '@holdfast/server'

/** What the terminator in front of this configuration has to know: one site for each host of each listener. */
export function proxyDeployment(
  configuration: Configuration,
  listeners: 'plain' | 'tls',
  listen: readonly string[],
): ProxyDeployment {
  const sites = configuration.listeners
    .filter(({ tls }) => (tls === undefined) === (listeners === 'plain'))
    .flatMap((listener) => listener.hosts.map((host) => site(host, listener, configuration)))
  return { sites, listen, bodyBytes: configuration.limits.bodyBytes }
}

function site(host: string, listener: ListenerConfiguration, configuration: Configuration): ProxySite {
  const [, serverName = host, port, path] = /^(.*?)(?::([0-9]+))?(\/.*)?$/.exec(host) ?? []
  const own = configuration.hosts.get(host)
  // A path has the certificate of its host.
  const tls = own?.tls ?? (path === undefined ? undefined : configuration.hosts.get(host.slice(0, -path.length))?.tls)
  return {
    serverName,
    port: port === undefined ? 443 : Number(port),
    role: own?.role ?? 'main',
    ...(path === undefined ? {} : { path }),
    tls: tls ?? {
      certificate: `/etc/holdfast/tls/${serverName}.pem`,
      key: `/etc/holdfast/tls/${serverName}.key`,
    },
    upstream: upstream(listener),
    certificateHeader: own?.role === 'mtls' ? certificateHeader(listener) : undefined,
    clientAddressHeader: listener.clientAddressHeader?.toLowerCase(),
  }
}

function upstream({ address, tls, proxyProtocol }: ListenerConfiguration): ProxyUpstream {
  if (address.kind === 'unix') return { kind: 'unix', path: address.path }
  const host = everywhere.has(address.host) ? '127.0.0.1' : address.host
  if (tls === undefined) return { kind: 'tcp', host, port: address.port }
  return { kind: 'tls', host, port: address.port, proxyProtocol }
}

function certificateHeader({ clientCertificate }: ListenerConfiguration): ProxyCertificateHeader | undefined {
  if (clientCertificate === undefined) return undefined
  const { from, header, chainHeader, verdictHeader, proof } = clientCertificate
  const settings = certificateHeaderSettings(
    {
      from,
      ...(header === undefined ? {} : { header }),
      ...(chainHeader === undefined ? {} : { chainHeader }),
      ...(verdictHeader === undefined ? {} : { verdictHeader }),
    },
    'client-certificate',
  )
  return {
    preset: from,
    header: settings.header,
    chainHeader: settings.chainHeader,
    verdictHeader: settings.verdictHeader,
    secret: proof.kind === 'secret' ? { header: proof.header.toLowerCase(), value: proof.secret } : undefined,
  }
}

/** What listens everywhere is reached on this machine. */
const everywhere = new Set(['0.0.0.0', '::'])
