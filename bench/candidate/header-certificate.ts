import { hash } from 'node:crypto'
import { type IncomingMessage } from 'node:http'

/** The DER of nginx's `$ssl_client_escaped_cert`, by the shortest road that any of the peers' users would write. */
export function headerCertificate(header: string): Buffer {
  return Buffer.from(decodeURIComponent(header).replace(/-----[A-Z ]+-----|\s/g, ''), 'base64')
}

/** `x5t#S256` of the request's certificate, remembered by the header's text; empty without one. */
export function thumbprintOfHeader(): (request: IncomingMessage) => string {
  const known = new Map<string, string>()
  return (request) => {
    const header = request.headers['x-ssl-cert']
    if (typeof header !== 'string') return ''
    const remembered = known.get(header)
    if (remembered !== undefined) return remembered
    const thumbprint = hash('sha256', headerCertificate(header), 'base64url')
    known.set(header, thumbprint)
    return thumbprint
  }
}
