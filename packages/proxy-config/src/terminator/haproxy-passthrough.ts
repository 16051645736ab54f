import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { hostPort, siteGroups, upstreamNames } from '../site-group.ts'
import { blank, comment, haproxyDialect, line, type LineNode, lineText, section } from '../syntax/line-syntax.ts'

/** HAProxy that ends no TLS: a whole `haproxy.cfg`. */
export function haproxyPassthrough(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const names = upstreamNames(deployment.sites)
  const backends = new Map(deployment.sites.map((site) => [names.get(site) ?? '', site]))
  const nodes: readonly LineNode[] = [
    ...openingLines(opening).map(comment),
    blank,
    section(
      ['defaults'],
      [
        line('mode', 'tcp'),
        line('timeout', 'connect', '5s'),
        line('timeout', 'client', '60s'),
        line('timeout', 'server', '60s'),
      ],
    ),
    ...siteGroups(deployment.sites).flatMap((group) => {
      const first = group.sites[0]
      return [
        blank,
        section(
          ['frontend', `holdfast_${group.port}`],
          [
            ...(deployment.listen.length === 0
              ? [line('bind', `:::${group.port}`, 'v4v6')]
              : deployment.listen.map((host) => line('bind', hostPort(host, group.port)))),
            line('tcp-request', 'inspect-delay', '5s'),
            line('tcp-request', 'content', 'accept', 'if', '{', 'req.ssl_hello_type', '1', '}'),
            ...group.sites
              .slice(1)
              .map((site) =>
                line('use_backend', names.get(site) ?? '', 'if', '{', 'req.ssl_sni', '-i', site.serverName, '}'),
              ),
            comment('whoever names no server, or an unknown one, goes to the host for people'),
            line('default_backend', first === undefined ? '' : (names.get(first) ?? '')),
          ],
        ),
      ]
    }),
    ...[...backends].flatMap(([name, site]) => [blank, section(['backend', name], [server(site)])]),
  ]
  return [{ name: 'haproxy.cfg', text: lineText(haproxyDialect, nodes) }]
}

function server({ upstream }: ProxySite): LineNode {
  if (upstream.kind !== 'tls') throw new TypeError('this upstream has no TLS')
  const protocol = { v1: ['send-proxy'], v2: ['send-proxy-v2'], 'v1-or-v2': ['send-proxy-v2'] } as const
  const how = upstream.proxyProtocol === undefined ? [] : protocol[upstream.proxyProtocol]
  return line('server', 'holdfast', hostPort(upstream.host, upstream.port), ...how)
}

const opening: Opening = {
  title: 'HAProxy as a switch in front of Holdfast, which ends TLS itself: a whole haproxy.cfg.',
  surroundings: [
    'nobody but HAProxy reaches the listeners of Holdfast where they believe the PROXY protocol',
    'HAProxy 2.6 misses the name in a ClientHello that spans several TLS records: such clients get the host for people, unasked',
    'no Encrypted Client Hello is published for these names: the switch would see the public name only',
  ],
  tested: ['HAProxy 2.6.12, this text with PROXY protocol v2: the suite conformance/proxies/terminators.test.ts'],
  untested: ['other versions of HAProxy'],
}
