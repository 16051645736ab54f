import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { element, type XmlNode, xmlText } from '../syntax/xml-syntax.ts'
import { tcpUrl } from './tcp-url.ts'

/** Azure API Management: a policy for the API that leads to Holdfast, for each host. */
export function azureApiManagement(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  return deployment.sites.map((site) => ({
    name: `${site.serverName}.policy.xml`,
    text: xmlText(openingLines(opening), policy(site, deployment), 'bare'),
  }))
}

function policy(site: ProxySite, deployment: ProxyDeployment): XmlNode {
  const from = site.certificateHeader
  const set = (name: string, value: string): XmlNode =>
    element('set-header', { name, 'exists-action': 'override' }, [element('value', {}, [value])])
  const clear = clearedHeaders(deployment).map((name) => element('set-header', { name, 'exists-action': 'delete' }))
  const certificate =
    from === undefined
      ? []
      : [
          element('choose', {}, [
            element('when', { condition: '@(context.Request.Certificate != null)' }, [
              set(
                writtenName(from.header),
                '@(":" + Convert.ToBase64String(context.Request.Certificate.RawData) + ":")',
              ),
            ]),
          ]),
        ]
  return element('policies', {}, [
    element('inbound', {}, [
      element('choose', {}, [
        element(
          'when',
          {
            condition: `@(!context.Request.OriginalUrl.Host.Equals("${site.serverName}", StringComparison.OrdinalIgnoreCase))`,
          },
          [element('return-response', {}, [element('set-status', { code: '421', reason: 'Misdirected Request' })])],
        ),
      ]),
      ...clear,
      ...certificate,
      ...(from?.secret === undefined ? [] : [set(writtenName(from.secret.header), from.secret.value)]),
      set('Host', site.port === 443 ? site.serverName : `${site.serverName}:${site.port}`),
      element('set-backend-service', { 'base-url': tcpUrl(site) }),
    ]),
    element('backend', {}, [element('forward-request', { timeout: '60' })]),
    element('outbound'),
    element('on-error'),
  ])
}

const opening: Opening = {
  title: 'Azure API Management in front of Holdfast: a policy for each of two APIs.',
  surroundings: [
    'the custom domain of the certificate host has negotiateClientCertificate: true, the other one has not',
    'TLS 1.0 and 1.1 are switched off for clients',
    'context.Request.Certificate holds the leaf only: intermediate CAs stand under `trust` in holdfast.yaml',
    'Holdfast is reached over TCP, so its listeners know the gateway by the proxy secret; better a named value than the text in the policy',
  ],
  tested: [],
  untested: ['everything: no subscription was available; written after the documentation of Microsoft'],
}
