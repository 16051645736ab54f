import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { hostPort, siteGroups, upstreamNames } from '../site-group.ts'
import { jsonWithComments } from '../syntax/json-syntax.ts'
import type { YamlValue } from '../syntax/yaml-syntax.ts'
import { tcpUrl } from './tcp-url.ts'

/** YARP on Kestrel: `appsettings.json`, with who is asked per TLS name. */
export function yarp(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const names = upstreamNames(deployment.sites)
  const addresses = deployment.listen.length === 0 ? ['*'] : deployment.listen
  const settings: YamlValue = {
    Kestrel: {
      Limits: { MaxRequestHeadersTotalSize: 65_536, MaxRequestBodySize: deployment.bodyBytes },
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
                ...group.sites.map((site) => [site.serverName, tlsName(site)] as const),
                // Whoever names no server, or an unknown one.
                ...group.sites.slice(0, 1).map((site) => ['*', tlsName(site)] as const),
              ]),
            },
          ]),
        ),
      ),
    },
    ReverseProxy: {
      Routes: Object.fromEntries(
        deployment.sites.map((site, at) => [`holdfast-${at}`, route(site, deployment, names.get(site) ?? '')]),
      ),
      Clusters: Object.fromEntries(
        deployment.sites.map((site) => [
          names.get(site) ?? '',
          { Destinations: { holdfast: { Address: `${tcpUrl(site)}/` } } },
        ]),
      ),
    },
  }
  return [{ name: 'appsettings.json', text: jsonWithComments(openingLines(opening), settings) }]
}

function tlsName({ role, tls }: ProxySite): YamlValue {
  return {
    ClientCertificateMode: role === 'mtls' ? 'AllowCertificate' : 'NoCertificate',
    Certificate: { Path: tls.certificate, KeyPath: tls.key },
  }
}

function route(site: ProxySite, deployment: ProxyDeployment, cluster: string): YamlValue {
  const from = site.certificateHeader
  const kept = [from?.header, from?.secret?.header]
  return {
    ClusterId: cluster,
    Match: { Hosts: [site.serverName, `${site.serverName}:${site.port}`], Path: '{**all}' },
    Transforms: [
      { RequestHeaderOriginalHost: 'true' },
      ...clearedHeaders(deployment)
        .filter((name) => !kept.includes(name.toLowerCase()))
        .map((name) => ({ RequestHeaderRemove: name })),
      ...(from === undefined ? [] : [{ ClientCert: writtenName(from.header) }]),
      ...(from?.secret === undefined
        ? []
        : [{ RequestHeader: writtenName(from.secret.header), Set: from.secret.value }]),
    ],
  }
}

const opening: Opening = {
  title: 'YARP on Kestrel in front of Holdfast: appsettings.json, which ASP.NET Core reads with its comments.',
  surroundings: [
    '.NET 8 or later; Program.cs: builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy")); app.MapReverseProxy();',
    'and builder.WebHost.ConfigureKestrel(k => k.ConfigureHttpsDefaults(h => h.AllowAnyClientCertificate())): else Kestrel refuses what it does not trust',
    'never ClientCertificateMode DelayCertificate: that is renegotiation, and impossible over HTTP/2',
    'Kestrel does not compare the TLS name with Host: app.Use((c, next) => { if (c.Features.Get<ITlsHandshakeFeature>()?.HostName is { Length: > 0 } n && !n.Equals(c.Request.Host.Host, StringComparison.OrdinalIgnoreCase)) { c.Response.StatusCode = 421; return Task.CompletedTask; } return next(c); }) before MapReverseProxy',
    'Holdfast is reached over TCP, so its listeners know YARP by the proxy secret; the file is readable by its user alone',
    'YARP hands on the leaf only: intermediate CAs stand under `trust` in holdfast.yaml',
  ],
  tested: [],
  untested: ['everything: no .NET SDK was available; written after the documentation and source of YARP and Kestrel'],
}
