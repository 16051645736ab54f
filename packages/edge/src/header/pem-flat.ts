import type { Result } from '@holdfast/x509'
import type { CertificateHeaderProblem } from './certificate-decoder.ts'
import { pemBlocks } from './pem-blocks.ts'

/** Reads PEM whose line breaks became blanks or tabs on their way into a header: Apache's `%{SSL_CLIENT_CERT}s`, F5. */
export function pemFlat(value: string): Result<readonly Uint8Array[], CertificateHeaderProblem> {
  return pemBlocks(value, 'blanks')
}
