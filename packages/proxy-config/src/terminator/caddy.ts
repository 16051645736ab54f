import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { sensitiveHeaderPrefixes } from '../sensitive-headers.ts'
import { hostPort, siteGroups } from '../site-group.ts'
import { tooLarge } from './too-large.ts'
import { blank, caddyDialect, comment, line, type LineNode, lineText, section } from '../syntax/line-syntax.ts'

/** Caddy: a whole Caddyfile. */
export function caddy(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const groups = siteGroups(deployment.sites)
  const main = deployment.sites.find(({ role }) => role === 'main')
  const nodes: readonly LineNode[] = [
    ...openingLines(opening).map(comment),
    blank,
    section(
      [],
      [
        comment('whoever reaches the admin API can rewrite everything below; reload by restarting instead'),
        line('admin', 'off'),
        comment('certificates come from files, and port 80 stays closed'),
        line('auto_https', 'off'),
        ...(main === undefined
          ? []
          : [comment('a client that names no server gets the host for people'), line('default_sni', main.serverName)]),
        section(['servers'], [comment('no HTTP/3'), line('protocols', 'h1', 'h2')]),
      ],
    ),
    blank,
    section(
      [`(${stripping})`],
      [
        comment('what a client says about certificates is removed, with "-" and with "_"'),
        ...removals(deployment).map((name) => line('request_header', `-${name}`)),
      ],
    ),
    ...groups.flatMap((group) => group.sites.flatMap((site) => [blank, siteBlock(site, deployment)])),
  ]
  return [{ name: 'Caddyfile', text: lineText(caddyDialect, nodes) }]
}

function siteBlock(site: ProxySite, deployment: ProxyDeployment): LineNode {
  const asking = site.role === 'mtls'
  return section(
    [`https://${site.serverName}:${site.port}`],
    [
      comment(asking ? 'asks for a client certificate; Holdfast decides' : 'for people: never asks for a certificate'),
      ...(deployment.listen.length === 0 ? [] : [line('bind', ...deployment.listen)]),
      section(
        ['tls', site.tls.certificate, site.tls.key],
        [
          line('protocols', 'tls1.2', 'tls1.3'),
          ...(asking ? [section(['client_auth'], [line('mode', 'request')])] : []),
        ],
      ),
      line('import', stripping),
      comment('as much as Holdfast takes; beyond it, its answer'),
      section(['request_body'], [line('max_size', `${deployment.bodyBytes}`)]),
      section(
        ['handle_errors'],
        [
          line('@too_large', 'expression', '{http.error.status_code} == 413'),
          line('header', '@too_large', 'Content-Type', 'application/json'),
          line('respond', '@too_large', tooLarge, '413'),
        ],
      ),
      section(
        ['reverse_proxy', target(site)],
        [
          ...written(site),
          section(
            ['transport', 'http'],
            [comment('shorter than Holdfast keeps its side open'), line('keepalive', '60s')],
          ),
        ],
      ),
    ],
  )
}

function written(site: ProxySite): readonly LineNode[] {
  const from = site.certificateHeader
  const address =
    site.clientAddressHeader === undefined
      ? []
      : [line('header_up', writtenName(site.clientAddressHeader), '{http.request.remote.host}')]
  if (from === undefined) return address
  const der = '{http.request.tls.client.certificate_der_base64}'
  return [
    ...address,
    line('header_up', writtenName(from.header), from.preset === 'caddy' ? der : `:${der}:`),
    ...(from.secret === undefined ? [] : [line('header_up', writtenName(from.secret.header), from.secret.value)]),
  ]
}

/** Prefixes where Caddy can, whole names elsewhere; both spellings. */
function removals(deployment: ProxyDeployment): readonly string[] {
  const own = clearedHeaders(deployment).filter(
    (name) => !sensitiveHeaderPrefixes.some((prefix) => name.toLowerCase().startsWith(prefix.toLowerCase())),
  )
  return [...sensitiveHeaderPrefixes.map((prefix) => `${prefix}*`), ...own].flatMap((name) => [
    name,
    ...(name.includes('-') ? [name.replaceAll('-', '_')] : []),
  ])
}

function target({ upstream }: ProxySite): string {
  return upstream.kind === 'unix' ? `unix/${upstream.path}` : hostPort(upstream.host, upstream.port)
}

const stripping = 'holdfast_strip'
const opening: Opening = {
  title: 'Caddy in front of Holdfast: a whole Caddyfile.',
  surroundings: [
    'Caddy 2.6 or later; before the fix of caddy issue 7530 it sends the name of its variable where there is no certificate, which Holdfast understands',
    'the sockets belong to Holdfast, and only Caddy may connect to them (directory 0750, caddy in its group)',
    'this file is readable by root and Caddy alone where it contains the proxy secret',
    'Caddy hands on the leaf only: intermediate CAs stand under `trust` in holdfast.yaml',
    'Caddy answers 421 to whoever names no server in TLS: such clients are never asked for a certificate, and are not served',
    'a TLS session of one host that is offered to the other is resumed without asking for the certificate: the client is refused, not mistaken for another',
  ],
  tested: ['Caddy 2.6.2, this text: the suite conformance/proxies/terminators.test.ts'],
  untested: ['other versions of Caddy', 'HTTP/3, which is switched off'],
}
