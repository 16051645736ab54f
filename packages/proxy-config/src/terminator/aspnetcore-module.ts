import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { siteBelow, siteGroups } from '../site-group.ts'
import { element, type XmlNode, xmlText } from '../syntax/xml-syntax.ts'
import { askingBelow, iisSite } from './iis.ts'

/**
 * IIS with the ASP.NET Core Module, which starts Holdfast and hands requests to it; one `web.config` for each site.
 *
 * Where people have a host of their own, that one reaches the same Holdfast through Application Request Routing.
 */
export function aspnetcoreModule(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  return siteGroups(deployment.sites).flatMap((group) =>
    group.sites.map((site) => {
      const below = siteBelow(site, group)
      if (site.role === 'main' && below === undefined) return iisSite(site, undefined, deployment)
      return {
        name: `${site.serverName}.web.config`,
        text: xmlText(openingLines(opening), configuration(site, below, deployment), 'declared'),
      }
    }),
  )
}

function configuration(site: ProxySite, below: ProxySite | undefined, deployment: ProxyDeployment): XmlNode {
  const from = (below ?? site).certificateHeader
  const port = site.upstream.kind === 'unix' ? 0 : site.upstream.port
  const variable = (name: string, value: string): XmlNode => element('environmentVariable', { name, value })
  return element('configuration', {}, [
    element('system.webServer', {}, [
      element('security', {}, [
        element('access', { sslFlags: site.role === 'mtls' ? 'Ssl, SslNegotiateCert' : 'Ssl' }),
        element('requestFiltering', {}, [
          element('requestLimits', { maxAllowedContentLength: String(deployment.bodyBytes) }),
        ]),
      ]),
      element('handlers', {}, [
        element('add', {
          name: 'aspNetCore',
          path: '*',
          verb: '*',
          modules: 'AspNetCoreModuleV2',
          resourceType: 'Unspecified',
        }),
      ]),
      element(
        'aspNetCore',
        {
          processPath: 'node.exe',
          arguments: 'node_modules\\holdfast\\bin\\holdfast.js serve --config holdfast.yaml',
          hostingModel: 'outofprocess',
          forwardWindowsAuthToken: 'false',
          stdoutLogEnabled: 'false',
        },
        [
          element('environmentVariables', {}, [
            variable('ASPNETCORE_PORT', String(port)),
            ...(from?.secret === undefined ? [] : [variable('ASPNETCORE_TOKEN', from.secret.value)]),
          ]),
        ],
      ),
    ]),
    ...(below === undefined ? [] : [askingBelow(below)]),
  ])
}

const opening: Opening = {
  title: 'IIS with the ASP.NET Core Module in front of Holdfast: a web.config in the folder of each site.',
  surroundings: [
    'the ASP.NET Core Hosting Bundle; the site runs in an application pool of its own without managed code, always running; node.exe, node_modules and holdfast.yaml lie in its folder',
    'the module sends its pairing token on each request: say proxy-secret-header: MS-ASPNETCORE-TOKEN and the same proxy-secret-file in holdfast.yaml; it is the ASPNETCORE_TOKEN below, so this file is readable by IIS and its pool alone',
    'the listener is on 127.0.0.1 and the ASPNETCORE_PORT below, between 1025 and 48000, which is the range of the module',
    'the certificate host asks during the handshake: netsh http add sslcert hostnameport=… clientcertnegotiation=enable. Without it IIS renegotiates, which TLS 1.3 and HTTP/2 cannot do; in path style that is the only way: disabletls13=enable disablehttp2=enable on the binding',
    'IIS itself judges certificates: self-signed ones end in 403.16 and cannot be let through, so only tls_client_auth works, with a CA in the stores of Windows',
    'a host of its own for people is served by Application Request Routing (its web.config says what that needs), from the same process',
  ],
  tested: [],
  untested: [
    'everything: no Windows was available; written after the documentation of Microsoft and the source of the module',
  ],
}
