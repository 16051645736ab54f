import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { hostPort, type SiteGroup, siteBelow, siteGroups, upstreamNames } from '../site-group.ts'
import { apacheDialect, blank, comment, line, type LineNode, lineText, section } from '../syntax/line-syntax.ts'
import { recommendedCiphers } from './recommended-tls.ts'
import { tooLarge } from './too-large.ts'

/** Apache httpd: one file of virtual hosts, people's first. */
export function apache(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const names = upstreamNames(deployment.sites)
  const groups = siteGroups(deployment.sites)
  const nodes: readonly LineNode[] = [
    ...openingLines(opening).map(comment),
    blank,
    ...groups.flatMap((group) => listens(group, deployment)),
    comment('a resumed session would bring the certificate of an older handshake, with a verdict that is not true'),
    line('SSLSessionCache', 'none'),
    ...groups.flatMap((group) =>
      group.sites.flatMap((site) => [blank, host(site, siteBelow(site, group), deployment, names)]),
    ),
  ]
  return [{ name: 'holdfast.conf', text: lineText(apacheDialect, nodes) }]
}

function listens(group: SiteGroup, deployment: ProxyDeployment): readonly LineNode[] {
  if (deployment.listen.length > 0)
    return deployment.listen.map((address) => line('Listen', hostPort(address, group.port), 'https'))
  return group.port === 443
    ? [comment('"Listen 443" stands in ports.conf')]
    : [line('Listen', `${group.port}`, 'https')]
}

function host(
  site: ProxySite,
  below: ProxySite | undefined,
  deployment: ProxyDeployment,
  names: ReadonlyMap<ProxySite, string>,
): LineNode {
  const asking = site.role === 'mtls'
  const from = site.certificateHeader
  const addresses =
    deployment.listen.length === 0 ? [`*:${site.port}`] : deployment.listen.map((a) => hostPort(a, site.port))
  return section(
    ['VirtualHost', ...addresses],
    [
      comment(asking ? 'asks for a client certificate' : 'for people: never asks for a certificate'),
      line('ServerName', site.serverName),
      ...(below === undefined
        ? [line('Protocols', 'h2', 'http/1.1')]
        : [
            comment(
              'path style: a certificate can be asked for later only by renegotiation, which TLS 1.3 and HTTP/2 do not have',
            ),
            line('Protocols', 'http/1.1'),
          ]),
      line('SSLEngine', 'on'),
      line('SSLCertificateFile', site.tls.certificate),
      line('SSLCertificateKeyFile', site.tls.key),
      line('SSLProtocol', '-all', '+TLSv1.2', ...(below === undefined ? ['+TLSv1.3'] : [])),
      line('SSLCipherSuite', recommendedCiphers.join(':')),
      line('SSLHonorCipherOrder', 'off'),
      line('SSLSessionTickets', 'off'),
      ...(asking
        ? [
            comment(
              'any certificate may come in: Holdfast decides. Expired ones Apache refuses by itself, with a TLS alert',
            ),
            line('SSLVerifyClient', 'optional_no_ca'),
            line('SSLVerifyDepth', '10'),
            line('SSLOptions', '+ExportCertData'),
          ]
        : []),
      line('LimitRequestFieldSize', '32768'),
      comment('as much as Holdfast takes; beyond it, its answer'),
      section(['If', `%{HTTP:Content-Length} -gt ${deployment.bodyBytes}`], [line('Redirect', '413', '/')]),
      line('ErrorDocument', '413', tooLarge),
      line('Header', 'always', 'set', 'Content-Type', 'application/json', 'expr=%{REQUEST_STATUS} -eq 413'),
      comment('or a client could name a header there, and Apache would remove it after setting it'),
      line('RequestHeader', 'set', 'Connection', 'close', 'expr=%{HTTP:Connection} =~ /\\bclose\\b/i'),
      line('RequestHeader', 'unset', 'Connection', "expr=%{HTTP:Connection} != 'close'"),
      comment('what a client says about certificates is removed, with "-" and with "_"'),
      ...spellings(clearedHeaders(deployment)).map((name) => line('RequestHeader', 'unset', name)),
      ...(site.clientAddressHeader === undefined
        ? []
        : [line('RequestHeader', 'set', writtenName(site.clientAddressHeader), 'expr=%{REMOTE_ADDR}')]),
      ...(from === undefined ? [] : written(from)),
      line('ProxyRequests', 'off'),
      line('ProxyPreserveHost', 'on'),
      line('ProxyAddHeaders', 'off'),
      comment('the name after "http://" tells connection pools apart, nobody looks it up'),
      ...(below === undefined
        ? []
        : [
            belowPath(below),
            line(
              'ProxyPass',
              below.path ?? '',
              `${target(below, names.get(below) ?? '').replace(/\/$/, '')}${below.path ?? ''}`,
              'ttl=60',
            ),
          ]),
      line('ProxyPass', '/', target(site, names.get(site) ?? ''), 'ttl=60'),
    ],
  )
}

/** By pattern: the path itself and what lies below it, as Apache has decoded it. */
function belowPath(below: ProxySite): LineNode {
  return section(
    ['LocationMatch', `^${below.path ?? ''}(/|$)`],
    [
      comment('asks for a client certificate, any: Holdfast decides'),
      line('SSLVerifyClient', 'optional_no_ca'),
      line('SSLVerifyDepth', '10'),
      line('SSLOptions', '+ExportCertData'),
      comment('a body comes before the certificate and is kept meanwhile'),
      line('SSLRenegBufferSize', '131072'),
      ...(below.certificateHeader === undefined ? [] : written(below.certificateHeader)),
    ],
  )
}

function written(from: NonNullable<ProxySite['certificateHeader']>): readonly LineNode[] {
  const header = writtenName(from.header)
  const leaf =
    from.preset === 'apache'
      ? []
      : [
          comment('the PEM without its lines of dashes and its blanks is the Byte Sequence of RFC 9440'),
          line('RequestHeader', 'edit*', header, '-----[A-Z ]+-----|\\s', ''),
          line('RequestHeader', 'edit', header, '^([A-Za-z0-9+/=]+)$', ':$1:'),
        ]
  return [
    line('RequestHeader', 'set', header, '%{SSL_CLIENT_CERT}s'),
    ...leaf,
    line('RequestHeader', 'unset', header, 'expr=-z %{SSL_CLIENT_CERT}'),
    ...(from.verdictHeader === undefined
      ? []
      : [line('RequestHeader', 'set', writtenName(from.verdictHeader), '%{SSL_CLIENT_VERIFY}s')]),
    ...(from.secret === undefined
      ? []
      : [line('RequestHeader', 'set', writtenName(from.secret.header), from.secret.value)]),
  ]
}

function spellings(names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [name, name.replaceAll('-', '_')])
}

function target({ upstream }: ProxySite, name: string): string {
  return upstream.kind === 'unix'
    ? `unix:${upstream.path}|http://${name.replaceAll('_', '-')}/`
    : `http://${hostPort(upstream.host, upstream.port)}/`
}

const opening: Opening = {
  title: 'Apache httpd in front of Holdfast: /etc/apache2/sites-available/holdfast.conf, or included in httpd.conf.',
  surroundings: [
    'Apache 2.4.64 or later (CVE-2025-23048), an MPM with threads (event), and a2enmod alias ssl headers proxy proxy_http http2',
    'no other virtual host on these ports comes before this file: the first one takes clients that name no server',
    'the sockets belong to Holdfast, and only Apache may connect to them (directory 0750, www-data in its group)',
    'this file is readable by root alone where it contains the proxy secret',
    'an expired certificate, one not yet valid, or one without the purpose clientAuth ends in a TLS alert: Apache cannot hand it on',
    'Apache hands on the leaf only: intermediate CAs stand under `trust` in holdfast.yaml',
    'a body beyond the limit of Holdfast that comes without Content-Length ends in a 502 of Apache',
    'resumption is off for the whole process (SSLSessionCache)',
  ],
  tested: ['Apache 2.4.71, this text: the suite conformance/proxies/terminators.test.ts'],
  untested: ['other versions of Apache'],
}
