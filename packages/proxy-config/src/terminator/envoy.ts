import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { type SiteGroup, siteGroups, upstreamNames } from '../site-group.ts'
import { type YamlValue, yamlText } from '../syntax/yaml-syntax.ts'
import { recommendedCiphers } from './recommended-tls.ts'

/** Envoy: a whole bootstrap configuration. */
export function envoy(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const names = upstreamNames(deployment.sites)
  const clusters = new Map(deployment.sites.map((site) => [names.get(site) ?? '', site]))
  const addresses = deployment.listen.length === 0 ? ['::'] : deployment.listen
  const bootstrap: YamlValue = {
    static_resources: {
      listeners: siteGroups(deployment.sites).flatMap((group) =>
        addresses.map((address, at) => listener(group, deployment, names, address, at)),
      ),
      clusters: [...clusters].map(([name, site]) => ({
        name,
        type: 'STATIC',
        connect_timeout: '5s',
        load_assignment: {
          cluster_name: name,
          endpoints: [{ lb_endpoints: [{ endpoint: { address: endpoint(site) } }] }],
        },
      })),
    },
  }
  return [{ name: 'envoy.yaml', text: yamlText(openingLines(opening), [bootstrap]) }]
}

function listener(
  group: SiteGroup,
  deployment: ProxyDeployment,
  names: ReadonlyMap<ProxySite, string>,
  address: string,
  at: number,
): YamlValue {
  const [first, ...others] = group.sites
  return {
    name: `holdfast_${group.port}_${at}`,
    address: { socket_address: { address, port_value: group.port, ipv4_compat: address === '::' } },
    listener_filters: [
      {
        name: 'envoy.filters.listener.tls_inspector',
        typed_config: { '@type': type('extensions.filters.listener.tls_inspector.v3.TlsInspector') },
      },
    ],
    filter_chains: others.map((site) => ({
      filter_chain_match: { server_names: [site.serverName] },
      ...chain(site, deployment, names),
    })),
    // Whoever names no server, or an unknown one: the first host for people.
    ...(first === undefined ? {} : { default_filter_chain: chain(first, deployment, names) }),
  }
}

function chain(
  site: ProxySite,
  deployment: ProxyDeployment,
  names: ReadonlyMap<ProxySite, string>,
): { readonly [key: string]: YamlValue } {
  const asking = site.role === 'mtls'
  const from = site.certificateHeader
  return {
    filters: [
      {
        name: 'envoy.filters.network.http_connection_manager',
        typed_config: {
          '@type': type('extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'),
          stat_prefix: `holdfast_${site.role}`,
          codec_type: 'AUTO',
          max_request_headers_kb: 96,
          common_http_protocol_options: { headers_with_underscores_action: 'DROP_HEADER' },
          forward_client_cert_details: asking ? 'SANITIZE_SET' : 'SANITIZE',
          ...(asking ? { set_current_client_cert_details: { cert: true, chain: true } } : {}),
          route_config: {
            name: 'holdfast',
            request_headers_to_remove: clearedHeaders(deployment).filter(
              (name) => !['x-forwarded-client-cert', from?.secret?.header].includes(name.toLowerCase()),
            ),
            virtual_hosts: [
              {
                name: 'holdfast',
                domains: [site.serverName, `${site.serverName}:*`],
                routes: [
                  {
                    match: { prefix: '/' },
                    route: { cluster: names.get(site) ?? '', timeout: '60s' },
                    ...(from?.secret === undefined
                      ? {}
                      : {
                          request_headers_to_add: [
                            {
                              header: { key: writtenName(from.secret.header), value: from.secret.value },
                              append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
                            },
                          ],
                        }),
                  },
                ],
              },
              {
                name: 'misdirected',
                domains: ['*'],
                routes: [{ match: { prefix: '/' }, direct_response: { status: 421 } }],
              },
            ],
          },
          http_filters: [
            {
              name: 'envoy.filters.http.router',
              typed_config: { '@type': type('extensions.filters.http.router.v3.Router') },
            },
          ],
        },
      },
    ],
    transport_socket: {
      name: 'envoy.transport_sockets.tls',
      typed_config: {
        '@type': type('extensions.transport_sockets.tls.v3.DownstreamTlsContext'),
        require_client_certificate: false,
        disable_stateless_session_resumption: true,
        disable_stateful_session_resumption: true,
        common_tls_context: {
          alpn_protocols: ['h2', 'http/1.1'],
          tls_params: {
            tls_minimum_protocol_version: 'TLSv1_2',
            tls_maximum_protocol_version: 'TLSv1_3',
            cipher_suites: [...recommendedCiphers],
          },
          tls_certificates: [
            { certificate_chain: { filename: site.tls.certificate }, private_key: { filename: site.tls.key } },
          ],
          // Any certificate may come in: Holdfast decides.
          ...(asking ? { validation_context: { trust_chain_verification: 'ACCEPT_UNTRUSTED' } } : {}),
        },
      },
    },
  }
}

function endpoint({ upstream }: ProxySite): YamlValue {
  return upstream.kind === 'unix'
    ? { pipe: { path: upstream.path } }
    : { socket_address: { address: upstream.host, port_value: upstream.port } }
}

function type(name: string): string {
  return `type.googleapis.com/envoy.${name}`
}

const opening: Opening = {
  title: 'Envoy in front of Holdfast: a whole bootstrap configuration.',
  surroundings: [
    'Envoy 1.30 or later; Envoy is the first proxy that clients meet, so SANITIZE_SET is right: it drops what they say and sets its own',
    'the sockets belong to Holdfast, and only Envoy may connect to them; over TCP upstream addresses are IP addresses',
    'the file is readable by root alone where it contains the proxy secret',
    'with ACCEPT_UNTRUSTED and no CA Envoy asks for a certificate and takes any; that it also hands on expired ones was not tried',
  ],
  tested: [],
  untested: [
    'everything: Envoy was not available; written after its documentation, its header read as it was recorded elsewhere',
  ],
}
