import { X509Certificate } from 'node:crypto'
import type { Certificate } from '@holdfast/x509'
import type { ExitCode, Terminal } from '../terminal.ts'
import { readCertificates } from './read-certificates.ts'
import { thumbprintOf } from './thumbprint-of.ts'

/** Prints a JWK Set with the key and certificate of each file, as `self_signed_tls_client_auth` registers it (RFC 8705 §2.2.2). */
export function certJwks(files: readonly string[], terminal: Terminal): ExitCode {
  const keys = files.map((file) => jwkOf(readCertificates(file, terminal)))
  if (terminal.json) terminal.printJson({ keys })
  else terminal.print(JSON.stringify({ keys }, null, 2))
  return 0
}

/** RFC 7517 §4.7: `x5c` is plain base64, the certificate of the key first. */
export function jwkOf(chain: readonly [Certificate, ...Certificate[]]): Record<string, unknown> {
  const [leaf] = chain
  const thumbprint = thumbprintOf(leaf.der)
  return {
    ...new X509Certificate(leaf.der).publicKey.export({ format: 'jwk' }),
    kid: thumbprint,
    'x5t#S256': thumbprint,
    x5c: chain.map(({ der }) => Buffer.from(der).toString('base64')),
  }
}
