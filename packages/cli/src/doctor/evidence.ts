import type { Deployment } from './deployment.ts'
import type { CertificateFault } from './server-certificate.ts'
import type { HandshakeFacts } from './probe/open-connection.ts'
import type { Seen } from './probe/seen.ts'

/** Everything that the probes brought home: plain data, from which the checks decide. */
export interface Evidence {
  readonly deployment: Deployment
  /** What came in place of the metadata, where they could not be read: nothing else was tried then. */
  readonly metadata: 'read' | Seen
  /** Whether a token for the echo was at hand, and the server knew it; `main_only`: not the one behind the certificate host. */
  readonly echo: 'answers' | 'main_only' | 'refuses' | 'not_tried'
  /** Of the host for people. */
  readonly mainHandshakes: readonly HandshakeSeen[]
  /** Of the host that asks for certificates. */
  readonly mtlsHandshakes: readonly HandshakeSeen[]
  /** Without a name, and with one that nobody has, on the port for people. */
  readonly otherNames: readonly HandshakeSeen[]
  /** At each further address that the name of a host leads to. */
  readonly addresses: readonly AddressSeen[]
  /** Of a certificate host that is a path: whether the server asked while the request was running. */
  readonly asksDuringRequest: 'yes' | 'no' | 'refused' | 'not_tried' | 'in_handshake'
  /** By the kind of certificate and TLS version: `none`, `plain`, `expired`, … */
  readonly certificates: readonly CertificateSeen[]
  /** What a large form meets, sent with a certificate; `undefined` where no certificate is let in. */
  readonly largeBody: { readonly kilobytes: number; readonly seen: Seen } | undefined
  /** A certificate, shown at each path of the aliases. */
  readonly atPaths: readonly { readonly path: string; readonly thumbprint: string; readonly seen: Seen }[]
  readonly forgeries: readonly ForgerySeen[]
  readonly misdirected: readonly MisdirectedSeen[]
  readonly hopByHop: readonly HopByHopSeen[]
  readonly sessions: readonly SessionSeen[]
  readonly expiredMeanwhile: ExpiredMeanwhileSeen | undefined
  readonly plainHttp: { readonly tried: string; readonly seen: Seen } | undefined
  readonly backend: readonly BackendSeen[]
  readonly endpoints: readonly EndpointSeen[]
  /** Those of the host for people, and the keys. */
  readonly mainEndpoints: readonly EndpointSeen[]
  /** A form that was sent to the server, and what it says of it. */
  readonly bodies: readonly BodySeen[]
  readonly largeHeaders: readonly { readonly side: 'main' | 'mtls'; readonly kilobytes: number; readonly seen: Seen }[]
  /** Answers of the second of two equal requests that were those of the first. */
  readonly cached: readonly ('main' | 'mtls')[]
  readonly crossOrigin: readonly { readonly side: 'main' | 'mtls'; readonly origin: string; readonly seen: Seen }[]
  readonly serverCertificates: readonly (CertificateFault & { readonly authority: string })[]
  /** Seconds by which the server’s clock is ahead of ours; `undefined` where only a terminator told the time. */
  readonly clockAhead: number | undefined
  /** Pages for people that were found, by their address. */
  readonly pages: readonly { readonly url: string; readonly text: string; readonly headers: string }[]
  /** Metadata that the certificate host serves itself. */
  readonly aliasMetadata: { readonly issuer: string | undefined } | undefined
  readonly authorizeOnMtls: Seen | undefined
  readonly tokens: TokenSeen | undefined
  /** What gives a terminator away: header values and the answer to nonsense. */
  readonly marks: { readonly headers: readonly Readonly<Record<string, string>>[]; readonly nonsense: string }
}

export interface HandshakeSeen {
  /** Empty: no name. */
  readonly serverName: string
  readonly version: string
  readonly alpn: string
  readonly facts: HandshakeFacts | undefined
  /** Where there was no handshake. */
  readonly refused: Seen | undefined
}

export type CertificateKind =
  | 'none'
  | 'plain'
  | 'rsa'
  | 'ed25519'
  | 'plus_and_slash'
  | 'with_chain'
  | 'expired'
  | 'future'
  | 'for_servers'
  | `${number}_kb`

export interface CertificateSeen {
  readonly kind: CertificateKind
  readonly version: 'TLSv1.2' | 'TLSv1.3'
  /** Of the certificate that was shown; absent for `none`. */
  readonly thumbprint: string | undefined
  readonly seen: Seen
}

export interface AddressSeen {
  readonly side: 'main' | 'mtls'
  readonly address: string
  readonly facts: HandshakeFacts | undefined
  readonly refused: Seen | undefined
}

export interface BodySeen {
  readonly side: 'main' | 'mtls'
  readonly length: number
  /** SHA-256 in base64url. */
  readonly digest: string
  readonly seen: Seen
}

export interface ForgerySeen {
  /** Where it was tried. `mixed` names one host in TLS and the other in `Host`. */
  readonly through: 'main' | 'mtls' | 'mtls_with_certificate' | 'mixed'
  readonly http: 'http/1.1' | 'h2'
  readonly header: string
  readonly spelling: 'plain' | 'underscore' | 'case' | 'twice'
  /** Where it was tried; absent for the path of the echo. */
  readonly path?: string
  /** Thumbprint of the certificate in the header. */
  readonly forged: string
  /** Of the certificate that was shown in TLS. */
  readonly shown: string | undefined
  /** What the same request meets without the header. */
  readonly before: Seen
  readonly seen: Seen
}

export interface MisdirectedSeen {
  readonly serverName: 'main' | 'mtls'
  readonly http: 'http/1.1' | 'h2'
  readonly seen: Seen
}

export interface HopByHopSeen {
  readonly what: 'certificate' | 'verdict'
  readonly header: string
  readonly shown: string
  readonly seen: Seen
}

export interface SessionSeen {
  readonly from: 'main' | 'mtls'
  readonly to: 'main' | 'mtls'
  readonly version: string
  /** Octets of early data that the session allows (RFC 8446 §4.6.1). */
  readonly earlyData: number
  /** Thumbprint of the certificate of the first handshake, or on hand at the second one. */
  readonly certificate: string
  readonly first: Seen
  /** `undefined`: the server gave no session, or did not take it back. */
  readonly resumed: 'yes' | 'no' | 'no_session' | 'refused'
  readonly second: Seen | undefined
}

export interface ExpiredMeanwhileSeen {
  readonly version: string
  readonly resumed: 'yes' | 'no' | 'refused'
  readonly seen: Seen | undefined
}

export interface BackendSeen {
  readonly address: string
  readonly header: string
  readonly forged: string
  readonly seen: Seen
}

export interface EndpointSeen {
  /** As in `mtls_endpoint_aliases`. */
  readonly endpoint: string
  readonly url: string
  readonly seen: Seen
}

export interface TokenSeen {
  readonly issued: Seen
  readonly bound: 'yes' | 'no' | 'unknown'
  readonly withCertificate: Seen | undefined
  readonly withoutCertificate: Seen | undefined
  readonly withOtherCertificate: Seen | undefined
  readonly withForgedHeader: Seen | undefined
}
