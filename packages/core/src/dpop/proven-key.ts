/** A key whose holder made a proof for this very request (RFC 9449 §4.3). */
export interface ProvenKey {
  /** SHA-256 thumbprint (RFC 7638), base64url. */
  readonly thumbprint: string
  readonly [proof]: 'proven'
}
declare const proof: unique symbol

/** Mints the proof. For whoever has verified claims, signature and first use: see endpoint/dpop-request.ts. */
export function provenKey(thumbprint: string): ProvenKey {
  return { thumbprint } as ProvenKey
}
