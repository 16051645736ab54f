import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { upstreamNames } from '../site-group.ts'
import { jsonWithComments } from '../syntax/json-syntax.ts'
import type { YamlValue } from '../syntax/yaml-syntax.ts'
import { kestrelDeclarations, kestrelMiddleware, kestrelProject, kestrelSetUp } from './kestrel-program.ts'
import { certificateForm, holdfastSettings, kestrelSettings } from './kestrel-settings.ts'
import { tcpUrl } from './tcp-url.ts'

/** YARP on Kestrel: `appsettings.json`, and the small program that reads it. */
export function yarp(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const names = upstreamNames(deployment.sites)
  const settings: YamlValue = {
    Kestrel: kestrelSettings(deployment),
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
    Holdfast: holdfastSettings(deployment),
    Logging: { LogLevel: { Default: 'Warning' } },
  }
  return [
    { name: 'appsettings.json', text: jsonWithComments(openingLines(opening), settings) },
    { name: 'Program.cs', text: program },
    { name: 'holdfast-front.csproj', text: kestrelProject({ 'Yarp.ReverseProxy': '2.3.0' }).join('\n') },
  ]
}

function route(site: ProxySite, deployment: ProxyDeployment, cluster: string): YamlValue {
  const from = site.certificateHeader
  const kept = [from?.header, from?.secret?.header]
  return {
    ClusterId: cluster,
    Order: site.path === undefined ? 1 : 0,
    Match: { Hosts: [`${site.serverName}:${site.port}`], Path: `${site.path ?? ''}/{**all}` },
    Transforms: [
      { RequestHeaderOriginalHost: 'true' },
      ...clearedHeaders(deployment)
        .filter((name) => !kept.includes(name.toLowerCase()))
        .map((name) => ({ RequestHeaderRemove: name })),
      // The transform of YARP writes base64 alone; other forms are written by Program.cs.
      ...(from === undefined || certificateForm(from.preset) !== 'base64'
        ? []
        : [{ ClientCert: writtenName(from.header) }]),
      ...(from?.secret === undefined
        ? []
        : [{ RequestHeader: writtenName(from.secret.header), Set: from.secret.value }]),
    ],
  }
}

const program = String.raw`// Ends TLS and hands on to Holdfast, as appsettings.json says; the same for every deployment.
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Yarp.ReverseProxy.Transforms;

${kestrelSetUp}
builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy")).AddTransforms(transforms =>
    transforms.AddRequestTransform(transform =>
    {
        var site = (Site)transform.HttpContext.Items["holdfast"]!;
        // Plain base64 is written by YARP itself: its transform ClientCert.
        if (site is { CertificateHeader: { } header, CertificateForm: "escaped-pem" or "rfc9440" })
        {
            transform.ProxyRequest.Headers.Remove(header);
            if (Written(transform.HttpContext.Connection.ClientCertificate, site.CertificateForm) is { } value)
                transform.ProxyRequest.Headers.TryAddWithoutValidation(header, value);
        }
        return ValueTask.CompletedTask;
    }));
var app = builder.Build();
${kestrelMiddleware}
app.MapReverseProxy();
app.Run();
${kestrelDeclarations}`

const opening: Opening = {
  title: 'YARP on Kestrel in front of Holdfast: appsettings.json, beside Program.cs and its project.',
  surroundings: [
    '.NET 10; `dotnet publish` once, then run it in the folder of this file: Program.cs is the same for every deployment',
    'never ClientCertificateMode DelayCertificate where a host name of its own can ask: that is renegotiation, TLS 1.2 and HTTP/1.1 only',
    'in a YARP of your own: AllowAnyClientCertificate, the comparison of TLS name and Host, and the clearing of headers on every route as in Program.cs',
    'Holdfast is reached over TCP, so its listeners know YARP by the proxy secret; this file is readable by its user alone',
    'YARP hands on the leaf only: intermediate CAs stand under `trust` in holdfast.yaml',
  ],
  tested: [
    'YARP 2.3.0 on .NET 10.0.12 and Linux: TLS 1.2 and 1.3, HTTP/1.1 and HTTP/2, with the presets yarp (its own transform ClientCert), yarp-x-ssl-cert and rfc9440; path style over TLS 1.2',
  ],
  untested: ['YARP on Windows and macOS, whose TLS is that of the system'],
}
