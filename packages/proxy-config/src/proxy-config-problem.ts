import type { ProxyDeployment, ProxySite } from './proxy-deployment.ts'

/** Why no configuration is made. `path` names the value, such as `sites[1].tls.key`. */
export type ProxyConfigProblem =
  | { readonly reason: 'no_sites' }
  | { readonly reason: 'no_main_site' }
  | { readonly reason: 'no_mtls_site' }
  /** The value could mean something in the syntax of a terminator; nothing of the sort is written, however well quoted. */
  | { readonly reason: 'unsafe_value'; readonly path: string; readonly allowed: string }
  | { readonly reason: 'site_twice'; readonly serverName: string; readonly port: number }
  /** Holdfast reads the certificate in a form that this terminator does not write. */
  | {
      readonly reason: 'other_preset'
      readonly serverName: string
      readonly configured: string
      readonly possible: readonly string[]
    }
  /** The terminator and Holdfast do not meet: a header is written where Holdfast ends TLS itself, or the other way round. */
  | { readonly reason: 'other_upstream'; readonly serverName: string; readonly wanted: 'plain' | 'tls' | 'tcp' }
  /** The terminator speaks another version of the PROXY protocol than Holdfast expects. */
  | { readonly reason: 'other_proxy_protocol'; readonly serverName: string; readonly spoken: 'v1' }
  /** The terminator can send no secret, and Holdfast waits for one. */
  | { readonly reason: 'secret_impossible'; readonly serverName: string }
  /** The terminator cannot ask below a path. */
  | { readonly reason: 'path_impossible'; readonly serverName: string; readonly path: string }
  /** The terminator hands everything to one listener, and path and rest of the host have two. */
  | { readonly reason: 'one_listener_needed'; readonly serverName: string }
  /** One port has both roles and the terminator can ask per port only. */
  | { readonly reason: 'port_shared'; readonly port: number }

/** Every value of a deployment that is not plainly a name, a path, an address or a secret. */
export function unsafeValues(deployment: ProxyDeployment): readonly ProxyConfigProblem[] {
  const problems: ProxyConfigProblem[] = []
  const check = (path: string, value: string | undefined, kind: keyof typeof plain): void => {
    if (value !== undefined && !plain[kind].test(value))
      problems.push({ reason: 'unsafe_value', path, allowed: allowed[kind] })
  }
  deployment.listen.forEach((address, at) => {
    check(`listen[${at}]`, address, 'address')
  })
  deployment.sites.forEach((site, at) => {
    const here = `sites[${at}]`
    check(`${here}.serverName`, site.serverName, 'name')
    check(`${here}.port`, String(site.port), 'port')
    check(`${here}.path`, site.path, 'below')
    check(`${here}.tls.certificate`, site.tls.certificate, 'path')
    check(`${here}.tls.key`, site.tls.key, 'path')
    if (site.upstream.kind === 'unix') check(`${here}.upstream.path`, site.upstream.path, 'path')
    else {
      check(`${here}.upstream.host`, site.upstream.host, 'address')
      check(`${here}.upstream.port`, String(site.upstream.port), 'port')
    }
    check(`${here}.clientAddressHeader`, site.clientAddressHeader, 'header')
    const from = site.certificateHeader
    check(`${here}.certificateHeader.header`, from?.header, 'header')
    check(`${here}.certificateHeader.chainHeader`, from?.chainHeader, 'header')
    check(`${here}.certificateHeader.verdictHeader`, from?.verdictHeader, 'header')
    check(`${here}.certificateHeader.secret.header`, from?.secret?.header, 'header')
    check(`${here}.certificateHeader.secret.value`, from?.secret?.value, 'secret')
  })
  return problems
}

/** Sites that stand twice, and roles that nobody has. */
export function missingSites(sites: readonly ProxySite[]): readonly ProxyConfigProblem[] {
  if (sites.length === 0) return [{ reason: 'no_sites' }]
  const problems: ProxyConfigProblem[] = []
  if (sites.every(({ role }) => role !== 'main')) problems.push({ reason: 'no_main_site' })
  if (sites.every(({ role }) => role !== 'mtls')) problems.push({ reason: 'no_mtls_site' })
  const seen = new Set<string>()
  for (const { serverName, port, path = '' } of sites) {
    const key = `${serverName}:${port}${path}`
    if (seen.has(key)) problems.push({ reason: 'site_twice', serverName, port })
    seen.add(key)
  }
  return problems
}

/** No blank, quote, `;`, `{`, `}`, `$`, `%`, `#`, `\`, `|` or control character gets through any of them. */
const plain = {
  name: /^(?=.{1,253}$)(?!.*[.-][.])(?!.*\.-)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/,
  address: /^[A-Za-z0-9:](?:[A-Za-z0-9.:-]{0,252})$/,
  port: /^[1-9][0-9]{0,4}$/,
  below: /^\/[a-z0-9-]{1,63}$/,
  path: /^\/[A-Za-z0-9._/@+=,:~-]{1,4095}$/,
  header: /^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/,
  secret: /^[A-Za-z0-9+/=._~-]{32,1024}$/,
} as const
const allowed: { readonly [Kind in keyof typeof plain]: string } = {
  name: 'a lower-case DNS name',
  address: 'an IP address or a host name',
  port: 'a port number',
  below: 'a path of one segment: letters, digits and -',
  path: 'an absolute path of letters, digits and . _ / @ + = , : ~ -',
  header: 'letters, digits and -',
  secret: '32 or more of letters, digits and + / = . _ ~ -',
}
