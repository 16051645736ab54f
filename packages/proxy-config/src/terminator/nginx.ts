import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import { hostPort, type SiteGroup, siteBelow, siteGroups, upstreamNames } from '../site-group.ts'
import { blank, block, comment, directive, type NginxNode, nginxText } from '../syntax/nginx-syntax.ts'
import { nginxNameRoom } from './nginx-name-room.ts'
import { recommendedCiphers } from './recommended-tls.ts'
import { tooLarge } from './too-large.ts'

/** nginx: one file for the `http` context. */
export function nginx(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const names = upstreamNames(deployment.sites)
  const groups = siteGroups(deployment.sites)
  const upstreams = new Map(deployment.sites.map((site) => [names.get(site) ?? '', site]))
  const nodes: readonly NginxNode[] = [
    ...openingLines(opening).map(comment),
    blank,
    ...nginxNameRoom(
      deployment.sites.map(({ serverName }) => serverName),
      ['server_names_hash_bucket_size', 'map_hash_bucket_size'],
    ),
    ...nginxNameRoom(clearedHeaders(deployment), ['proxy_headers_hash_bucket_size']),
    ...groups.filter(mixed).flatMap(tlsNames),
    ...groups.flatMap((group) => group.mains.flatMap((site) => belowPath(site, siteBelow(site, group), names))),
    ...[...upstreams].map(([name, site]) =>
      block(
        ['upstream', name],
        [
          directive('server', address(site)),
          directive('keepalive', '32'),
          comment('shorter than the time after which Holdfast closes'),
          directive('keepalive_timeout', '60s'),
        ],
      ),
    ),
    ...groups.flatMap((group) =>
      group.sites.flatMap((site, at) => [blank, server(site, at === 0, group, deployment, names.get(site) ?? '')]),
    ),
  ]
  return [{ name: 'holdfast.conf', text: nginxText(nodes) }]
}

/** nginx compares map keys without case, and `hostnames` ignores a final dot: as TLS does. */
function tlsNames(group: SiteGroup): readonly NginxNode[] {
  return [
    comment('which TLS names ask for a certificate: the answer to a Host that does not fit is 421'),
    block(
      ['map', '$ssl_server_name', asks(group)],
      [directive('hostnames'), directive('default', '0'), ...group.asking.map((s) => directive(s.serverName, '1'))],
    ),
    blank,
  ]
}

/**
 * nginx asks per TLS name only. In path style it asks everybody on the host, hands certificates on below the path and nowhere else.
 * Maps and no `location`, so that requests with a certificate that nginx itself refuses (495) take the same road.
 */
function belowPath(
  site: ProxySite,
  below: ProxySite | undefined,
  names: ReadonlyMap<ProxySite, string>,
): readonly NginxNode[] {
  if (below === undefined) return []
  const is = variableOf(site, 'below')
  const only = (what: string, value: string, otherwise = ''): NginxNode =>
    block(['map', is, variableOf(site, what)], [directive('default', otherwise), directive('1', value)])
  const from = below.certificateHeader
  return [
    comment(`what lies below ${below.path ?? ''} of ${site.serverName}`),
    block(['map', '$uri', is], [directive('default', '0'), directive(`~^${below.path ?? ''}(?:/|$)`, '1')]),
    only('upstream', names.get(below) ?? '', names.get(site) ?? ''),
    ...(from === undefined ? [] : [only('certificate', '$ssl_client_escaped_cert')]),
    ...(from?.verdictHeader === undefined ? [] : [only('verdict', '$ssl_client_verify')]),
    ...(from?.secret === undefined ? [] : [only('secret', from.secret.value)]),
    blank,
  ]
}

/** `a.b` and `a-b` are two names, and must be two variables. */
function variableOf({ serverName, port }: ProxySite, what: string): string {
  return `$holdfast_${what}_${serverName.replaceAll('-', '__').replaceAll('.', '_')}_${port}`
}

function server(
  site: ProxySite,
  first: boolean,
  group: SiteGroup,
  deployment: ProxyDeployment,
  upstream: string,
): NginxNode {
  const below = siteBelow(site, group)
  const asking = site.role === 'mtls' || below !== undefined
  const from = below?.certificateHeader ?? site.certificateHeader
  const listen = deployment.listen.length === 0 ? [`${site.port}`, `[::]:${site.port}`] : undefined
  const to = below === undefined ? upstream : variableOf(site, 'upstream')
  const addresses = listen ?? deployment.listen.map((host) => hostPort(host, site.port))
  return block(
    ['server'],
    [
      comment(
        below !== undefined
          ? 'path style: asks everybody on this host for a client certificate, people too'
          : asking
            ? 'asks for a client certificate'
            : 'for people: never asks for a certificate',
      ),
      ...(first && !asking
        ? [comment('default_server: a client that names no server, or an unknown one, ends here')]
        : []),
      ...addresses.map((value) => directive('listen', value, 'ssl', 'http2', ...(first ? ['default_server'] : []))),
      directive('server_name', site.serverName),
      directive('ssl_certificate', site.tls.certificate),
      directive('ssl_certificate_key', site.tls.key),
      directive('ssl_protocols', 'TLSv1.2', 'TLSv1.3'),
      directive('ssl_ciphers', recommendedCiphers.join(':')),
      directive('ssl_prefer_server_ciphers', 'off'),
      comment('a resumed session would bring the certificate, and the verdict, of an older handshake'),
      directive('ssl_session_cache', 'off'),
      directive('ssl_session_tickets', 'off'),
      ...(asking
        ? [
            comment('any certificate may come in: Holdfast decides'),
            directive('ssl_verify_client', 'optional_no_ca'),
            comment('expired ones and such too, instead of an HTML page of nginx'),
            directive('error_page', '495', '=', '@holdfast'),
          ]
        : []),
      directive('underscores_in_headers', 'off'),
      directive('ignore_invalid_headers', 'on'),
      directive('large_client_header_buffers', '4', '32k'),
      comment('as much as Holdfast takes; beyond it, its answer'),
      directive('client_max_body_size', `${deployment.bodyBytes}`),
      directive('error_page', '413', '=', '@holdfast_too_large'),
      ...(mixed(group)
        ? [block(['if', `(${asks(group)}`, '=', site.role === 'mtls' ? '0)' : '1)'], [directive('return', '421')])]
        : []),
      comment('headers: here and not in the location, so that a further location inherits them'),
      directive('proxy_http_version', '1.1'),
      directive('proxy_set_header', 'Connection', ''),
      directive('proxy_set_header', 'Host', '$http_host'),
      ...(site.clientAddressHeader === undefined
        ? []
        : [directive('proxy_set_header', writtenName(site.clientAddressHeader), '$remote_addr')]),
      ...(from === undefined ? [] : below === undefined ? written(from) : writtenBelow(site, from)),
      ...clearedHeaders(deployment)
        .filter((name) => !isWritten(name, from))
        .map((name) => directive('proxy_set_header', name, '')),
      block(['location', '/'], [directive('proxy_pass', `http://${to}`)]),
      block(
        ['location', '@holdfast_too_large'],
        [directive('default_type', 'application/json'), directive('return', '413', tooLarge)],
      ),
      ...(asking ? [block(['location', '@holdfast'], [directive('proxy_pass', `http://${to}`)])] : []),
    ],
  )
}

function written(from: NonNullable<ProxySite['certificateHeader']>): readonly NginxNode[] {
  const { header, verdictHeader, secret } = from
  return [
    directive('proxy_set_header', writtenName(header), '$ssl_client_escaped_cert'),
    ...(verdictHeader === undefined
      ? []
      : [directive('proxy_set_header', writtenName(verdictHeader), '$ssl_client_verify')]),
    ...(secret === undefined ? [] : [directive('proxy_set_header', writtenName(secret.header), secret.value)]),
  ]
}

function writtenBelow(site: ProxySite, from: NonNullable<ProxySite['certificateHeader']>): readonly NginxNode[] {
  const { header, verdictHeader, secret } = from
  const set = (name: string, what: string): NginxNode =>
    directive('proxy_set_header', writtenName(name), variableOf(site, what))
  return [
    set(header, 'certificate'),
    ...(verdictHeader === undefined ? [] : [set(verdictHeader, 'verdict')]),
    ...(secret === undefined ? [] : [set(secret.header, 'secret')]),
  ]
}

function isWritten(name: string, from: ProxySite['certificateHeader']): boolean {
  const lower = name.toLowerCase()
  return from !== undefined && [from.header, from.verdictHeader, from.secret?.header.toLowerCase()].includes(lower)
}

function address({ upstream }: ProxySite): string {
  return upstream.kind === 'unix' ? `unix:${upstream.path}` : hostPort(upstream.host, upstream.port)
}

function mixed(group: SiteGroup): boolean {
  return group.mains.length > 0 && group.asking.length > 0
}

function asks(group: SiteGroup): string {
  return `$holdfast_asks_${group.port}`
}

const opening: Opening = {
  title: 'nginx in front of Holdfast: include this file in the http block (/etc/nginx/conf.d/holdfast.conf).',
  surroundings: [
    'nginx 1.19 or later, with http_ssl and http_v2; 1.25.1 and later warn about "listen … http2" and go on',
    'no other server block on these ports is marked default_server',
    'the sockets belong to Holdfast, and only nginx may connect to them (directory 0750, nginx in its group)',
    'this file is readable by root alone where it contains the proxy secret',
    'nginx hands on the leaf only: intermediate CAs stand under `trust` in holdfast.yaml',
  ],
  tested: ['nginx 1.22.1, this text: the suite conformance/proxies/terminators.test.ts'],
  untested: ['other versions of nginx'],
}
