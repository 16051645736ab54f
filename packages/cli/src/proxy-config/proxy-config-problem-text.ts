import type { ProxyConfigProblem } from '@holdfast/proxy-config'

/** A problem for people, in one line. */
export function proxyConfigProblemText(problem: ProxyConfigProblem): string {
  switch (problem.reason) {
    case 'no_sites':
      return 'no listener of that kind has a host'
    case 'no_main_site':
      return 'no host with role main: nobody could take clients that name no server'
    case 'no_mtls_site':
      return 'no host with role mtls: nobody asks for certificates'
    case 'site_twice':
      return `${problem.serverName}:${problem.port} is served by two listeners: the terminator cannot know which one to use`
    case 'unsafe_value':
      return `${problem.path} is refused in a generated configuration: allowed is ${problem.allowed}`
    case 'other_preset':
      return `${problem.serverName}: client-certificate.from is ${problem.configured}, this terminator needs ${problem.possible.join(' or ')}`
    case 'other_upstream':
      return `${problem.serverName}: ${wantedUpstream[problem.wanted]}`
    case 'other_proxy_protocol':
      return `${problem.serverName}: this terminator speaks ${problem.spoken} of the PROXY protocol: say proxy-protocol: ${problem.spoken} or v1-or-v2`
    case 'secret_impossible':
      return `${problem.serverName}: this terminator cannot send a proxy secret; leave it out and say dangerously-trust-addresses with its addresses`
    case 'path_impossible':
      return `${problem.serverName}${problem.path}: this terminator cannot ask below a path: give certificates a host or a port of their own`
    case 'one_listener_needed':
      return `${problem.serverName}: this terminator hands path and rest of the host to one listener: name both in its hosts`
    case 'port_shared':
      return `port ${problem.port}: this terminator asks for certificates per port, so the mtls host needs a port of its own`
  }
}

const wantedUpstream = {
  plain: 'its listener ends TLS itself; behind this terminator it must not',
  tcp: 'this terminator reaches Holdfast over TCP: its listener needs HOST:PORT without tls, and a proxy secret',
  tls: 'its listener has no tls; behind this terminator Holdfast ends TLS itself',
} as const
