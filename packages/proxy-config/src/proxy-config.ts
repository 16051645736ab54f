import type { CertificateHeaderPresetName } from '@holdfast/edge'
import type { Result } from '@holdfast/x509'
import { missingSites, type ProxyConfigProblem, unsafeValues } from './proxy-config-problem.ts'
import type { ProxyDeployment, ProxySite } from './proxy-deployment.ts'
import { siteGroups } from './site-group.ts'
import { apache } from './terminator/apache.ts'
import { aspnetcoreModule } from './terminator/aspnetcore-module.ts'
import { awsAlb } from './terminator/aws-alb.ts'
import { awsApiGateway } from './terminator/aws-api-gateway.ts'
import { azureApiManagement } from './terminator/azure-api-management.ts'
import { azureAppService } from './terminator/azure-app-service.ts'
import { azureApplicationGateway } from './terminator/azure-application-gateway.ts'
import { azureContainerApps } from './terminator/azure-container-apps.ts'
import { caddy } from './terminator/caddy.ts'
import { cloudflare } from './terminator/cloudflare.ts'
import { envoy } from './terminator/envoy.ts'
import { envoyGateway } from './terminator/envoy-gateway.ts'
import { f5 } from './terminator/f5.ts'
import { fastly } from './terminator/fastly.ts'
import { googleCloud } from './terminator/google-cloud.ts'
import { haproxy } from './terminator/haproxy.ts'
import { haproxyPassthrough } from './terminator/haproxy-passthrough.ts'
import { iis } from './terminator/iis.ts'
import { ingressNginx } from './terminator/ingress-nginx.ts'
import { istio } from './terminator/istio.ts'
import { kestrel } from './terminator/kestrel.ts'
import { kong } from './terminator/kong.ts'
import { netscaler } from './terminator/netscaler.ts'
import { nginx } from './terminator/nginx.ts'
import { nginxPassthrough } from './terminator/nginx-passthrough.ts'
import { rfc9440 } from './terminator/rfc9440.ts'
import { traefik } from './terminator/traefik.ts'
import { yarp } from './terminator/yarp.ts'

/** A file of the terminator's configuration. */
export interface ProxyConfigFile {
  /** Its usual name, without a folder. */
  readonly name: string
  readonly text: string
}

/** A terminator for which configuration is made. */
export interface ProxyConfigPreset {
  /** One line for people. */
  readonly title: string
  /** What Holdfast may be told to read from it; the first is what one should say. Empty: Holdfast ends TLS itself. */
  readonly certificateHeaders: readonly CertificateHeaderPresetName[]
  /** Which listener of Holdfast it can reach: one without TLS, one of those on a TCP port, or one with TLS. */
  readonly upstream: 'plain' | 'tcp' | 'tls'
  /** What asks for a certificate: a TLS name, or a whole port. */
  readonly asksPer: 'name' | 'port'
  /** Whether it can send the proxy secret. */
  readonly secret: 'sent' | 'impossible'
  /** Which versions of the PROXY protocol it speaks, where Holdfast ends TLS. */
  readonly proxyProtocol: 'v1' | 'any'
  /**
   * Whether it can ask below a path: `asks-later` by renegotiation, `asks-always` by asking everybody on the host, so that people
   * see the picker of their browser.
   */
  readonly path: 'impossible' | 'asks-later' | 'asks-always'
  /** Whether path and rest of a host may have listeners of their own behind it. */
  readonly listeners: 'any' | 'one-per-host'
  readonly make: (deployment: ProxyDeployment) => readonly ProxyConfigFile[]
}

/** Names of {@link proxyConfigPresets}. */
export type ProxyConfigPresetName =
  | 'nginx'
  | 'haproxy'
  | 'apache'
  | 'caddy'
  | 'traefik'
  | 'envoy'
  | 'istio'
  | 'envoy-gateway'
  | 'ingress-nginx'
  | 'yarp'
  | 'kestrel'
  | 'iis'
  | 'aspnetcore-module'
  | 'azure-app-service'
  | 'azure-application-gateway'
  | 'azure-container-apps'
  | 'azure-api-management'
  | 'aws-alb'
  | 'aws-api-gateway'
  | 'google-cloud'
  | 'cloudflare'
  | 'fastly'
  | 'f5'
  | 'netscaler'
  | 'kong'
  | 'rfc9440'
  | 'nginx-passthrough'
  | 'haproxy-passthrough'

/** Every terminator for which configuration is made, by the name that the command line says. */
export const proxyConfigPresets: { readonly [Name in ProxyConfigPresetName]: ProxyConfigPreset } = {
  nginx: preset('nginx', ['nginx'], 'plain', nginx, { path: 'asks-always' }),
  haproxy: preset('HAProxy', ['haproxy', 'haproxy-rfc9440'], 'plain', haproxy),
  apache: preset('Apache httpd', ['apache', 'apache-rfc9440'], 'plain', apache, { path: 'asks-later' }),
  caddy: preset('Caddy', ['caddy', 'caddy-rfc9440'], 'plain', caddy),
  traefik: preset('Traefik', ['traefik'], 'tcp', traefik),
  envoy: preset('Envoy', ['envoy'], 'plain', envoy),
  istio: preset('Istio', ['istio'], 'tcp', istio),
  'envoy-gateway': preset('Envoy Gateway', ['envoy'], 'tcp', envoyGateway),
  'ingress-nginx': preset('ingress-nginx', ['ingress-nginx'], 'tcp', ingressNginx),
  yarp: preset('YARP on Kestrel', ['yarp', 'yarp-x-ssl-cert', 'rfc9440'], 'tcp', yarp, { path: 'asks-later' }),
  kestrel: preset('Kestrel with an ASP.NET Core application that forwards', ['kestrel', 'rfc9440'], 'tcp', kestrel, {
    path: 'asks-later',
  }),
  iis: preset('IIS with Application Request Routing', ['iis-arr'], 'tcp', iis, { path: 'asks-later' }),
  'aspnetcore-module': preset('IIS with the ASP.NET Core Module', ['aspnetcore-module'], 'tcp', aspnetcoreModule, {
    path: 'asks-later',
    listeners: 'one-per-host',
  }),
  'azure-app-service': preset('Azure App Service', ['azure-app-service'], 'tcp', azureAppService, {
    secret: 'impossible',
    path: 'asks-later',
    listeners: 'one-per-host',
  }),
  'azure-application-gateway': preset(
    'Azure Application Gateway',
    ['azure-application-gateway'],
    'tcp',
    azureApplicationGateway,
  ),
  'azure-container-apps': preset('Azure Container Apps', ['azure-container-apps'], 'tcp', azureContainerApps, {
    secret: 'impossible',
  }),
  'azure-api-management': preset('Azure API Management', ['rfc9440'], 'tcp', azureApiManagement),
  'aws-alb': preset('AWS Application Load Balancer', ['aws-alb', 'aws-alb-verify'], 'tcp', awsAlb, {
    asksPer: 'port',
    secret: 'impossible',
  }),
  'aws-api-gateway': preset('AWS API Gateway', ['aws-api-gateway'], 'tcp', awsApiGateway),
  'google-cloud': preset('Google Cloud load balancer', ['google-cloud'], 'tcp', googleCloud),
  cloudflare: preset('Cloudflare', ['cloudflare', 'cloudflare-legacy'], 'tcp', cloudflare),
  fastly: preset('Fastly', ['fastly'], 'tcp', fastly),
  f5: preset('F5 BIG-IP', ['f5'], 'tcp', f5),
  netscaler: preset('NetScaler', ['netscaler'], 'tcp', netscaler),
  kong: preset('Kong', ['kong'], 'tcp', kong),
  rfc9440: preset('any proxy that keeps RFC 9440', ['rfc9440'], 'plain', rfc9440),
  'nginx-passthrough': preset('nginx that ends no TLS', [], 'tls', nginxPassthrough, { proxyProtocol: 'v1' }),
  'haproxy-passthrough': preset('HAProxy that ends no TLS', [], 'tls', haproxyPassthrough),
}

/**
 * Writes the configuration of a terminator in front of Holdfast.
 *
 * A value that is not plainly a name, a path, an address or a secret is refused, whatever quoting would make of it; all problems are
 * told at once.
 */
export function proxyConfig(
  name: ProxyConfigPresetName,
  deployment: ProxyDeployment,
): Result<readonly ProxyConfigFile[], readonly ProxyConfigProblem[]> {
  const preset = proxyConfigPresets[name]
  const problems = [
    ...missingSites(deployment.sites),
    ...unsafeValues(deployment),
    ...deployment.sites.flatMap((site) => disagreement(site, preset)),
    ...(preset.asksPer === 'port' ? sharedPorts(deployment) : []),
    ...deployment.sites.flatMap((site) => pathProblems(site, preset, deployment)),
  ]
  return problems.length > 0 ? { ok: false, failure: problems } : { ok: true, value: preset.make(deployment) }
}

function disagreement(
  { serverName, role, upstream, certificateHeader }: ProxyDeployment['sites'][number],
  preset: ProxyConfigPreset,
): readonly ProxyConfigProblem[] {
  const fits = preset.upstream === 'plain' ? upstream.kind !== 'tls' : preset.upstream === upstream.kind
  if (!fits) return [{ reason: 'other_upstream', serverName, wanted: preset.upstream }]
  if (preset.proxyProtocol === 'v1' && upstream.kind === 'tls' && upstream.proxyProtocol === 'v2')
    return [{ reason: 'other_proxy_protocol', serverName, spoken: 'v1' }]
  if (role === 'main' || preset.certificateHeaders.length === 0) return []
  const configured = certificateHeader?.preset
  if (configured !== undefined && preset.certificateHeaders.includes(configured))
    return preset.secret === 'impossible' && certificateHeader?.secret !== undefined
      ? [{ reason: 'secret_impossible', serverName }]
      : []
  return [
    {
      reason: 'other_preset',
      serverName,
      configured: configured ?? 'nothing',
      possible: preset.certificateHeaders,
    },
  ]
}

function pathProblems(
  { serverName, path, upstream }: ProxySite,
  preset: ProxyConfigPreset,
  { sites }: ProxyDeployment,
): readonly ProxyConfigProblem[] {
  if (path === undefined) return []
  if (preset.path === 'impossible') return [{ reason: 'path_impossible', serverName, path }]
  const rest = sites.find((site) => site.serverName === serverName && site.path === undefined)
  const apart = JSON.stringify(rest?.upstream) !== JSON.stringify(upstream)
  return preset.listeners === 'one-per-host' && apart ? [{ reason: 'one_listener_needed', serverName }] : []
}

function sharedPorts(deployment: ProxyDeployment): readonly ProxyConfigProblem[] {
  return siteGroups(deployment.sites)
    .filter(({ mains, asking }) => mains.length > 0 && asking.length > 0)
    .map(({ port }) => ({ reason: 'port_shared', port }))
}

function preset(
  title: string,
  certificateHeaders: ProxyConfigPreset['certificateHeaders'],
  upstream: ProxyConfigPreset['upstream'],
  make: ProxyConfigPreset['make'],
  more: Partial<Pick<ProxyConfigPreset, 'asksPer' | 'secret' | 'proxyProtocol' | 'path' | 'listeners'>> = {},
): ProxyConfigPreset {
  return {
    title,
    certificateHeaders,
    upstream,
    make,
    asksPer: 'name',
    secret: 'sent',
    proxyProtocol: 'any',
    path: 'impossible',
    listeners: 'any',
    ...more,
  }
}
