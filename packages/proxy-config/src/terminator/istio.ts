import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { type YamlValue, yamlText } from '../syntax/yaml-syntax.ts'

/** Istio: a Gateway with both hosts, their VirtualServices, and an EnvoyFilter that makes the gateway take any certificate. */
export function istio(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  return [
    {
      name: 'holdfast-istio.yaml',
      text: yamlText(openingLines(opening), [
        gateway(deployment),
        ...deployment.sites.map((site) => virtualService(site, deployment)),
        filter(),
      ]),
    },
  ]
}

function gateway(deployment: ProxyDeployment): YamlValue {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { name: 'holdfast', annotations: { 'proxy.istio.io/config': gatewayTopology } },
    spec: {
      selector: { istio: 'ingressgateway' },
      servers: deployment.sites.map((site) => ({
        port: { number: site.port, name: `https-${name(site)}`, protocol: 'HTTPS' },
        hosts: [site.serverName],
        tls: {
          mode: site.role === 'mtls' ? 'OPTIONAL_MUTUAL' : 'SIMPLE',
          credentialName: `${name(site)}-tls`,
          minProtocolVersion: 'TLSV1_2',
        },
      })),
    },
  }
}

function virtualService(site: ProxySite, deployment: ProxyDeployment): YamlValue {
  const secret = site.certificateHeader?.secret
  const kept = [site.certificateHeader?.header, secret?.header]
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: name(site) },
    spec: {
      hosts: [site.serverName],
      gateways: ['holdfast'],
      http: [
        {
          headers: {
            request: {
              remove: clearedHeaders(deployment).filter((header) => !kept.includes(header.toLowerCase())),
              ...(secret === undefined ? {} : { set: { [writtenName(secret.header)]: secret.value } }),
            },
          },
          route: [
            {
              destination: {
                host: site.role === 'mtls' ? 'holdfast-mtls' : 'holdfast-main',
                port: { number: site.upstream.kind === 'unix' ? 80 : site.upstream.port },
              },
            },
          ],
        },
      ],
    },
  }
}

/** What OPTIONAL_MUTUAL asks for is judged by a CA; ACCEPT_UNTRUSTED lets every certificate through to Holdfast. */
function filter(): YamlValue {
  return {
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'EnvoyFilter',
    metadata: { name: 'holdfast-certificates', namespace: 'istio-system' },
    spec: {
      workloadSelector: { labels: { istio: 'ingressgateway' } },
      configPatches: [
        {
          applyTo: 'NETWORK_FILTER',
          match: { context: 'GATEWAY', listener: { filterChain: { filter: { name: manager } } } },
          patch: {
            operation: 'MERGE',
            value: {
              name: manager,
              typed_config: {
                '@type': `type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
                forward_client_cert_details: 'SANITIZE_SET',
                set_current_client_cert_details: { cert: true, chain: true },
                max_request_headers_kb: 96,
                common_http_protocol_options: { headers_with_underscores_action: 'DROP_HEADER' },
              },
            },
          },
        },
        {
          applyTo: 'FILTER_CHAIN',
          match: { context: 'GATEWAY' },
          patch: {
            operation: 'MERGE',
            value: {
              transport_socket: {
                name: 'envoy.transport_sockets.tls',
                typed_config: {
                  '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
                  disable_stateless_session_resumption: true,
                  common_tls_context: {
                    combined_validation_context: {
                      default_validation_context: { trust_chain_verification: 'ACCEPT_UNTRUSTED' },
                    },
                  },
                },
              },
            },
          },
        },
      ],
    },
  }
}

function name({ serverName }: ProxySite): string {
  return `holdfast-${serverName.replaceAll('.', '-')}`
}

const manager = 'envoy.filters.network.http_connection_manager'
const gatewayTopology = '{"gatewayTopology":{"forwardClientCertDetails":"SANITIZE_SET"}}'
const opening: Opening = {
  title: 'Istio in front of Holdfast: kubectl apply -f holdfast-istio.yaml.',
  surroundings: [
    'secrets NAME-tls beside the gateway; that of the certificate host has some ca.crt as well, because OPTIONAL_MUTUAL wants one',
    'the pods of Holdfast have no sidecar (sidecar.istio.io/inject: "false"): a sidecar appends the certificate of the gateway, and Holdfast refuses a header with two elements',
    'the EnvoyFilter changes the gateway for all its hosts: give Holdfast a gateway of its own (the selector), or the other hosts take any certificate too',
    'nothing else in the cluster reaches Holdfast (NetworkPolicy); its listeners know the gateway by the proxy secret',
  ],
  tested: [],
  untested: [
    'everything: no cluster was available; written after the documentation of Istio and Envoy, its header read as it was recorded elsewhere',
  ],
}
