import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { bicepText, type BicepValue } from '../syntax/bicep-syntax.ts'

/** Azure Application Gateway v2: the parts of its Bicep that matter, as variables. */
export function azureApplicationGateway(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const tls = { policyType: 'Predefined', policyName: 'AppGwSslPolicy20220101S' }
  return [
    {
      name: 'holdfast-application-gateway.bicep',
      text: bicepText(openingLines(opening), [
        {
          head: 'var sslProfiles',
          value: [
            { name: 'holdfast-main', properties: { sslPolicy: tls } },
            {
              name: 'holdfast-mtls',
              properties: {
                sslPolicy: tls,
                clientAuthConfiguration: { verifyClientCertIssuerDN: false, verifyClientAuthMode: 'Passthrough' },
              },
            },
          ],
        },
        { head: 'var rewriteRuleSets', value: deployment.sites.map((site) => rewrite(site, deployment)) },
        {
          head: 'var listeners',
          value: deployment.sites.map((site, at) => ({
            name: `holdfast-${at}`,
            hostName: site.serverName,
            port: site.port,
            sslProfile: `holdfast-${site.role}`,
            rewriteRuleSet: `holdfast-${at}`,
            requireServerNameIndication: true,
          })),
        },
        { head: 'output sslProfiles array = sslProfiles' },
        { head: 'output rewriteRuleSets array = rewriteRuleSets' },
        { head: 'output listeners array = listeners' },
      ]),
    },
  ]

  function rewrite(site: ProxySite, from: ProxyDeployment): BicepValue {
    const header = site.certificateHeader
    const written: readonly (readonly [string, string])[] =
      header === undefined
        ? []
        : [
            [header.header, '{var_client_certificate}'],
            ...(header.verdictHeader === undefined
              ? []
              : [[header.verdictHeader, '{var_client_certificate_verification}'] as const]),
            ...(header.secret === undefined ? [] : [[header.secret.header, header.secret.value] as const]),
          ]
    const names = new Set(written.map(([name]) => name))
    const headers = [
      ...clearedHeaders(from)
        .filter((name) => !names.has(name.toLowerCase()))
        .map((name) => ({ headerName: name, headerValue: '' })),
      ...written.map(([name, value]) => ({ headerName: writtenName(name), headerValue: value })),
    ]
    return {
      name: `holdfast-${deployment.sites.indexOf(site)}`,
      properties: {
        rewriteRules: [
          { name: 'headers', ruleSequence: 1, conditions: [], actionSet: { requestHeaderConfigurations: headers } },
        ],
      },
    }
  }
}

const opening: Opening = {
  title: 'Azure Application Gateway v2 in front of Holdfast: SSL profiles, rewrite rules and listeners for its Bicep.',
  surroundings: [
    'API version 2025-03-01 or later, which knows verifyClientAuthMode Passthrough; Strict needs a CA and lets nobody else in',
    'each listener has its SSL profile and each of its routing rules its rewrite set: a rule without one hands on what a client says',
    'how the variable client_certificate is escaped is not documented exactly (percent-encoded PEM in practice): Holdfast refuses what it cannot decode, so look at a request first',
    'Holdfast is reached over TCP, so its listeners know the gateway by the proxy secret',
    'intermediate CAs stand under `trust` in holdfast.yaml',
  ],
  tested: [],
  untested: ['everything: no subscription was available; written after the documentation of Microsoft'],
}
