/** A JWS in compact form, taken apart; nothing is verified (RFC 7515 §3.1). */
export interface CompactJws {
  readonly header: JoseHeader
  /** The payload as a JSON object. */
  readonly claims: Readonly<Record<string, unknown>>
  /** What the signature is over: the first two parts with their dot, ASCII. */
  readonly signingInput: string
  readonly signature: Uint8Array
}

/** The header members that are looked at. Keys in a header (`jwk`, `jku`, `x5c`, `x5u`) are never read. */
export interface JoseHeader {
  readonly alg: string
  readonly kid: string | undefined
  readonly typ: string | undefined
}
