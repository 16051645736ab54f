import { headerName } from '../certificate-header-settings.ts'
import { createEdge } from '../create-edge.ts'
import type { RunningListener } from '../create-edge.ts'
import type { TlsNameCertificate } from '../edge-options.ts'
import type { Exchange } from '../exchange.ts'
import { certificateHeaderWriter } from './certificate-header-writer.ts'
import { forwardRequest } from './forward-request.ts'
import type { Route } from './forward-request.ts'
import { forwardUpgrade } from './forward-upgrade.ts'
import { proxyAnswer } from './proxy-answer.ts'
import { requestHeaders } from './request-headers.ts'
import { defaultReverseProxyLimits } from './reverse-proxy-options.ts'
import type {
  ReverseProxyListener,
  ReverseProxyLimits,
  ReverseProxyOptions,
  UpstreamOptions,
} from './reverse-proxy-options.ts'
import { upstream } from './upstream.ts'
import type { Upstream } from './upstream.ts'

/** A running reverse proxy. */
export interface ReverseProxy {
  /** In the order of the options. */
  readonly listeners: readonly RunningListener[]
  /** New connections to this TLS name get this certificate; throws, and changes nothing, when it is unusable. */
  replaceCertificate(listener: string, serverName: string, identity: TlsNameCertificate): void
  /** Takes no more connections, lets running requests end, and closes what is left after `within` milliseconds. */
  close(within?: number): Promise<void>
}

/**
 * Starts a reverse proxy that ends TLS for people and for clients with certificates on one port, and tells the application
 * behind it of a certificate in a header that nobody else can write.
 *
 * Rejects with a `TypeError` that names the option, or with the error of the system when an address cannot be taken.
 */
export async function createReverseProxy(options: ReverseProxyOptions): Promise<ReverseProxy> {
  const limits: ReverseProxyLimits = { ...defaultReverseProxyLimits, ...options.limits }
  const observe = options.observe ?? ignore
  const upstreams = new Map<UpstreamOptions, Upstream>()
  const routes = new Map<string, Map<string, Route>>()
  const secretHeaders = options.listeners.flatMap(({ names }) =>
    names.flatMap((name) => name.upstream.secret?.header ?? []),
  )
  const headers = requestHeaders(secretHeaders)
  for (const [index, listener] of options.listeners.entries()) {
    for (const [position, name] of listener.names.entries()) {
      const { secret } = name.upstream
      if (secret !== undefined) checkSecret(secret, `listeners[${index}].names[${position}].upstream.secret`)
      const pool = upstreams.get(name.upstream) ?? upstream(name.upstream, limits)
      upstreams.set(name.upstream, pool)
      const ofListener = routes.get(listener.name) ?? new Map<string, Route>()
      routes.set(listener.name, ofListener)
      ofListener.set(name.serverName, {
        upstream: pool,
        headers,
        certificate: name.role === 'mtls' ? certificateHeaderWriter(name.certificateHeader ?? 'rfc9440') : undefined,
        secret: secret === undefined ? [] : [secret.header, secret.value],
        limits,
        observe,
      })
    }
  }

  let underWay = 0
  const done = (): void => void underWay--

  function handler(exchange: Exchange): void {
    const { request, upgrade } = exchange
    const route = routes.get(exchange.listener)?.get(exchange.host)
    if (route === undefined) throw new TypeError(`${exchange.host} has no upstream`)
    // TRACE would show a client what we tell the application, the secret included.
    if (request.method === 'TRACE' || request.method === 'CONNECT') return proxyAnswer(exchange, 'method_not_allowed')
    if (exchange.certificateRefusal !== undefined) return proxyAnswer(exchange, 'certificate_unusable')
    if (underWay >= limits.maxRequests) return proxyAnswer(exchange, 'overloaded')
    const headers = route.headers(exchange)
    if (headers.stripped.length > 0) {
      const { host, role, remoteAddress } = exchange
      observe({ event: 'headers_stripped', host, role, remoteAddress, headers: headers.stripped })
    }
    underWay++
    if (upgrade === undefined) forwardRequest(exchange, route, headers, done)
    else forwardUpgrade(exchange, upgrade, route, headers, done)
  }

  const edge = await createEdge({
    listeners: options.listeners.map(edgeListener),
    handler,
    observe,
    limits: { requestTimeout: longestUpload, ...options.edgeLimits },
    upgrades: 'handed_over',
    strangeCertificateHeaders: 'left_to_handler',
  })
  return {
    listeners: edge.listeners,
    replaceCertificate: (listener, serverName, identity) => edge.replaceCertificate(listener, serverName, identity),
    async close(within) {
      await edge.close(within)
      for (const pool of upstreams.values()) pool.close()
    },
  }
}

function edgeListener({
  name,
  address,
  names,
  otherwise,
  proxyProtocol,
}: ReverseProxyListener): Parameters<typeof createEdge>[0]['listeners'][number] {
  return {
    kind: 'tls',
    name,
    address,
    names,
    ...(otherwise === undefined ? {} : { otherwise }),
    ...(proxyProtocol === undefined ? {} : { proxyProtocol }),
  }
}

function checkSecret(secret: NonNullable<UpstreamOptions['secret']>, path: string): void {
  headerName(secret.header, `${path}.header`)
  if (!/^[\x21-\x7e]{32,}$/.test(secret.value)) {
    throw new TypeError(`${path}.value: at least 32 visible ASCII characters without blanks`)
  }
}

function ignore(): void {
  // Nobody asked to be told.
}

/** Uploads may be large and slow; what the upstream wants is its own affair. */
const longestUpload = 300_000
