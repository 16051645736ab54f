import type { Awaitable, Clock } from '@holdfast/core'
import type { AnchorSet, ExpectedSubjectAltName, RevocationFailure, ValidatedPath } from '@holdfast/x509'
import type { EdgeEvent, Exchange, HostRole, RefusedExchange } from './exchange.ts'
import type { CertificateHeaderPreset, CertificateHeaderPresetName } from './header/certificate-header-preset.ts'
import type { ProxyProtocolVersion } from './proxy-protocol.ts'

/** Everything that an edge is made from. */
export interface EdgeOptions {
  readonly listeners: readonly ListenerOptions[]
  /** Serves a request. Called synchronously; what it throws closes the connection and goes on as an uncaught error. */
  readonly handler: (exchange: Exchange) => void
  /** Answers a request that the edge refuses; by default with the status and a small JSON body. */
  readonly refusalHandler?: (refused: RefusedExchange) => void
  /** Told of everything that is worth counting. */
  readonly observe?: (event: EdgeEvent) => void
  readonly limits?: Partial<EdgeLimits>
  /** What becomes of requests to switch to the WebSocket protocol: ignored, or given to the handler. Default `ignored`. */
  readonly upgrades?: 'ignored' | 'handed_over'
  /**
   * Certificate headers where none are read: the request is refused, or given to a handler that strips them itself.
   * Default `refused`.
   */
  readonly strangeCertificateHeaders?: 'refused' | 'left_to_handler'
  /** By which the certificate of a proxy is judged. Default: the system's. */
  readonly clock?: Clock
}

export type ListenerOptions = TlsListenerOptions | PlainListenerOptions

/** A TCP port on which we end TLS, under one or more names. */
export interface TlsListenerOptions {
  readonly kind: 'tls'
  readonly name: string
  readonly address: TcpAddress
  readonly names: readonly TlsNameOptions[]
  /** What takes a client that names no server, or an unknown one: nobody, or one of the `main` names. Default `refuse`. */
  readonly otherwise?: 'refuse' | { readonly main: string }
  readonly proxyProtocol?: ProxyProtocolVersion
}

/** One TLS name: its own certificate, its own sessions. */
export interface TlsNameOptions extends TlsNameCertificate {
  readonly serverName: string
  /** `mtls` asks for a client certificate, `main` never does. */
  readonly role: HostRole
  /**
   * The port by which clients know this name, checked in `Host`. Default: any, but the listener's own port for a name that
   * stands on another TLS listener with the other role.
   */
  readonly publicPort?: number
  /**
   * `off`: each connection makes a full handshake. `same-certificate`: sessions of this name are resumed until its
   * certificate or trust is replaced. Default `off` for `mtls`, `same-certificate` for `main`.
   */
  readonly resumption?: 'off' | 'same-certificate'
  /** Default both. */
  readonly protocols?: readonly ('h2' | 'http/1.1')[]
  /** Default `TLSv1.2`. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
}

/** PEM: certificate with its intermediates, and the private key. */
export interface TlsNameCertificate {
  readonly certificate: string
  readonly key: string
  readonly passphrase?: string
}

/** A listener behind a proxy that ends the clients' TLS: a Unix socket, or a TCP port. */
export interface PlainListenerOptions {
  readonly kind: 'plain'
  readonly name: string
  readonly address: TcpAddress | UnixAddress
  readonly hosts: readonly PlainHostOptions[]
  /** The header by which certificates come in. Without it a certificate header is a reason to refuse the request. */
  readonly clientCertificate?: ClientCertificateOptions
  /** How the proxy is known; must be said on TCP when certificates come in. */
  readonly proof?: ProxyProof
  /** A header of the proxy with the client's address; its last element counts. Needs a Unix socket or a proof. */
  readonly clientAddressHeader?: string
  readonly proxyProtocol?: ProxyProtocolVersion
}

export interface PlainHostOptions {
  readonly host: string
  readonly role: HostRole
  readonly publicPort?: number
  /**
   * In path style: the path of `host` below which role and certificates of these options hold, such as `/mtls`. The rest of the
   * host is an entry of its own, without `path`, here or on another listener.
   */
  readonly path?: string
  /** Whether requests to this host may carry a certificate. Default: those with role `mtls` do. */
  readonly certificate?: 'taken' | 'refused'
}

/** Where certificates come from behind a proxy: a preset, with names changed where the operator chose others. */
export interface ClientCertificateOptions {
  readonly from: CertificateHeaderPresetName | CertificateHeaderPreset
  readonly header?: string
  /** `none` when the terminator sends no chain. */
  readonly chainHeader?: string
  readonly verdictHeader?: string
  /** Default `optional`. */
  readonly verdict?: 'required' | 'optional'
  /** Default `only`. */
  readonly xfccElement?: 'only' | 'first' | 'last'
}

export type ProxyProof =
  /** A header that the proxy sets on the virtual host that asks for certificates, and nowhere else; two values while rotating. */
  | { readonly secretHeader: string; readonly secrets: readonly string[] }
  /** TLS from the proxy ends here, and the proxy shows a certificate of its own: never taken for a client's. */
  | { readonly tls: TlsNameCertificate; readonly proxyCertificate: ProxyCertificateOptions }
  /** Believes whoever connects from these addresses or prefixes (`10.0.0.2`, `10.1.0.0/16`): any program there can forge. */
  | { readonly dangerouslyTrustedAddresses: readonly string[] }

/** Which certificate the proxy must show. Judged by its dates, and by its issuers where it is not pinned, at each request. */
export type ProxyCertificateOptions =
  /** SHA-256 over the DER, base64url or hex with or without colons. */
  | { readonly thumbprints: readonly string[] }
  /** Vouched for by these anchors, and with this name; the anchors are asked for at each request, so that they can be replaced. */
  | {
      readonly anchors: () => AnchorSet
      readonly name: ExpectedSubjectAltName
      /**
       * Says whether a certificate of the path is known to be revoked, or cannot be known not to be; asked at each request, `now`
       * in epoch seconds. At once where what is known suffices. Without it nobody is asked.
       */
      readonly revocation?: (path: ValidatedPath, now: number) => Awaitable<RevocationFailure | undefined>
    }

export interface TcpAddress {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
}

export interface UnixAddress {
  readonly path: string
  /** Permissions of the socket file. Default 0o660. */
  readonly mode?: number
}

/** Bounds for hostile input. Times in milliseconds. */
export interface EdgeLimits {
  readonly proxyHeaderTimeout: number
  readonly clientHelloTimeout: number
  readonly handshakeTimeout: number
  readonly headersTimeout: number
  readonly requestTimeout: number
  readonly keepAliveTimeout: number
  readonly maxConnections: number
  readonly maxHandshakes: number
  readonly maxHandshakesPerAddress: number
  /** Bytes of all request headers together, on TLS listeners. */
  readonly maxHeaderSize: number
  /** The same behind a proxy, where a certificate travels in them. */
  readonly maxHeaderSizeBehindProxy: number
  readonly maxStreamsPerConnection: number
}

export const defaultEdgeLimits: EdgeLimits = {
  proxyHeaderTimeout: 5_000,
  clientHelloTimeout: 5_000,
  handshakeTimeout: 10_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  // Longer than the 60 s for which nginx and others keep their side open: who closes first must be the proxy.
  keepAliveTimeout: 75_000,
  maxConnections: 10_000,
  // A full handshake takes a millisecond of one core: more in flight than this would not be done within the time-out.
  maxHandshakes: 2_000,
  // Many honest clients share an address behind NAT; without a limit one address could take all.
  maxHandshakesPerAddress: 500,
  maxHeaderSize: 16_384,
  maxHeaderSizeBehindProxy: 65_536,
  maxStreamsPerConnection: 100,
}
