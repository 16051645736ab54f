import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { siteBelow, siteGroups } from '../site-group.ts'
import { bicepText, type BicepStatement, expression } from '../syntax/bicep-syntax.ts'
import { command, type ShellNode, shellText, variable } from '../syntax/shell-syntax.ts'

/** Azure App Service: an app for each host, as Bicep, and the settings that matter by CLI. */
export function azureAppService(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const groups = siteGroups(deployment.sites)
  const statements: readonly BicepStatement[] = [
    { head: 'param location string = resourceGroup().location' },
    { head: 'param planId string' },
    { head: 'param mainAppName string' },
    ...(groups.some(({ asking }) => asking.length > 0) ? [{ head: 'param mtlsAppName string' }] : []),
    ...groups
      .flatMap((group) => group.sites.map((site) => [site, siteBelow(site, group)] as const))
      .flatMap(([site, below], at) => app(site, below, at)),
  ]
  return [
    { name: 'holdfast-app-service.bicep', text: bicepText(openingLines(opening), statements) },
    {
      name: 'holdfast-app-service.sh',
      text: shellText(
        [...openingLines(opening), '', 'Set RESOURCE_GROUP, MAIN_APP and MTLS_APP.'],
        groups.flatMap((group) => group.sites.flatMap((site) => commands(site, siteBelow(site, group)))),
      ),
    },
  ]
}

function app(site: ProxySite, below: ProxySite | undefined, at: number): readonly BicepStatement[] {
  const asking = site.role === 'mtls' || below !== undefined
  return [
    {
      head: `resource app${at} 'Microsoft.Web/sites@2023-12-01'`,
      value: {
        name: expression(site.role === 'mtls' ? 'mtlsAppName' : 'mainAppName'),
        location: expression('location'),
        properties: {
          serverFarmId: expression('planId'),
          httpsOnly: true,
          clientCertEnabled: asking,
          ...(asking ? { clientCertMode: 'Optional' } : {}),
          // An exclusion path would mean renegotiation: no TLS 1.3, no HTTP/2, no bodies over 100 KB.
          clientCertExclusionPaths: below === undefined ? '' : notAsked,
          siteConfig: { minTlsVersion: '1.2', http20Enabled: below === undefined, ftpsState: 'Disabled' },
        },
      },
    },
    {
      head: `resource app${at}Host 'Microsoft.Web/sites/hostNameBindings@2023-12-01'`,
      value: { parent: expression(`app${at}`), name: site.serverName, properties: { hostNameType: 'Verified' } },
    },
  ]
}

function commands(site: ProxySite, below: ProxySite | undefined): readonly ShellNode[] {
  const asking = site.role === 'mtls' || below !== undefined
  const name = variable(site.role === 'mtls' ? 'MTLS_APP' : 'MAIN_APP')
  const group = ['--resource-group', variable('RESOURCE_GROUP')] as const
  const mode = asking
    ? [
        'clientCertEnabled=true',
        'clientCertMode=Optional',
        ...(below === undefined ? [] : [`clientCertExclusionPaths=${notAsked}`]),
      ]
    : ['clientCertEnabled=false']
  return [
    command('az', 'webapp', 'update', ...group, '--name', name, '--https-only', 'true', '--set', ...mode),
    command(
      'az',
      'webapp',
      'config',
      'set',
      ...group,
      '--name',
      name,
      '--min-tls-version',
      '1.2',
      '--http20-enabled',
      below === undefined ? 'true' : 'false',
    ),
    command(
      'az',
      'webapp',
      'config',
      'hostname',
      'add',
      ...group,
      '--webapp-name',
      name,
      '--hostname',
      site.serverName,
    ),
  ]
}

/** App Service can name the paths that are not asked, never those that are: all of Holdfast beside the one of path style. */
const notAsked = [
  ...['/.well-known', '/jwks', '/authorize', '/token', '/introspect', '/revoke', '/par', '/userinfo', '/register'],
  ...['/device_authorization', '/device', '/bc-authorize', '/logout', '/login', '/consent', '/assets', '/doctor'],
].join(';')

const opening: Opening = {
  title: 'Azure App Service in front of Holdfast: two apps, because an app asks for certificates as a whole.',
  surroundings: [
    'both apps run Holdfast on one store that both can reach; each serves its own host only',
    'mode Optional and no exclusion paths: OptionalInteractiveUser and any path mean renegotiation, without TLS 1.3, HTTP/2 and bodies over 100 KB',
    'in path style there is one app, and every other path is an exclusion: that is renegotiation, with all that it breaks',
    'the platform can send no secret: Holdfast trusts the addresses from which the front ends come (dangerously-trust-addresses)',
    'the app that serves people reads no certificate header, and Holdfast refuses a request that has one',
    'the platform verifies nothing and hands on the leaf only: intermediate CAs stand under `trust` in holdfast.yaml',
    'the default name of the certificate app (NAME.azurewebsites.net) reaches the same app; Holdfast answers 421 there',
  ],
  tested: [],
  untested: ['everything: no subscription was available; written after the documentation of Microsoft'],
}
