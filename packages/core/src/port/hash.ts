/** Digests of ASCII text, base64url without padding. */
export interface Hash {
  sha256(text: string): string
  sha512(text: string): string
}

/** Identifiers of a person that differ from sector to sector and say nothing about each other (OpenID Connect Core §8.1). */
export interface PairwiseIdentifiers {
  /** Always the same for the same sector and person; made with a secret of this server. */
  identify(sector: string, subject: string): string
}
