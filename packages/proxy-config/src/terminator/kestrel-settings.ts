import { clearedHeaders } from '../cleared-headers.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { hostPort, siteBelow, type SiteGroup, siteGroups } from '../site-group.ts'
import type { YamlValue } from '../syntax/yaml-syntax.ts'
import { tcpUrl } from './tcp-url.ts'

/** The section `Kestrel` of `appsettings.json`: who is asked for a certificate, per TLS name. */
export function kestrelSettings(deployment: ProxyDeployment): YamlValue {
  const addresses = deployment.listen.length === 0 ? ['*'] : deployment.listen
  return {
    AddServerHeader: false,
    Limits: {
      MaxRequestHeadersTotalSize: 65_536,
      // Beyond what Holdfast takes, so that it can say so itself.
      MaxRequestBodySize: deployment.bodyBytes + 1_048_576,
    },
    Endpoints: Object.fromEntries(
      siteGroups(deployment.sites).flatMap((group) =>
        addresses.map((address, at) => [
          `Holdfast${group.port}${at === 0 ? '' : `_${at}`}`,
          {
            Url: `https://${hostPort(address, group.port)}`,
            Protocols: 'Http1AndHttp2',
            SslProtocols: ['Tls12', 'Tls13'],
            ClientCertificateMode: 'NoCertificate',
            Sni: Object.fromEntries([
              ...group.sites.map((site) => [site.serverName, tlsName(site, group)] as const),
              // Whoever names no server, or an unknown one.
              ...group.sites.slice(0, 1).map((site) => ['*', tlsName(site, group)] as const),
            ]),
          },
        ]),
      ),
    ),
  }
}

/** The section `Holdfast` of `appsettings.json`: what Program.cs reads. */
export function holdfastSettings(deployment: ProxyDeployment): YamlValue {
  return {
    Sites: deployment.sites.map((site) => {
      const from = site.certificateHeader
      return {
        Name: site.serverName,
        Port: site.port,
        Path: site.path ?? '',
        Asks: site.role === 'mtls',
        Upstream: tcpUrl(site),
        ...(site.clientAddressHeader === undefined ? {} : { ClientAddressHeader: site.clientAddressHeader }),
        ...(from === undefined
          ? {}
          : { CertificateHeader: from.header, CertificateForm: certificateForm(from.preset) }),
        ...(from?.secret === undefined ? {} : { SecretHeader: from.secret.header, Secret: from.secret.value }),
      }
    }),
    Cleared: clearedHeaders(deployment),
  }
}

/** How Program.cs writes a certificate for a preset of Holdfast. */
export function certificateForm(preset: string): 'base64' | 'escaped-pem' | 'rfc9440' {
  if (preset === 'rfc9440') return 'rfc9440'
  return preset === 'yarp-x-ssl-cert' ? 'escaped-pem' : 'base64'
}

/** A name below which a path asks can only ask later, by renegotiation: TLS 1.2 and HTTP/1.1 (RFC 9113 §9.2.1). */
function tlsName(site: ProxySite, group: SiteGroup): YamlValue {
  const { role, tls } = site
  const later = siteBelow(site, group) !== undefined
  return {
    ClientCertificateMode: later ? 'DelayCertificate' : role === 'mtls' ? 'AllowCertificate' : 'NoCertificate',
    ...(later ? { Protocols: 'Http1', SslProtocols: ['Tls12'] } : {}),
    Certificate: { Path: tls.certificate, KeyPath: tls.key },
  }
}
