import { clearedHeaders } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { siteBelow, siteGroups } from '../site-group.ts'
import { element, type XmlNode, xmlText } from '../syntax/xml-syntax.ts'
import { tcpUrl } from './tcp-url.ts'

/** IIS with Application Request Routing: one `web.config` for each site. */
export function iis(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  return siteGroups(deployment.sites).flatMap((group) =>
    group.sites.map((site) => iisSite(site, siteBelow(site, group), deployment)),
  )
}

/** The `web.config` of one site, by Application Request Routing; `below`: what it asks for below a path. */
export function iisSite(site: ProxySite, below: ProxySite | undefined, deployment: ProxyDeployment): ProxyConfigFile {
  return {
    name: `${site.serverName}.web.config`,
    text: xmlText(openingLines(opening), configuration(site, below, deployment), 'declared'),
  }
}

function configuration(site: ProxySite, below: ProxySite | undefined, deployment: ProxyDeployment): XmlNode {
  const asking = site.role === 'mtls'
  const set = (name: string, value: string): XmlNode =>
    element('set', { name: `HTTP_${name.toUpperCase().replaceAll('-', '_')}`, value })
  const rule = (name: string, to: ProxySite, pattern: string): XmlNode => {
    const from = to.certificateHeader
    const cleared = clearedHeaders(deployment).filter(
      (header) => header.toLowerCase() !== from?.header && header.toLowerCase() !== from?.secret?.header,
    )
    return element('rule', { name, stopProcessing: 'true' }, [
      element('match', { url: pattern }),
      element('conditions', {}, [element('add', { input: '{HTTP_HOST}', pattern: hostPattern(site) })]),
      element('serverVariables', {}, [
        ...cleared.map((header) => set(header, '')),
        ...(from?.secret === undefined ? [] : [set(from.secret.header, from.secret.value)]),
      ]),
      element('action', { type: 'Rewrite', url: `${tcpUrl(to)}/{R:0}`, appendQueryString: 'true' }),
    ])
  }
  return element('configuration', {}, [
    element('system.webServer', {}, [
      element('security', {}, [
        element('access', { sslFlags: asking ? 'Ssl, SslNegotiateCert' : 'Ssl' }),
        element('requestFiltering', {}, [
          element('requestLimits', { maxAllowedContentLength: String(deployment.bodyBytes) }),
        ]),
      ]),
      element('rewrite', {}, [
        element('rules', {}, [
          ...(below === undefined ? [] : [rule('HoldfastBelow', below, `^${(below.path ?? '').slice(1)}(/.*)?$`)]),
          rule('Holdfast', site, '.*'),
          element('rule', { name: 'Misdirected', stopProcessing: 'true' }, [
            element('match', { url: '.*' }),
            element('action', {
              type: 'CustomResponse',
              statusCode: '421',
              statusReason: 'Misdirected Request',
              statusDescription: 'This host is not served here',
            }),
          ]),
        ]),
      ]),
    ]),
    ...(below === undefined ? [] : [askingBelow(below)]),
  ])
}

/** IIS asks below a path by renegotiation. */
export function askingBelow({ path = '' }: ProxySite): XmlNode {
  return element('location', { path: path.slice(1) }, [
    element('system.webServer', {}, [
      element('security', {}, [element('access', { sslFlags: 'Ssl, SslNegotiateCert' })]),
    ]),
  ])
}

function hostPattern({ serverName }: ProxySite): string {
  return `^${serverName.replaceAll('.', '\\.')}(:[0-9]+)?$`
}

const opening: Opening = {
  title: 'IIS with Application Request Routing in front of Holdfast: a web.config in the folder of each of two sites.',
  surroundings: [
    'ARR 3 with the proxy switched on and preserveHostHeader true; each HTTP_… variable below is allowed in rewrite/allowedServerVariables',
    'both sites have their own binding with "require SNI"; that of the certificate host asks during the handshake: netsh http add sslcert hostnameport=… clientcertnegotiation=enable. Without it IIS renegotiates, which TLS 1.3 and HTTP/2 cannot do',
    'IIS itself judges certificates: self-signed ones end in 403.16 and cannot be let through, so only tls_client_auth works, with a CA in the stores of Windows',
    'ARR writes X-ARR-ClientCert over what a client says on the certificate host; the other site clears it',
    'Holdfast is reached over TCP, so its listeners know IIS by the proxy secret',
  ],
  tested: [],
  untested: ['everything: no Windows was available; written after the documentation of Microsoft'],
}
