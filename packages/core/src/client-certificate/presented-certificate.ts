/** SHA-256 over the certificate's DER, base64url without padding: the value of `x5t#S256` (RFC 8705 §3.1). */
export type CertificateThumbprint = string & { readonly [thumbprint]: true }
declare const thumbprint: unique symbol

/** How a certificate came in: from our own handshake, or from the one header that the listener is configured to read. */
export type CertificateSource =
  | { readonly kind: 'handshake'; readonly serverName: string; readonly resumed: boolean }
  | { readonly kind: 'header'; readonly preset: string; readonly header: string; readonly verdict: string | undefined }

/**
 * The certificate whose private key the peer has proven to hold, as bytes. Says nothing about trust.
 *
 * Made only in the edge (`edge/src/presented-certificate.ts`).
 */
export interface PresentedCertificate {
  /** The leaf, DER, exactly as received. */
  readonly der: Uint8Array
  readonly thumbprint: CertificateThumbprint
  /** Further certificates as the peer sent them, DER, leaf excluded; often empty (nginx, resumed sessions). */
  readonly chain: readonly Uint8Array[]
  readonly source: CertificateSource
  readonly [proof]: 'presented'
}
declare const proof: unique symbol
