import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { type YamlValue, yamlText } from '../syntax/yaml-syntax.ts'
import { tcpUrl } from './tcp-url.ts'

/** Kong: a declarative configuration. */
export function kong(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const document: YamlValue = {
    _format_version: '3.0',
    services: deployment.sites.map((site, at) => service(site, at, deployment)),
  }
  return [{ name: 'kong.yaml', text: yamlText(openingLines(opening), [document]) }]
}

function service(site: ProxySite, at: number, deployment: ProxyDeployment): YamlValue {
  const from = site.certificateHeader
  const asking = site.role === 'mtls'
  const cleared = clearedHeaders(deployment).filter(
    (name) => name.toLowerCase() !== from?.header && name.toLowerCase() !== from?.secret?.header,
  )
  const secret = from?.secret === undefined ? [] : [`${writtenName(from.secret.header)}:${from.secret.value}`]
  return {
    name: `holdfast-${at}`,
    url: tcpUrl(site),
    routes: [
      {
        name: `holdfast-${at}`,
        protocols: ['https'],
        hosts: [site.serverName],
        snis: [site.serverName],
        preserve_host: true,
        strip_path: false,
        // Of the route and not of the service: only so Kong asks by name, and only while every route has its SNI.
        plugins: [
          {
            name: 'pre-function',
            // Runs before every other plugin, also where there is no certificate.
            config: { access: [`kong.service.request.clear_header("${writtenName(from?.header ?? 'client-cert')}")`] },
          },
          {
            name: 'request-transformer',
            config: {
              remove: { headers: [...cleared] },
              ...(secret.length === 0 ? {} : { add: { headers: secret }, replace: { headers: secret } }),
            },
          },
          ...(asking
            ? [
                { name: 'tls-handshake-modifier', config: { tls_client_certificate: 'REQUEST' } },
                {
                  name: 'tls-metadata-headers',
                  config: {
                    inject_client_cert_details: true,
                    client_cert_header_name: writtenName(from?.header ?? ''),
                    // By default named like certificate headers, which Holdfast would refuse.
                    client_serial_header_name: 'X-Kong-Serial',
                    client_cert_issuer_dn_header_name: 'X-Kong-Issuer-DN',
                    client_cert_subject_dn_header_name: 'X-Kong-Subject-DN',
                    client_cert_fingerprint_header_name: 'X-Kong-Fingerprint',
                  },
                },
              ]
            : []),
          { name: 'request-size-limiting', config: { allowed_payload_size: deployment.bodyBytes, size_unit: 'bytes' } },
        ],
      },
    ],
  }
}

const opening: Opening = {
  title: 'Kong in front of Holdfast: a declarative configuration.',
  surroundings: [
    'Kong Gateway Enterprise 3, which has the plugins tls-handshake-modifier and tls-metadata-headers; certificates of both names are loaded as SNIs',
    'every route of this Kong has its snis: one without makes Kong ask every client for a certificate',
    'kong.conf: ssl_protocols = TLSv1.2 TLSv1.3, nginx_http_large_client_header_buffers = 8 24k, nginx_proxy_ssl_session_tickets = off',
    'the pre-function runs before the plugin that writes the header; try with a forged header and no certificate before going live',
    'Holdfast is reached over TCP, so its listeners know Kong by the proxy secret; the file is readable by its user alone',
    'intermediate CAs stand under `trust` in holdfast.yaml',
  ],
  tested: [],
  untested: ['everything: no Kong was available; written after its documentation and the source of its plugin'],
}
