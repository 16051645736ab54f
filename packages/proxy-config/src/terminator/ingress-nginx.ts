import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { directive, nginxText } from '../syntax/nginx-syntax.ts'
import { type YamlValue, yamlText } from '../syntax/yaml-syntax.ts'

/** ingress-nginx: one Ingress per host, and settings of the controller. */
export function ingressNginx(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  return [
    {
      name: 'ingress.yaml',
      text: yamlText(openingLines(opening), [
        controller(deployment),
        ...deployment.sites.map((site) => ingress(site, deployment)),
      ]),
    },
  ]
}

function controller(deployment: ProxyDeployment): YamlValue {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
    data: {
      'ssl-protocols': 'TLSv1.2 TLSv1.3',
      'ssl-session-tickets': 'false',
      'ssl-session-cache': 'false',
      'enable-underscores-in-headers': 'false',
      'large-client-header-buffers': '4 32k',
      'proxy-body-size': String(deployment.bodyBytes),
      'allow-snippet-annotations': 'true',
      'annotations-risk-level': 'Critical',
    },
  }
}

function ingress(site: ProxySite, deployment: ProxyDeployment): YamlValue {
  const asking = site.role === 'mtls'
  const from = site.certificateHeader
  const own = ['ssl-client-cert', 'ssl-client-verify', 'ssl-client-subject-dn', 'ssl-client-issuer-dn']
  const snippet = [
    ...clearedHeaders(deployment)
      .filter((name) => !(asking && own.includes(name.toLowerCase())) && name.toLowerCase() !== from?.secret?.header)
      .map((name) => directive('proxy_set_header', name, '')),
    ...(from?.secret === undefined
      ? []
      : [directive('proxy_set_header', writtenName(from.secret.header), from.secret.value)]),
  ]
  const service = asking ? 'holdfast-mtls' : 'holdfast-main'
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: `holdfast-${site.serverName.replaceAll('.', '-')}`,
      annotations: {
        ...(asking
          ? {
              'nginx.ingress.kubernetes.io/auth-tls-verify-client': 'optional_no_ca',
              'nginx.ingress.kubernetes.io/auth-tls-secret': 'default/holdfast-any-ca',
              'nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream': 'true',
            }
          : {}),
        'nginx.ingress.kubernetes.io/configuration-snippet': nginxText(snippet),
      },
    },
    spec: {
      ingressClassName: 'nginx',
      tls: [{ hosts: [site.serverName], secretName: `holdfast-${site.serverName.replaceAll('.', '-')}-tls` }],
      rules: [
        {
          host: site.serverName,
          http: {
            paths: [
              {
                path: '/',
                pathType: 'Prefix',
                backend: {
                  service: { name: service, port: { number: site.upstream.kind === 'unix' ? 80 : site.upstream.port } },
                },
              },
            ],
          },
        },
      ],
    },
  }
}

const opening: Opening = {
  title:
    'ingress-nginx in front of Holdfast: kubectl apply -f ingress.yaml. The project has been retired since March 2026; plan to leave it.',
  surroundings: [
    'services holdfast-main and holdfast-mtls lead to the two listeners of Holdfast; TLS secrets lie beside the Ingresses',
    'the secret holdfast-any-ca holds some CA certificate (ca.crt): the controller wants one, its verdict is not used',
    'configuration snippets are allowed (they are dangerous in shared clusters, CVE-2021-25742): without them hosts cannot be made to clear headers, and a proxy secret cannot be set',
    'every other Ingress of the controller that leads to Holdfast clears the same headers',
    'expired certificates end in an HTML page of nginx with status 400',
    'the leaf only is handed on: intermediate CAs stand under `trust` in holdfast.yaml',
  ],
  tested: [],
  untested: ['everything: no cluster was available; nginx itself was tested with the preset nginx'],
}
