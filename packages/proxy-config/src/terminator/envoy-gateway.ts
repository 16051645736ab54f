import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { type YamlValue, yamlText } from '../syntax/yaml-syntax.ts'

/** Envoy Gateway: a Gateway with a listener per host, their routes, and a policy for the one that asks. */
export function envoyGateway(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  return [
    {
      name: 'holdfast-envoy-gateway.yaml',
      text: yamlText(openingLines(opening), [
        gateway(deployment),
        ...deployment.sites.flatMap((site) => routes(site, deployment)),
      ]),
    },
  ]
}

function gateway(deployment: ProxyDeployment): YamlValue {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'holdfast' },
    spec: {
      gatewayClassName: 'eg',
      listeners: deployment.sites.map((site) => ({
        name: name(site),
        hostname: site.serverName,
        port: site.port,
        protocol: 'HTTPS',
        tls: { mode: 'Terminate', certificateRefs: [{ name: `${name(site)}-tls` }] },
      })),
    },
  }
}

function routes(site: ProxySite, deployment: ProxyDeployment): readonly YamlValue[] {
  const secret = site.certificateHeader?.secret
  const kept = [site.certificateHeader?.header, secret?.header]
  const remove = clearedHeaders(deployment).filter((header) => !kept.includes(header.toLowerCase()))
  return [
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: name(site) },
      spec: {
        parentRefs: [{ name: 'holdfast', sectionName: name(site) }],
        hostnames: [site.serverName],
        rules: [
          {
            ...(secret === undefined
              ? {}
              : {
                  filters: [
                    {
                      type: 'RequestHeaderModifier',
                      requestHeaderModifier: { set: [{ name: writtenName(secret.header), value: secret.value }] },
                    },
                  ],
                }),
            backendRefs: [
              {
                name: site.role === 'mtls' ? 'holdfast-mtls' : 'holdfast-main',
                port: site.upstream.kind === 'unix' ? 80 : site.upstream.port,
              },
            ],
          },
        ],
      },
    },
    {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'ClientTrafficPolicy',
      metadata: { name: `${name(site)}-headers` },
      spec: {
        targetRefs: [
          { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'holdfast', sectionName: name(site) },
        ],
        tls: {
          minVersion: '1.2',
          ...(site.role === 'mtls'
            ? {
                clientValidation: {
                  optional: true,
                  caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: `${name(site)}-ca` }],
                },
              }
            : {}),
        },
        headers: {
          withUnderscoresAction: 'DropHeader',
          earlyRequestHeaders: { remove: [...remove] },
          ...(site.role === 'mtls'
            ? { xForwardedClientCert: { mode: 'SanitizeSet', certDetailsToAdd: ['Cert', 'Chain'] } }
            : { xForwardedClientCert: { mode: 'Sanitize' } }),
        },
      },
    },
  ]
}

function name({ serverName }: ProxySite): string {
  return `holdfast-${serverName.replaceAll('.', '-')}`
}

const opening: Opening = {
  title: 'Envoy Gateway in front of Holdfast: kubectl apply -f holdfast-envoy-gateway.yaml.',
  surroundings: [
    'Envoy Gateway 1.4 or later (xForwardedClientCert, earlyRequestHeaders); TLS secrets NAME-tls beside the Gateway',
    'a ConfigMap NAME-ca with the CAs of the clients (ca.crt): without an EnvoyPatchPolicy the gateway judges certificates, so self_signed_tls_client_auth does not work and a stranger ends in a TLS alert',
    'nothing else in the cluster reaches Holdfast (NetworkPolicy); its listeners know the gateway by the proxy secret',
    'whether a Host that does not fit the TLS name is answered with 421 is up to its version; Holdfast answers 421 for hosts that a listener does not serve',
  ],
  tested: [],
  untested: ['everything: no cluster was available; written after the documentation of Envoy Gateway'],
}
