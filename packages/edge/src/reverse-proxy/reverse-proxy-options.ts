import type { EdgeLimits, TcpAddress, TlsNameCertificate, TlsNameOptions } from '../edge-options.ts'
import type { EdgeEvent, HostRole } from '../exchange.ts'
import type { ProxyProtocolVersion } from '../proxy-protocol.ts'

/** Everything that a reverse proxy is made from. */
export interface ReverseProxyOptions {
  readonly listeners: readonly ReverseProxyListener[]
  /** Told of everything that is worth counting. */
  readonly observe?: (event: ReverseProxyEvent) => void
  readonly limits?: Partial<ReverseProxyLimits>
  readonly edgeLimits?: Partial<EdgeLimits>
}

/** A TCP port on which TLS ends, under one or more names, each with what stands behind it. */
export interface ReverseProxyListener {
  readonly name: string
  readonly address: TcpAddress
  readonly names: readonly ReverseProxyName[]
  /** As in the options of a TLS listener. */
  readonly otherwise?: 'refuse' | { readonly main: string }
  readonly proxyProtocol?: ProxyProtocolVersion
}

export interface ReverseProxyName extends TlsNameOptions {
  readonly upstream: UpstreamOptions
  /** How the application learns of a certificate; for the role `mtls` only. Default `rfc9440`. */
  readonly certificateHeader?: CertificateHeaderFormat
}

/** `rfc9440`: `Client-Cert` and `Client-Cert-Chain`. `nginx`: `X-SSL-CERT` (escaped PEM) and `X-SSL-VERIFY`, without a chain. */
export type CertificateHeaderFormat = 'rfc9440' | 'nginx'

/** The application behind one or more names. Names with the same object share its connections. */
export interface UpstreamOptions {
  readonly address: TcpAddress | { readonly path: string }
  /** TLS towards it; by default none. */
  readonly tls?: UpstreamTls
  /** Sent with every request, so that the application can tell who asks. */
  readonly secret?: { readonly header: string; readonly value: string }
}

export interface UpstreamTls {
  /** The name that its certificate must have. */
  readonly serverName: string
  /** PEM of who vouches for it; by default the authorities that Node knows. */
  readonly ca?: string
  /** What we show, where it asks. */
  readonly identity?: TlsNameCertificate
}

/** Times in milliseconds. */
export interface ReverseProxyLimits {
  readonly connectTimeout: number
  /** Between two bytes of an upstream, and until its first. */
  readonly upstreamTimeout: number
  /** How long an idle connection to an upstream is kept: less than the upstream keeps it. */
  readonly upstreamKeepAlive: number
  readonly maxUpstreamConnections: number
  /** Requests under way, those that wait for a connection included. */
  readonly maxRequests: number
  readonly maxBodyBytes: number
  /** A WebSocket on which nothing comes either way is closed. */
  readonly webSocketTimeout: number
}

export const defaultReverseProxyLimits: ReverseProxyLimits = {
  connectTimeout: 5_000,
  upstreamTimeout: 60_000,
  // Node's servers close after 5 s, and who closes first must be us.
  upstreamKeepAlive: 4_000,
  maxUpstreamConnections: 256,
  maxRequests: 4_096,
  // Nothing is held in memory; this bounds only how long one request may last.
  maxBodyBytes: 1_073_741_824,
  webSocketTimeout: 600_000,
}

export type ReverseProxyEvent =
  | EdgeEvent
  | {
      readonly event: 'upstream_failed'
      readonly host: string
      readonly failure: UpstreamFailure
      /** `before`: answered with 502 or 504; `during`: the answer was cut off. */
      readonly moment: 'before' | 'during'
    }
  | {
      /** Headers by which a client could pass for another one, taken out of its request. */
      readonly event: 'headers_stripped'
      readonly host: string
      readonly role: HostRole
      readonly remoteAddress: string | undefined
      readonly headers: readonly string[]
    }

export interface UpstreamFailure {
  readonly reason: 'upstream_unreachable' | 'upstream_timeout' | 'upstream_broke_off' | 'upstream_malformed'
  /** What the system or the parser calls it. */
  readonly code: string
}
