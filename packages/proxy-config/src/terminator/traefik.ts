import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { hostPort, siteGroups, upstreamNames } from '../site-group.ts'
import { type YamlValue, yamlText } from '../syntax/yaml-syntax.ts'

/** Traefik: `traefik.yml` (static) and `dynamic.yml`. */
export function traefik(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const names = upstreamNames(deployment.sites)
  const groups = siteGroups(deployment.sites)
  const entryPoints = Object.fromEntries(
    groups.map(({ port }) => [
      `holdfast${port}`,
      {
        // Without insecure and trustedIPs Traefik itself removes X-Forwarded-Tls-Client-Cert of clients.
        address: `${deployment.listen[0] ?? ''}:${port}`,
        forwardedHeaders: { insecure: false },
        transport: { respondingTimeouts: { readTimeout: '30s' } },
      },
    ]),
  )
  const main = deployment.sites.find(({ role }) => role === 'main')
  const dynamic: YamlValue = {
    tls: {
      certificates: deployment.sites.map(({ tls }) => ({ certFile: tls.certificate, keyFile: tls.key })),
      stores: {
        default:
          main === undefined ? {} : { defaultCertificate: { certFile: main.tls.certificate, keyFile: main.tls.key } },
      },
      options: {
        default: { minVersion: 'VersionTLS12', cipherSuites: [...suites] },
        'holdfast-mtls': {
          minVersion: 'VersionTLS12',
          cipherSuites: [...suites],
          clientAuth: { clientAuthType: 'RequestClientCert' },
        },
      },
    },
    http: {
      middlewares: {
        'holdfast-strip': {
          headers: {
            customRequestHeaders: Object.fromEntries(spellings(clearedHeaders(deployment)).map((n) => [n, ''])),
          },
        },
        'holdfast-certificate': { passTLSClientCert: { pem: true } },
        ...Object.fromEntries(deployment.sites.flatMap((site) => secretMiddleware(site))),
        'holdfast-body': { buffering: { maxRequestBodyBytes: deployment.bodyBytes } },
      },
      routers: Object.fromEntries(deployment.sites.map((site, at) => [`holdfast-${at}`, router(site, names)])),
      services: Object.fromEntries(
        deployment.sites.map((site) => [names.get(site) ?? '', { loadBalancer: { servers: [{ url: url(site) }] } }]),
      ),
    },
  }
  return [
    {
      name: 'traefik.yml',
      text: yamlText(openingLines(opening), [
        { entryPoints, providers: { file: { filename: '/etc/traefik/dynamic.yml' } } },
      ]),
    },
    { name: 'dynamic.yml', text: yamlText(openingLines(opening), [dynamic]) },
  ]
}

function router(site: ProxySite, names: ReadonlyMap<ProxySite, string>): YamlValue {
  const asking = site.role === 'mtls'
  return {
    rule: `Host(\`${site.serverName}\`)`,
    entryPoints: [`holdfast${site.port}`],
    // In this order: what the client says goes first, then comes what Traefik says.
    middlewares: [
      'holdfast-strip',
      ...(asking ? ['holdfast-certificate'] : []),
      ...secretMiddleware(site).map(([name]) => name),
      'holdfast-body',
    ],
    service: names.get(site) ?? '',
    tls: asking ? { options: 'holdfast-mtls' } : {},
  }
}

function secretMiddleware(site: ProxySite): readonly (readonly [string, YamlValue])[] {
  const secret = site.certificateHeader?.secret
  if (secret === undefined) return []
  const name = `holdfast-secret-${site.serverName.replaceAll('.', '-')}`
  return [[name, { headers: { customRequestHeaders: { [writtenName(secret.header)]: secret.value } } }]]
}

function url({ upstream }: ProxySite): string {
  if (upstream.kind === 'unix') throw new TypeError('not reached over a Unix socket')
  return `http://${hostPort(upstream.host, upstream.port)}`
}

function spellings(names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [name, name.replaceAll('-', '_')])
}

const suites = [
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
] as const
const opening: Opening = {
  title: 'Traefik in front of Holdfast: /etc/traefik/traefik.yml and /etc/traefik/dynamic.yml.',
  surroundings: [
    'Traefik 3, with the fixes of 2024 and later: older ones let a client remove headers by Connection: and missed the name in a fragmented ClientHello',
    'forwardedHeaders.insecure stays false and trustedIPs empty: otherwise clients state certificates themselves',
    'Holdfast is reached over TCP, so its listeners know Traefik by the proxy secret; the files are readable by root alone',
    'Traefik answers 421 by itself where TLS options of the name and of Host differ',
    'one listen address only: the first one given',
  ],
  tested: [],
  untested: [
    'everything: Traefik was not available; written after its documentation and source, its header read as its own tests have it',
  ],
}
