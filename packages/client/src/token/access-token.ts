/** An access token as the client hands it out. */
export interface AccessToken {
  /** What goes behind `Bearer`. A secret when `binding` is `none`. */
  readonly value: string
  readonly expiresAt: Date | undefined
  /** What was granted, when the server said so. */
  readonly scope: readonly string[] | undefined
  /** `unknown` for an opaque token: only the server knows what it stands for. */
  readonly binding: 'bound' | 'unknown' | 'none'
  /** Of the certificate that was presented for it. */
  readonly thumbprint: string | undefined
}
