import type { TokenDigest } from './access-token-store.ts'

export interface Random {
  /** At least 128 random bits, base64url: for `jti` and correlation ids. */
  identifier(): string
}

export interface OpaqueTokens {
  /** A new token of at least 256 random bits, base64url, and the digest to keep it under. */
  create(): { readonly token: string; readonly digest: TokenDigest }
  digest(token: string): TokenDigest
}
