import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment } from '../proxy-deployment.ts'
import { bicepText, expression } from '../syntax/bicep-syntax.ts'
import { command, shellText, variable } from '../syntax/shell-syntax.ts'

/** Azure Container Apps: the ingress of two apps. */
export function azureContainerApps(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  return [
    {
      name: 'holdfast-container-apps.bicep',
      text: bicepText(openingLines(opening), [
        ...deployment.sites.map((_, at) => ({ head: `param certificateId${at} string` })),
        ...deployment.sites.map((site, at) => ({
          head: `var ingress${at}`,
          value: {
            external: true,
            targetPort: site.upstream.kind === 'unix' ? 8080 : site.upstream.port,
            transport: 'auto',
            allowInsecure: false,
            clientCertificateMode: site.role === 'mtls' ? 'accept' : 'ignore',
            customDomains: [
              { name: site.serverName, bindingType: 'SniEnabled', certificateId: expression(`certificateId${at}`) },
            ],
          },
        })),
        ...deployment.sites.map((_, at) => ({ head: `output ingress${at} object = ingress${at}` })),
      ]),
    },
    {
      name: 'holdfast-container-apps.sh',
      text: shellText(
        [...openingLines(opening), '', 'Set RESOURCE_GROUP, MAIN_APP and MTLS_APP.'],
        deployment.sites.map((site) =>
          command(
            ...['az', 'containerapp', 'ingress', 'update', '--resource-group', variable('RESOURCE_GROUP')],
            ...['--name', variable(site.role === 'mtls' ? 'MTLS_APP' : 'MAIN_APP')],
            ...['--client-certificate-mode', site.role === 'mtls' ? 'accept' : 'ignore', '--allow-insecure', 'false'],
          ),
        ),
      ),
    },
  ]
}

const opening: Opening = {
  title: 'Azure Container Apps in front of Holdfast: two apps, because an ingress asks for certificates as a whole.',
  surroundings: [
    'both apps run Holdfast on one store that both can reach; each serves its own host only',
    'the platform can send no secret: Holdfast trusts the addresses of the environment’s ingress (dangerously-trust-addresses), and no other app of the environment may reach it',
    'documentation shows X-Forwarded-Client-Cert without percent-encoding, the Envoy inside writes it with: the preset takes both',
    'whether the ingress removes the header of a client where the mode is ignore is not documented: that app reads none, and Holdfast refuses a request that has one',
  ],
  tested: [],
  untested: [
    'everything: no subscription was available; written after the documentation of Microsoft, its header read as it was recorded elsewhere',
  ],
}
