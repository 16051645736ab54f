import type { CompactJws } from '../jose/compact-jws.ts'

/** A token whose origin is beyond doubt. Its claims are still to be judged: see resource-access-token.ts. */
export type VerifiedToken =
  | { readonly kind: 'jwt'; readonly typ: string | undefined; readonly claims: Claims; readonly [proof]: 'verified' }
  /** What the authorization server answered about an opaque token (RFC 7662 §2.2), `active` included. */
  | { readonly kind: 'introspected'; readonly claims: Claims; readonly [proof]: 'verified' }
declare const proof: unique symbol

type Claims = Readonly<Record<string, unknown>>

/** Mints the proof for a JWT. For whoever has just verified its signature with the issuer's key. */
export function verifiedJwt(jws: CompactJws): VerifiedToken {
  return { kind: 'jwt', typ: jws.header.typ, claims: jws.claims } as VerifiedToken
}

/** Mints the proof for an introspection response. For whoever has just got it from the issuer, over TLS. */
export function introspectedToken(response: Claims): VerifiedToken {
  return { kind: 'introspected', claims: response } as VerifiedToken
}
