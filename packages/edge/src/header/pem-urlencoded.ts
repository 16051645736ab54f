import { fail } from '@holdfast/x509'
import type { Result } from '@holdfast/x509'
import type { CertificateHeaderProblem } from './certificate-decoder.ts'
import { pemBlocks } from './pem-blocks.ts'

/**
 * Reads percent-encoded PEM, leaf first: nginx's `$ssl_client_escaped_cert`, ingress-nginx, AWS ALB, Application Gateway.
 *
 * A literal `+` stays a `+` (ALB leaves it so); this is no form encoding.
 */
export function pemUrlencoded(value: string): Result<readonly Uint8Array[], CertificateHeaderProblem> {
  const text = percentDecoded(value)
  return text === undefined ? fail('percent_encoding') : pemBlocks(text, 'line-breaks')
}

/** Decodes percent-encoding and nothing else (RFC 3986 §2.1): no `+` for a blank. `undefined` when it is broken. */
export function percentDecoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}
