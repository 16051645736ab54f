export interface PublishedKeys {
  /** The JWK Set (RFC 7517 §5) as JSON: every key that signs, will sign, or has signed tokens that may still live. */
  jwks(): string
}
