import { createHash } from 'node:crypto'
import { Duplex } from 'node:stream'
import { TLSSocket, createSecureContext } from 'node:tls'

import { fail, ok } from '@holdfast/core'
import type { Result } from '@holdfast/core'

/** What `node:tls` needs to present a certificate. */
export type CertificateMaterial =
  | { readonly cert: string | Uint8Array; readonly key: string | Uint8Array; readonly passphrase?: string | undefined }
  | { readonly pfx: Uint8Array; readonly passphrase?: string | undefined }

/** A certificate that we can prove to hold. */
export interface ClientCertificate {
  readonly material: CertificateMaterial
  /** SHA-256 over the DER, base64url: what `x5t#S256` of our tokens must be (RFC 8705 §3.1). */
  readonly thumbprint: string
  readonly notAfter: Date
}

/**
 * Takes certificate and key in, once, and proves that they belong together.
 *
 * OpenSSL does the reading, of PEM and of PKCS#12 alike, exactly as it will for the handshake: what is presented and what
 * the thumbprint was made from cannot differ.
 */
export function clientCertificate(
  material: CertificateMaterial,
): Result<ClientCertificate, { readonly reason: 'certificate_unusable'; readonly detail: string }> {
  try {
    const secureContext = createSecureContext(tlsOptions(material))
    const socket = new TLSSocket(new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() }), {
      secureContext,
    })
    const certificate = socket.getX509Certificate()
    socket.destroy()
    if (certificate === undefined) return fail({ reason: 'certificate_unusable', detail: 'no certificate in it' })
    const thumbprint = createHash('sha256').update(certificate.raw).digest('base64url')
    return ok({ material, thumbprint, notAfter: certificate.validToDate })
  } catch (error) {
    return fail({ reason: 'certificate_unusable', detail: error instanceof Error ? error.message : String(error) })
  }
}

/** The material in the form and the mutability that `node:tls` expects. */
export function tlsOptions(material: CertificateMaterial): {
  cert?: string | Buffer
  key?: string | Buffer
  pfx?: Buffer
  passphrase?: string
} {
  const secret = material.passphrase === undefined ? {} : { passphrase: material.passphrase }
  return 'pfx' in material
    ? { pfx: Buffer.from(material.pfx), ...secret }
    : { cert: textOrBuffer(material.cert), key: textOrBuffer(material.key), ...secret }
}

function textOrBuffer(value: string | Uint8Array): string | Buffer {
  return typeof value === 'string' ? value : Buffer.from(value)
}
