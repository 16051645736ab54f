import type { TLSSocket } from 'node:tls'
import type { PresentedCertificate } from '@holdfast/core'
import type { CertificateSourceFailure, TlsFacts } from './exchange.ts'
import { presentedCertificate } from './presented-certificate.ts'

/** All that will ever be known of a TLS connection. */
export interface CapturedTls {
  readonly facts: TlsFacts
  readonly certificate: PresentedCertificate | undefined
  readonly certificateRefusal: CertificateSourceFailure | undefined
}

/**
 * Takes the facts of a connection; to be called once, synchronously, in `secureConnection`.
 *
 * Later calls would find a shorter chain, and on a socket that has closed they have crashed the process. What Node thinks
 * of the chain (`authorized`) is not read: trust is judged per request, from the bytes.
 */
export function captureTls(socket: TLSSocket, serverName: string, asksForCertificate: boolean): CapturedTls {
  const facts: TlsFacts = {
    protocol: socket.getProtocol() === 'TLSv1.2' ? 'TLSv1.2' : 'TLSv1.3',
    cipher: socket.getCipher().name,
    alpn: socket.alpnProtocol === 'h2' || socket.alpnProtocol === 'http/1.1' ? socket.alpnProtocol : undefined,
    serverName,
    resumed: socket.isSessionReused(),
  }
  const leaf = asksForCertificate ? socket.getPeerX509Certificate() : undefined
  if (leaf === undefined) return { facts, certificate: undefined, certificateRefusal: undefined }

  const der = leaf.raw
  if (der.length > largestCertificate) {
    return refused(facts, { reason: 'certificate_too_large', length: der.length, limit: largestCertificate })
  }
  const chain: Uint8Array[] = []
  for (let next = leaf.issuerCertificate; next !== undefined; next = next.issuerCertificate) {
    if (1 + chain.length === mostCertificates) {
      return refused(facts, {
        reason: 'certificate_chain_too_long',
        count: mostCertificates + 1,
        limit: mostCertificates,
      })
    }
    chain.push(next.raw)
  }
  const source = { kind: 'handshake', serverName, resumed: facts.resumed } as const
  return { facts, certificate: presentedCertificate(der, chain, source), certificateRefusal: undefined }
}

function refused(facts: TlsFacts, certificateRefusal: CertificateSourceFailure): CapturedTls {
  return { facts, certificate: undefined, certificateRefusal }
}

/** RSA-8192 with a hundred names takes 6 KB, an ML-DSA-87 leaf 8 KB. */
const largestCertificate = 16_384
/** Leaf included. */
const mostCertificates = 5
