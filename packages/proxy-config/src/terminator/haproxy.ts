import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { sensitiveHeaderPrefixes } from '../sensitive-headers.ts'
import { hostPort, type SiteGroup, siteGroups, upstreamNames } from '../site-group.ts'
import { blank, comment, haproxyDialect, line, type LineNode, lineText, section } from '../syntax/line-syntax.ts'
import { recommendedCiphers } from './recommended-tls.ts'
import { tooLarge } from './too-large.ts'

/** HAProxy: `haproxy.cfg`, and a `crt-list` for each port, which says per TLS name who is asked. */
export function haproxy(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const groups = siteGroups(deployment.sites)
  const names = upstreamNames(deployment.sites)
  const backends = new Map(deployment.sites.map((site) => [names.get(site) ?? '', site]))
  const nodes: readonly LineNode[] = [
    ...openingLines(opening).map(comment),
    blank,
    section(['global'], globals()),
    blank,
    section(
      ['defaults'],
      [
        line('mode', 'http'),
        line('timeout', 'connect', '5s'),
        line('timeout', 'client', '60s'),
        line('timeout', 'server', '60s'),
        line('timeout', 'http-request', '10s'),
        line('timeout', 'http-keep-alive', '60s'),
      ],
    ),
    ...groups.flatMap((group) => [blank, frontend(group, deployment, names)]),
    ...[...backends].flatMap(([name, site]) => [
      blank,
      section(['backend', name], [line('server', 'holdfast', address(site))]),
    ]),
  ]
  return [
    { name: 'haproxy.cfg', text: lineText(haproxyDialect, nodes) },
    ...groups.map((group) => ({ name: listName(group), text: crtList(group) })),
  ]
}

function globals(): readonly LineNode[] {
  return [
    comment('file names are relative to this file'),
    line('default-path', 'config'),
    comment('no resumption: a session of one name offered to the other would leave a certificate out, silently'),
    line('ssl-default-bind-options', 'ssl-min-ver', 'TLSv1.2', 'no-tls-tickets'),
    line('tune.ssl.cachesize', '0'),
    line('ssl-default-bind-ciphers', recommendedCiphers.join(':')),
    comment('a certificate that does not fit into the buffer would come as an empty header'),
    line('tune.bufsize', '65536'),
    line('tune.maxrewrite', '40960'),
  ]
}

function frontend(group: SiteGroup, deployment: ProxyDeployment, names: ReadonlyMap<ProxySite, string>): LineNode {
  const binds =
    deployment.listen.length === 0 ? [`:::${group.port}`] : deployment.listen.map((host) => hostPort(host, group.port))
  const v4v6 = deployment.listen.length === 0 ? ['v4v6'] : []
  const ignore = group.asking.length === 0 ? [] : ['crt-ignore-err', 'all', 'ca-ignore-err', 'all']
  const first = group.sites[0]
  return section(
    ['frontend', `holdfast_${group.port}`],
    [
      ...binds.map((bind) => line('bind', bind, ...v4v6, 'ssl', 'crt-list', listName(group), ...ignore)),
      comment('what a client says about certificates is removed, in every spelling and for every host'),
      line('http-request', 'del-header', removal(deployment), '-m', 'reg'),
      ...(group.asking.length === 0 ? [] : misdirected(group)),
      comment('as much as Holdfast takes; beyond it, its answer'),
      line(
        ...['http-request', 'return', 'status', '413', 'content-type', 'application/json', 'string', tooLarge],
        ...['if', '{', 'req.body_size', 'gt', `${deployment.bodyBytes}`, '}'],
      ),
      ...group.sites.flatMap((site) => addressHeader(site)),
      ...group.asking.flatMap((site) => [
        blank,
        comment(`${site.serverName} asks for a certificate; Holdfast decides`),
        ...certificate(site),
      ]),
      blank,
      ...group.sites.slice(1).map((site) => line('use_backend', names.get(site) ?? '', 'if', ...named(site))),
      line('default_backend', first === undefined ? '' : (names.get(first) ?? '')),
    ],
  )
}

/** 421 where the TLS name and `Host` are not of one kind; exactly one name where a certificate is asked for. */
function misdirected(group: SiteGroup): readonly LineNode[] {
  const asking = group.asking.map(({ serverName }) => serverName)
  return [
    comment('a Host that does not belong to the TLS name is sent to a new connection'),
    line('http-request', 'set-var(txn.host)', 'req.hdr(host),field(1,:),lower'),
    line('acl', 'tls_asks', 'ssl_fc_sni', '-i', ...asking),
    line('acl', 'host_asks', 'var(txn.host)', '-m', 'str', ...asking),
    line(
      'http-request',
      'return',
      'status',
      '421',
      'if',
      'tls_asks',
      '!{',
      'ssl_fc_sni,lower,strcmp(txn.host)',
      'eq',
      '0',
      '}',
    ),
    line('http-request', 'return', 'status', '421', 'if', '!tls_asks', 'host_asks'),
  ]
}

function certificate(site: ProxySite): readonly LineNode[] {
  const from = site.certificateHeader
  if (from === undefined) return []
  const leaf = from.preset === 'haproxy' ? '%[ssl_c_der,base64]' : ':%[ssl_c_der,base64]:'
  const set = (header: string, value: string, ...when: readonly string[]): LineNode =>
    line('http-request', 'set-header', writtenName(header), value, 'if', ...named(site), ...when)
  return [
    comment('ssl_c_used, not ssl_fc_has_crt: that is 0 on resumed sessions'),
    set(from.header, leaf, '{', 'ssl_c_used', '}'),
    ...(from.chainHeader === undefined
      ? []
      : [set(from.chainHeader, '%[ssl_c_chain_der,base64]', '{', 'ssl_c_used', '}')]),
    ...(from.verdictHeader === undefined ? [] : [set(from.verdictHeader, '%[ssl_c_verify]')]),
    ...(from.secret === undefined ? [] : [set(from.secret.header, from.secret.value)]),
  ]
}

function addressHeader(site: ProxySite): readonly LineNode[] {
  if (site.clientAddressHeader === undefined) return []
  return [line('http-request', 'set-header', writtenName(site.clientAddressHeader), '%[src]', 'if', ...named(site))]
}

function named(site: ProxySite): readonly string[] {
  return site.role === 'mtls'
    ? ['{', 'ssl_fc_sni', '-i', site.serverName, '}']
    : ['{', 'req.hdr(host),field(1,:),lower', '-m', 'str', site.serverName, '}']
}

/** Header names are lower case here; between letters and digits anything may stand. */
function removal(deployment: ProxyDeployment): string {
  const own = clearedHeaders(deployment).filter(
    (name) => !sensitiveHeaderPrefixes.some((prefix) => name.toLowerCase().startsWith(prefix.toLowerCase())),
  )
  const loose = (name: string): string => name.toLowerCase().split('-').join('[^a-z0-9]*')
  return `^(${[...sensitiveHeaderPrefixes.map(loose), ...own.map((name) => `${loose(name)}$`)].join('|')})`
}

function crtList(group: SiteGroup): string {
  return lineText(
    {
      quote: (word) => word,
      open: (words) => words,
      close: () => undefined,
    },
    [
      comment(`TLS names of port ${group.port}; the first line is for clients that name no server, or an unknown one`),
      comment('the private key stands in the certificate file, or beside it: certificate.pem.key'),
      ...group.sites.map(({ role, serverName, tls }) =>
        role === 'main'
          ? line(tls.certificate, '[alpn h2,http/1.1]', serverName)
          : line(tls.certificate, '[alpn h2,http/1.1 verify optional ca-file @system-ca no-ca-names]', serverName),
      ),
    ],
  )
}

function address({ upstream }: ProxySite): string {
  return upstream.kind === 'unix' ? `unix@${upstream.path}` : hostPort(upstream.host, upstream.port)
}

function listName(group: SiteGroup): string {
  return `holdfast-${group.port}.crt-list`
}

const opening: Opening = {
  title: 'HAProxy in front of Holdfast: /etc/haproxy/haproxy.cfg, with its crt-list files beside it.',
  surroundings: [
    'HAProxy 2.6 or later, with OpenSSL',
    'each private key stands in its certificate file, or beside it under the name of the certificate file with .key added',
    'the system has CA certificates: HAProxy wants some CA to ask for a certificate; which one does not matter, its verdict is ignored',
    'no chroot, or the sockets lie inside it; only HAProxy may connect to them (directory 0750, haproxy in its group)',
    'the file is readable by root alone where it contains the proxy secret',
    'resumption is off for the whole process',
  ],
  tested: ['HAProxy 2.6.12, this text: the suite conformance/proxies/terminators.test.ts'],
  untested: ['other versions of HAProxy'],
}
