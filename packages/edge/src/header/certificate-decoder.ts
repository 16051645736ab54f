import type { Result } from '@holdfast/x509'

/** Why a header value is not what its one format says. */
export type CertificateHeaderSyntaxFailure = {
  readonly reason: 'certificate_header_malformed'
  /** `decoder` is the format that the listener is configured for. */
  readonly decoder: string
  readonly problem: CertificateHeaderProblem
}

export type CertificateHeaderProblem =
  | 'structured_field'
  | 'base64'
  | 'der_length'
  | 'percent_encoding'
  | 'pem'
  | 'too_many_certificates'
  | 'xfcc_grammar'
  | 'xfcc_several_elements'
  | 'xfcc_without_certificate'
  | 'xfcc_chain_mismatch'
  | 'xfcc_hash_mismatch'

/** Turns one header value, never empty, into the certificates it holds: DER, in the order of the value. */
export type CertificateDecoder = (value: string) => Result<readonly Uint8Array[], CertificateHeaderProblem>

/** Leaf and what a peer may send along with it; TLS stacks send 2 to 4. */
export const mostCertificates = 5
