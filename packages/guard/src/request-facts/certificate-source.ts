import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Server, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

import type { CertificateRefusal, ResourceRequestFacts } from '@holdfast/core'
import { captureTls, certificateHeaderReader, headerLines } from '@holdfast/edge'
import type { CertificateHeaderSettings } from '@holdfast/edge'

import { proxySecret } from './proxy-secret.ts'

/** Where the certificate of a request comes from; exactly one place per guard, and nothing sniffs. */
export type CertificateSource =
  | { readonly from: 'tls' }
  | { readonly from: 'caller' }
  | { readonly from: 'header'; readonly settings: CertificateHeaderSettings; readonly proof: ProxyProof }

/**
 * How the guard knows that a header was written by the proxy and not by a stranger.
 *
 * `unix-socket`: the server listens on a Unix socket, which only the proxy can reach. A secret: a header that the proxy sets
 * on the host that asks for certificates, and nowhere else; two values while rotating.
 */
export type ProxyProof = 'unix-socket' | { readonly secretHeader: string; readonly secrets: readonly string[] }

/** Finds the certificate's thumbprint for a request, in the one place that was configured. */
export interface CertificateReading {
  /** Of a request of `node:http`, `node:https` or `node:http2`. */
  ofNode(request: IncomingMessage | Http2ServerRequest): ResourceRequestFacts
  /**
   * Of a fetch `Request`.
   *
   * @param certificate DER, when the caller has it from his TLS layer
   */
  ofFetch(request: Request, certificate: Uint8Array | undefined): ResourceRequestFacts
}

/** Makes the reading for a source. RFC 8705 §3, RFC 9440. */
export function certificateReading(source: CertificateSource): CertificateReading {
  switch (source.from) {
    case 'tls':
      return { ofNode: handshakeReading(), ofFetch: () => misread('tls', 'a Request has no TLS connection') }
    case 'caller':
      return {
        ofNode: () => misread('caller', 'the certificate of a Node request is read by the guard'),
        ofFetch: (_request, certificate) =>
          certificate === undefined
            ? NO_CERTIFICATE
            : { certificateThumbprint: hash('sha256', certificate, 'base64url') },
      }
    case 'header': {
      const read = headerReading(source.settings, source.proof)
      const unixSockets = unixSocketConnections()
      return {
        ofNode: (request) => read(request.rawHeaders, () => unixSockets.has(connectionOf(request))),
        ofFetch: (request) => read([...request.headers].flat(), () => false),
      }
    }
  }
}

// A connection has one certificate for life, so it is taken once: parsing costs more than everything else here.
function handshakeReading(): (request: IncomingMessage | Http2ServerRequest) => ResourceRequestFacts {
  const known = new WeakMap<object, ResourceRequestFacts>()
  return (request) => {
    const connection = 'stream' in request ? request.stream.session : request.socket
    if (connection === undefined) return NO_CERTIFICATE
    const before = known.get(connection)
    if (before !== undefined) return before
    const socket = ('socket' in connection ? connection.socket : connection) as Partial<TLSSocket>
    if (socket.encrypted !== true || socket.destroyed === true) return NO_CERTIFICATE
    const { certificate, certificateRefusal } = captureTls(socket as TLSSocket, '', true)
    const facts: ResourceRequestFacts = {
      certificateThumbprint: certificate?.thumbprint,
      certificateRefusal: certificateRefusal,
    }
    known.set(connection, facts)
    return facts
  }
}

function headerReading(
  settings: CertificateHeaderSettings,
  proof: ProxyProof,
): (rawHeaders: readonly string[], isUnixSocket: () => boolean) => ResourceRequestFacts {
  const reader = certificateHeaderReader(settings)
  const isSecret = proof === 'unix-socket' ? undefined : proxySecret(proof.secrets)
  const lines = headerLines({
    certificate: settings.header,
    chain: settings.chainHeader,
    verdict: settings.verdictHeader,
    secret: proof === 'unix-socket' ? undefined : proof.secretHeader,
    clientAddress: undefined,
    companions: settings.format.companions,
  })
  return (rawHeaders, isUnixSocket) => {
    const { failure, secret, certificate, chain, verdict } = lines(rawHeaders)
    if (failure !== undefined) return refused({ ...failure })
    if (isSecret === undefined ? !isUnixSocket() : secret === undefined)
      return refused({ reason: 'proxy_proof_missing' })
    if (isSecret !== undefined && !isSecret(secret ?? '')) return refused({ reason: 'proxy_proof_wrong' })
    const reading = reader.read({ certificate, chain, verdict })
    if (!reading.ok) return refused({ ...reading.failure })
    const { certificate: presented } = reading.value
    return presented === undefined ? NO_CERTIFICATE : { certificateThumbprint: presented.thumbprint }
  }
}

// A missing address proves nothing, for a closed TCP connection has none either: the server must say where it listens. What
// it said of a connection stays true.
function unixSocketConnections(): { has(connection: Partial<Socket> | undefined): boolean } {
  const known = new WeakSet()
  return {
    has(connection) {
      if (connection === undefined) return false
      if (known.has(connection)) return true
      const { server } = connection as { server?: Partial<Server> }
      if (typeof server?.address?.() !== 'string') return false
      known.add(connection)
      return true
    },
  }
}

function connectionOf(request: IncomingMessage | Http2ServerRequest): Partial<Socket> | undefined {
  return 'stream' in request ? request.stream.session?.socket : request.socket
}

function refused(certificateRefusal: CertificateRefusal): ResourceRequestFacts {
  return { certificateThumbprint: undefined, certificateRefusal }
}

function misread(from: string, why: string): never {
  throw new TypeError(`guard options: certificate.from is '${from}', but ${why}`)
}

const NO_CERTIFICATE: ResourceRequestFacts = { certificateThumbprint: undefined }
