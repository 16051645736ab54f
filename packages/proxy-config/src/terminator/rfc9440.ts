import { clearedHeaders, writtenName } from '../cleared-headers.ts'
import type { ProxyConfigFile } from '../proxy-config.ts'
import type { ProxyDeployment, ProxySite } from '../proxy-deployment.ts'
import { hostPort } from '../site-group.ts'
import { yamlText } from '../syntax/yaml-syntax.ts'
import { type Opening, openingLines } from '../opening.ts'
import { recommendedCiphers } from './recommended-tls.ts'

/** Any proxy that keeps RFC 9440: what it must do, as data, host by host. */
export function rfc9440(deployment: ProxyDeployment): readonly ProxyConfigFile[] {
  const tls = { minimum: 'TLS 1.2', 'cipher-suites-of-TLS-1.2': [...recommendedCiphers] }
  return [
    {
      name: 'holdfast-proxy.yaml',
      text: yamlText(openingLines(opening), [
        {
          tls,
          'longest-body-in-bytes': deployment.bodyBytes,
          'remove-from-every-request': [...clearedHeaders(deployment)],
          'without-server-name': deployment.sites.find(({ role }) => role === 'main')?.serverName,
          sites: deployment.sites.map(site),
        },
      ]),
    },
  ]
}

function site(it: ProxySite): Readonly<Record<string, string | number | boolean | Readonly<Record<string, string>>>> {
  const from = it.certificateHeader
  const { upstream } = it
  return {
    'server-name': it.serverName,
    port: it.port,
    'asks-for-a-certificate': it.role === 'mtls',
    'requires-one': false,
    'session-resumption': it.role === 'main',
    'other-Host-than-TLS-name': '421',
    upstream: upstream.kind === 'unix' ? `unix:${upstream.path}` : hostPort(upstream.host, upstream.port),
    'set-after-removing':
      from === undefined
        ? {}
        : {
            [writtenName(from.header)]: 'the leaf as a Byte Sequence, :BASE64:, and no header without a certificate',
            ...(from.chainHeader === undefined
              ? {}
              : { [writtenName(from.chainHeader)]: 'the other certificates as a List of Byte Sequences' }),
            ...(from.secret === undefined ? {} : { [writtenName(from.secret.header)]: from.secret.value }),
          },
  }
}

const opening: Opening = {
  title: 'Any proxy that keeps RFC 9440 in front of Holdfast: what it must do. No program reads this file.',
  surroundings: [
    'headers of the certificate are set after Connection: was processed, so that a client cannot name them there',
    'a bad certificate (expired, unknown CA, wrong purpose) is handed on, not refused: Holdfast decides and answers in JSON',
    'a header of 24 KB fits on the way to Holdfast',
  ],
  tested: ['the header itself, from HAProxy, Apache and Caddy: the suite conformance/proxies/terminators.test.ts'],
  untested: ['your proxy'],
}
