import type { OutgoingHttpHeaders } from 'node:http'
import type { Duplex, Readable, Writable } from 'node:stream'
import type { PresentedCertificate } from '@holdfast/core'
import type { ClientHelloFailure } from './client-hello.ts'
import type { CertificateHeaderFailure } from './header/certificate-header-reader.ts'
import type { HeaderLinesFailure } from './header/header-lines.ts'
import type { HostAuthorityFailure } from './host-authority.ts'
import type { ProxyCertificateFailure } from './proxy-certificate.ts'
import type { ProxyProtocolFailure } from './proxy-protocol.ts'

/** `main` serves people and never asks for a certificate; `mtls` serves the back channel and asks. */
export type HostRole = 'main' | 'mtls'

/** What `IncomingMessage` and `Http2ServerRequest` have in common. */
export interface EdgeRequest extends Readable {
  readonly method?: string | undefined
  url?: string | undefined
  readonly headers: { readonly [name: string]: string | string[] | undefined }
  readonly rawHeaders: readonly string[]
  readonly httpVersion: string
  readonly httpVersionMajor: number
}

/** What `ServerResponse` and `Http2ServerResponse` have in common. */
export interface EdgeResponse extends Writable {
  statusCode: number
  readonly headersSent: boolean
  setHeader(name: string, value: number | string | readonly string[]): unknown
  getHeader(name: string): number | string | string[] | undefined
  removeHeader(name: string): void
  writeHead(status: number, headers?: OutgoingHttpHeaders | (string | number)[]): unknown
}

/** Facts of the TLS connection, taken once when its handshake ended. */
export interface TlsFacts {
  readonly protocol: 'TLSv1.2' | 'TLSv1.3'
  readonly cipher: string
  readonly alpn: 'h2' | 'http/1.1' | undefined
  /** The TLS name that took the connection. */
  readonly serverName: string
  readonly resumed: boolean
}

/** A request that may be served, with all that the edge knows of where it came from. */
export interface Exchange {
  readonly request: EdgeRequest
  readonly response: EdgeResponse
  /** Name of the listener. */
  readonly listener: string
  /** The host asked for, lower-case, without port; belongs to this listener and to the TLS name of the connection. */
  readonly host: string
  readonly role: HostRole
  /** In path style the path below which this was asked for, such as `/mtls`; else empty. Stands at the beginning of `request.url`. */
  readonly base: string
  readonly certificate: PresentedCertificate | undefined
  /** Why a certificate that came was not taken; `certificate` is then absent, and the request must not pass as one without. */
  readonly certificateRefusal: CertificateSourceFailure | undefined
  /** To be told when `certificate` was good for something, so that its header is remembered beside those of regulars. */
  readonly vouchFor: (certificate: PresentedCertificate) => void
  /** The client's address: the peer's, or what PROXY header or the configured address header of a proven proxy say. */
  readonly remoteAddress: string | undefined
  /** Absent behind a proxy. */
  readonly tls: TlsFacts | undefined
  /** The connection itself, where the client asks for a WebSocket and the edge hands those over (`upgrades`). */
  readonly upgrade: UpgradedConnection | undefined
}

/** A connection that leaves HTTP/1.1 behind (RFC 9110 §7.8), unless the response is written to as usual. */
export interface UpgradedConnection {
  readonly socket: Duplex
  /** What came after the request. */
  readonly head: Buffer
  /** Takes the connection away from the response. */
  take(): Duplex
}

/** Why no certificate is taken from a request on a host that takes certificates. */
export type CertificateSourceFailure =
  CertificateHeaderFailure | Exclude<HeaderLinesFailure, { reason: 'headers_too_many' }>

/** Why a request is not served at all. */
export type RequestRefusal =
  | { readonly reason: 'host_missing' | 'host_repeated' | 'request_target_malformed' }
  | {
      readonly reason: HostAuthorityFailure['reason'] | 'host_misdirected'
      readonly host: string
      readonly expected?: readonly string[]
    }
  | { readonly reason: 'host_contradicts_authority'; readonly host: string; readonly authority: string }
  | { readonly reason: 'proxy_proof_missing' | 'proxy_proof_wrong' | 'proxy_proof_repeated' }
  | ProxyCertificateFailure
  | HeaderLinesFailure
  | { readonly reason: 'shutting_down' }

/** A request that is answered with a refusal. */
export interface RefusedExchange {
  readonly request: EdgeRequest
  readonly response: EdgeResponse
  /** 421 where another connection could be right, 503 while closing, else 400 or 431. */
  readonly status: 400 | 421 | 431 | 503
  readonly refusal: RequestRefusal
  readonly listener: string
  readonly remoteAddress: string | undefined
  readonly tls: TlsFacts | undefined
}

/** Why a connection was closed before any request. */
export type ConnectionRefusal =
  | ClientHelloFailure
  | ProxyProtocolFailure
  | { readonly reason: 'server_name_unknown'; readonly serverName: string }
  | { readonly reason: 'server_name_missing' }
  | { readonly reason: 'client_hello_timeout' | 'handshake_timeout' | 'proxy_header_timeout' }
  | { readonly reason: 'handshakes_limited'; readonly scope: 'listener' | 'address'; readonly limit: number }
  | { readonly reason: 'connections_limited'; readonly limit: number }
  | { readonly reason: 'address_not_trusted' }
  | { readonly reason: 'handshake_failed'; readonly code: string }
  | { readonly reason: 'http_malformed'; readonly code: string }

/** What an operator may want to count or log. */
export type EdgeEvent =
  | {
      readonly event: 'connection_refused'
      readonly listener: string
      readonly remoteAddress: string | undefined
      readonly refusal: ConnectionRefusal
    }
  | {
      readonly event: 'request_refused'
      readonly listener: string
      readonly remoteAddress: string | undefined
      readonly status: number
      readonly refusal: RequestRefusal
    }
  | {
      readonly event: 'certificate_refused'
      readonly listener: string
      readonly remoteAddress: string | undefined
      readonly refusal: CertificateSourceFailure
    }
  | {
      /** The terminator says that there was a certificate, or sends a text of its own, but no certificate came. */
      readonly event: 'certificate_withheld'
      readonly listener: string
      readonly remoteAddress: string | undefined
      readonly header: string
      readonly value: string
    }
  | { readonly event: 'trust_lowered'; readonly listener: string; readonly option: string }
