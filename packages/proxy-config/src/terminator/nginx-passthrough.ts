import { type Opening, openingLines } from '../opening.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { hostPort, siteGroups, upstreamNames } from '../site-group.ts'
import { nginxNameRoom } from './nginx-name-room.ts'
import { blank, block, comment, directive, type NginxNode, nginxText } from '../syntax/nginx-syntax.ts'

/** nginx that ends no TLS: one file beside the `http` block. */
export function nginxPassthrough(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const names = upstreamNames(deployment.sites)
  const upstreams = new Map(deployment.sites.map((site) => [names.get(site) ?? '', site]))
  const body: readonly NginxNode[] = [
    ...nginxNameRoom(
      deployment.sites.map(({ serverName }) => serverName),
      ['map_hash_bucket_size'],
    ),
    ...siteGroups(deployment.sites).flatMap((group) => {
      const first = group.sites[0]
      const chosen = `$holdfast_upstream_${group.port}`
      const listen =
        deployment.listen.length === 0
          ? [`${group.port}`, `[::]:${group.port}`]
          : deployment.listen.map((host) => hostPort(host, group.port))
      return [
        comment('whoever names no server, or an unknown one, goes to the host for people'),
        block(
          ['map', '$ssl_preread_server_name', chosen],
          [
            directive('hostnames'),
            directive('default', first === undefined ? '' : (names.get(first) ?? '')),
            ...group.sites.map((site) => directive(site.serverName, names.get(site) ?? '')),
          ],
        ),
        block(
          ['server'],
          [
            ...listen.map((address) => directive('listen', address)),
            directive('ssl_preread', 'on'),
            directive('preread_timeout', '10s'),
            ...(group.sites.some(speaksProxyProtocol) ? [directive('proxy_protocol', 'on')] : []),
            directive('proxy_pass', chosen),
          ],
        ),
        blank,
      ]
    }),
    ...[...upstreams].map(([name, site]) =>
      block(['upstream', name], [directive('server', hostPort(...address(site)))]),
    ),
  ]
  return [
    {
      name: 'holdfast-stream.conf',
      text: nginxText([...openingLines(opening).map(comment), blank, block(['stream'], body)]),
    },
  ]
}

function speaksProxyProtocol({ upstream }: ProxySite): boolean {
  return upstream.kind === 'tls' && upstream.proxyProtocol !== undefined
}

function address({ upstream }: ProxySite): readonly [string, number] {
  if (upstream.kind === 'unix') throw new TypeError('a Unix socket has no TLS')
  return [upstream.host, upstream.port]
}

const opening: Opening = {
  title: 'nginx as a switch in front of Holdfast, which ends TLS itself: include this file beside the http block.',
  surroundings: [
    'nginx with the stream and stream_ssl_preread modules (Debian: libnginx-mod-stream)',
    'nginx sends version 1 of the PROXY protocol: the listeners of Holdfast say proxy-protocol: v1 or v1-or-v2',
    'nobody but nginx reaches the listeners of Holdfast where they believe the PROXY protocol',
    'no Encrypted Client Hello is published for these names: the switch would see the public name only',
  ],
  tested: ['nginx 1.22.1, this text: the suite conformance/proxies/terminators.test.ts'],
  untested: ['other versions of nginx'],
}
